import {
  ErrorCodes,
  ResponseError,
  type CancellationToken,
  type Connection,
  type InitializeResult,
  type RenameParams,
} from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { fileOf } from '../config/language/context.ts';
import type { LanguageContext } from '../config/language/types.ts';
import { UserError } from '../protocol/errors.ts';
import { touches } from './fixes.ts';
import type { Language } from './language.ts';
import {
  TOKEN_LEGEND,
  toDocumentLink,
  toFoldingRange,
  toInlayHint,
  toLocation,
  toSelectionRange,
  toSemanticTokens,
  type Own,
} from './translate.ts';

export const NAVIGATION_CAPABILITIES: InitializeResult['capabilities'] = {
  definitionProvider: true,
  referencesProvider: true,
  renameProvider: { prepareProvider: true },
  documentLinkProvider: {},
  foldingRangeProvider: true,
  selectionRangeProvider: true,
  documentFormattingProvider: true,
  inlayHintProvider: true,
  semanticTokensProvider: { legend: TOKEN_LEGEND, full: true },
};

/** What is answered to the editor, at once or when what it lacks is known. */
export type Answered<P, R> = (parameters: P, token: CancellationToken) => Promise<R>;

type Answer = <P extends { textDocument: { uri: string } }, R>(
  what: string,
  fallback: R,
  work: (parameters: P, document: TextDocument) => R,
) => Answered<P, R>;

/** Ways through a file and its names, its layout, and what follows from its values. */
export function offerNavigation(
  connection: Connection,
  language: Language,
  contextOf: (uri: string) => LanguageContext,
  answer: Answer,
): void {
  const ownOf = (uri: string): Own => ({ uri, file: fileOf(contextOf(uri)) });
  connection.onDefinition(
    answer('definition', null, ({ position }, document) => {
      const found = language.definition(document.getText(), position, contextOf(document.uri));
      return found === null ? null : toLocation(found, ownOf(document.uri));
    }),
  );
  connection.onReferences(
    answer('references', [], ({ position }, document) =>
      language
        .references(document.getText(), position, contextOf(document.uri))
        .map((place) => toLocation(place, ownOf(document.uri))),
    ),
  );
  connection.onPrepareRename(
    answer('rename', null, ({ position }, document) =>
      language.renameable(document.getText(), position, contextOf(document.uri)),
    ),
  );
  const rename = answer('rename', null, ({ position, newName }: RenameParams, document) => {
    try {
      const edits = language.rename(document.getText(), position, newName, contextOf(document.uri));
      return { textDocument: { uri: document.uri, version: document.version }, edits: [...edits] };
    } catch (error) {
      // A name that cannot be given is for the person to read; anything else that goes wrong is a defect.
      if (error instanceof UserError) return error;
      throw error;
    }
  });
  connection.onRenameRequest(async (parameters, token) => {
    const result = await rename(parameters, token);
    if (result instanceof UserError) {
      const { message, help } = result.problem;
      throw new ResponseError(ErrorCodes.InvalidParams, `${message}. ${help}`);
    }
    return result === null ? null : { documentChanges: [result] };
  });
  connection.onDocumentLinks(
    answer('links', [], (_parameters, document) =>
      language
        .links(document.getText(), contextOf(document.uri))
        .map((link) => toDocumentLink(link, document.uri)),
    ),
  );
  connection.onFoldingRanges(
    answer('folding', [], (_parameters, document) => language.folds(document.getText()).map(toFoldingRange)),
  );
  connection.onSelectionRanges(
    answer('selection', [], ({ positions }, document) =>
      language.selections(document.getText(), positions).map(toSelectionRange),
    ),
  );
  connection.onDocumentFormatting(
    answer('formatting', [], (_parameters, document) => [...language.format(document.getText())]),
  );
  connection.languages.inlayHint.on(
    answer('hints', [], ({ range }, document) =>
      language
        .hints(document.getText(), contextOf(document.uri))
        .filter(({ position }) => touches({ start: position, end: position }, range))
        .map(toInlayHint),
    ),
  );
  connection.languages.semanticTokens.on(
    answer('tokens', { data: [] }, (_parameters, document) => ({
      data: toSemanticTokens(language.tokens(document.getText(), contextOf(document.uri))),
    })),
  );
}
