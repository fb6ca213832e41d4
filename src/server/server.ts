import {
  CodeActionKind,
  CodeLensRefreshRequest,
  TextDocuments,
  TextDocumentSyncKind,
  type Connection,
  type InitializeParams,
  type InitializeResult,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import {
  CHECK_REQUEST,
  EFFECTIVE_REQUEST,
  FIX_ALL_KIND,
  RECHECK_NOTIFICATION,
  RUNS_CHANGED_NOTIFICATION,
  SUGGEST_PAIR_REQUEST,
  type CheckParameters,
  type CheckResult,
  type EffectiveResult,
  type SuggestedPair,
} from '../protocol/lsp.ts';
import { Checks } from './checks.ts';
import { codeActions } from './code-actions.ts';
import { guarded } from './guard.ts';
import type { Language } from './language.ts';
import { LastRuns } from './last-runs.ts';
import { codeLenses } from './lenses.ts';
import { NAVIGATION_CAPABILITIES, offerNavigation } from './navigation.ts';
import { Schedule } from './schedule.ts';
import { summarize } from './summary.ts';
import { toCompletionItem, toDocumentSymbol, toLspDiagnostic, toLspHover } from './translate.ts';
import { Workspace } from './workspace.ts';

/** Characters after which completion opens by itself: behind a key, in a list or map, in a path. */
const COMPLETION_TRIGGERS = [' ', ':', '[', '{', ',', '-', '.', '/', '"', "'"];

const CAPABILITIES: InitializeResult['capabilities'] = {
  textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
  completionProvider: { triggerCharacters: COMPLETION_TRIGGERS },
  hoverProvider: true,
  codeActionProvider: {
    codeActionKinds: [
      CodeActionKind.QuickFix,
      FIX_ALL_KIND,
      CodeActionKind.RefactorRewrite,
      CodeActionKind.RefactorExtract,
    ],
  },
  codeLensProvider: {},
  documentSymbolProvider: true,
  ...NAVIGATION_CAPABILITIES,
  workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
};

/** Answers the editor with what the config language says. Nothing is decided here, and no answer can throw. */
export function serve(connection: Connection, language: Language): void {
  const documents = new TextDocuments(TextDocument);
  const lastRuns = new LastRuns();
  const workspace = new Workspace(
    guarded(connection.console, 'last run', null, (place) => lastRuns.measured(place)),
  );
  const checks = new Checks(
    guarded(connection.console, 'check', [], (document) =>
      language.check(document.getText(), workspace.contextOf(document.uri)),
    ),
  );
  const schedule = new Schedule((uri) => publish(uri));
  let canRefreshLenses = false;

  connection.onInitialize((parameters: InitializeParams) => {
    workspace.open(parameters.workspaceFolders ?? []);
    canRefreshLenses = parameters.capabilities.workspace?.codeLens?.refreshSupport === true;
    return { capabilities: CAPABILITIES, serverInfo: { name: 'kd-workbench' } };
  });
  connection.onInitialized(() => {
    connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
      workspace.change(added, removed);
      recheck();
    });
  });

  documents.onDidOpen(({ document }) => publish(document.uri));
  documents.onDidChangeContent(({ document }) => {
    if (checks.isKnown(document)) return;
    schedule.request(document.uri);
  });
  documents.onDidClose(({ document: { uri } }) => {
    schedule.cancel(uri);
    checks.forget(uri);
    void connection.sendDiagnostics({ uri, diagnostics: [] });
  });
  documents.onDidSave(() => recheck());
  connection.onNotification(RECHECK_NOTIFICATION, recheck);
  connection.onNotification(RUNS_CHANGED_NOTIFICATION, () => {
    lastRuns.forget();
    if (!canRefreshLenses) return;
    connection.sendRequest(CodeLensRefreshRequest.type).catch(() => {
      // An editor that is closing does not answer.
    });
  });

  connection.onCompletion(
    answer('completion', [], ({ textDocument, position }, document) =>
      language
        .complete(document.getText(), position, workspace.contextOf(textDocument.uri))
        .map(toCompletionItem),
    ),
  );
  connection.onHover(
    answer('hover', null, ({ textDocument, position }, document) => {
      const hover = language.hover(document.getText(), position, workspace.contextOf(textDocument.uri));
      return hover === null ? null : toLspHover(hover);
    }),
  );
  connection.onCodeAction(
    answer('code action', [], ({ range, context }, document) =>
      codeActions(
        {
          uri: document.uri,
          version: document.version,
          range,
          ...(context.only === undefined ? {} : { only: context.only }),
        },
        checks.of(document),
        () => language.refactorings(document.getText(), range, workspace.contextOf(document.uri)),
      ),
    ),
  );
  connection.onCodeLens(
    answer('code lens', [], (_parameters, document) =>
      codeLenses(
        document.uri,
        language.blocks(document.getText()),
        guarded(connection.console, 'last run', null, (uri: string) => lastRuns.of(workspace.contextOf(uri)))(
          document.uri,
        ),
      ),
    ),
  );
  connection.onDocumentSymbol(
    answer('symbols', [], (_parameters, document) =>
      language.symbols(document.getText()).map(toDocumentSymbol),
    ),
  );
  offerNavigation(connection, language, (uri) => workspace.contextOf(uri), answer);
  connection.onRequest(EFFECTIVE_REQUEST, ({ uri }: CheckParameters): EffectiveResult | null => {
    const document = documents.get(uri);
    return document === undefined ? null : language.effective(document.getText(), workspace.contextOf(uri));
  });
  connection.onRequest(SUGGEST_PAIR_REQUEST, ({ uri }: CheckParameters): SuggestedPair | null => {
    const document = documents.get(uri);
    return document === undefined ? null : language.suggestPair(document.getText(), workspace.contextOf(uri));
  });
  connection.onRequest(CHECK_REQUEST, ({ uri }: CheckParameters): CheckResult | null => {
    const document = documents.get(uri);
    if (document === undefined) return null;
    workspace.forget();
    checks.forget(uri);
    publish(uri);
    return summarize(checks.of(document));
  });

  documents.listen(connection);
  connection.listen();

  function publish(uri: string): void {
    const document = documents.get(uri);
    if (document === undefined) return;
    const diagnostics = checks.of(document).map((diagnostic) => toLspDiagnostic(diagnostic, uri));
    void connection.sendDiagnostics({ uri, version: document.version, diagnostics });
  }

  function recheck(): void {
    workspace.forget();
    for (const { uri } of documents.all()) {
      checks.forget(uri);
      schedule.request(uri);
    }
  }

  /** A request about a document; one that is not open gets `fallback`. */
  function answer<P extends { textDocument: { uri: string } }, R>(
    what: string,
    fallback: R,
    work: (parameters: P, document: TextDocument) => R,
  ): (parameters: P) => R {
    return guarded(connection.console, what, fallback, (parameters) => {
      const document = documents.get(parameters.textDocument.uri);
      return document === undefined ? fallback : work(parameters, document);
    });
  }
}
