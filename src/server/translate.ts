import {
  CompletionItemKind,
  DiagnosticSeverity,
  FoldingRangeKind,
  InlayHintKind,
  InsertTextFormat,
  MarkupKind,
  SymbolKind,
  type CompletionItem,
  type Diagnostic as LspDiagnostic,
  type DocumentLink,
  type DocumentSymbol,
  type FoldingRange,
  type Hover as LspHover,
  type InlayHint,
  type Location,
  type SelectionRange,
} from 'vscode-languageserver/node';
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Diagnostic, Severity } from '../config/diagnostic.ts';
import {
  TOKEN_TYPES,
  type Completion,
  type CompletionKind,
  type ConfigSymbol,
  type FileRange,
  type Fold,
  type Hint,
  type Hover,
  type Link,
  type Token,
} from '../config/language/types.ts';
import type { Range } from '../protocol/errors.ts';
import { LENS_COMMANDS } from '../protocol/lsp.ts';

/** Shown beside every message, and in the Problems view. */
export const SOURCE = 'kd';

const SEVERITIES: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
};

/** A document and the path under which the language knows it, which one that was never saved does not have on the disk. */
export interface Own {
  readonly uri: string;
  readonly file: string;
}

function uriOf(file: string, own: Own): string {
  return file === own.file || !isAbsolute(file) ? own.uri : pathToFileURL(file).href;
}

/** The help is part of the message: the protocol has no place of its own for the next step. */
export function toLspDiagnostic(diagnostic: Diagnostic, own: Own): LspDiagnostic {
  const { range, severity, code, message, help, relatedInformation } = diagnostic;
  return {
    range,
    severity: SEVERITIES[severity],
    code,
    source: SOURCE,
    message: help === '' ? message : `${message}\n${help}`,
    ...(relatedInformation === undefined
      ? {}
      : {
          relatedInformation: relatedInformation.map((related) => ({
            location: { uri: uriOf(related.file, own), range: related.range },
            message: related.message,
          })),
        }),
  };
}

const COMPLETION_KINDS: Readonly<Record<CompletionKind, CompletionItemKind>> = {
  key: CompletionItemKind.Property,
  value: CompletionItemKind.EnumMember,
  method: CompletionItemKind.Function,
  model: CompletionItemKind.Class,
  layer: CompletionItemKind.Field,
  class: CompletionItemKind.EnumMember,
  run: CompletionItemKind.Reference,
  file: CompletionItemKind.File,
  folder: CompletionItemKind.Folder,
  snippet: CompletionItemKind.Snippet,
};

export function toCompletionItem(completion: Completion): CompletionItem {
  return {
    label: completion.label,
    kind: COMPLETION_KINDS[completion.kind],
    detail: completion.detail,
    documentation: { kind: MarkupKind.Markdown, value: completion.documentation },
    insertTextFormat: completion.snippet ? InsertTextFormat.Snippet : InsertTextFormat.PlainText,
    textEdit: { range: completion.range, newText: completion.insertText },
    sortText: completion.sortText,
  };
}

export function toLspHover(hover: Hover): LspHover {
  return { range: hover.range, contents: { kind: MarkupKind.Markdown, value: hover.markdown } };
}

const SYMBOL_KINDS: Readonly<Record<ConfigSymbol['kind'], SymbolKind>> = {
  block: SymbolKind.Namespace,
  model: SymbolKind.Class,
  term: SymbolKind.Function,
  list: SymbolKind.Array,
  value: SymbolKind.Property,
};

export function toDocumentSymbol(symbol: ConfigSymbol): DocumentSymbol {
  return {
    name: symbol.name === '' ? '(empty)' : symbol.name,
    detail: symbol.detail,
    kind: SYMBOL_KINDS[symbol.kind],
    range: symbol.range,
    selectionRange: symbol.selectionRange,
    children: symbol.children.map(toDocumentSymbol),
  };
}

export function toLocation({ file, range }: FileRange, own: Own): Location {
  return { uri: uriOf(file, own), range };
}

export function toInlayHint({ position, label, tooltip }: Hint): InlayHint {
  return {
    position,
    label,
    kind: InlayHintKind.Type,
    tooltip: { kind: MarkupKind.Markdown, value: tooltip },
    paddingLeft: true,
  };
}

export function toDocumentLink({ range, tooltip, target }: Link, uri: string): DocumentLink {
  const address =
    'file' in target
      ? pathToFileURL(target.file).href
      : `command:${LENS_COMMANDS.panel}?${encodeURIComponent(JSON.stringify([uri]))}`;
  return { range, tooltip, target: address };
}

export function toFoldingRange({ startLine, endLine, kind }: Fold): FoldingRange {
  return {
    startLine,
    endLine,
    kind: kind === 'comment' ? FoldingRangeKind.Comment : FoldingRangeKind.Region,
  };
}

/** Ranges from the inside out as the protocol nests them. */
export function toSelectionRange(ranges: readonly Range[]): SelectionRange {
  const nested = ranges.reduceRight<SelectionRange | undefined>(
    (parent, range) => (parent === undefined ? { range } : { range, parent }),
    undefined,
  );
  const nothing = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
  return nested ?? { range: nothing };
}

/** Names of token types and modifiers, to which the numbers below refer. */
export const TOKEN_LEGEND = { tokenTypes: [...TOKEN_TYPES], tokenModifiers: ['declaration'] };

/** Five numbers a token: lines down, characters on, length, type, modifiers. */
export function toSemanticTokens(tokens: readonly Token[]): number[] {
  let [line, character] = [0, 0];
  return tokens.flatMap(({ range: { start, end }, type, declares }) => {
    const lines = start.line - line;
    const on = lines === 0 ? start.character - character : start.character;
    [line, character] = [start.line, start.character];
    return [lines, on, end.character - start.character, TOKEN_TYPES.indexOf(type), declares ? 1 : 0];
  });
}
