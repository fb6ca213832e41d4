import {
  CodeActionKind,
  CodeLensRefreshRequest,
  InlayHintRefreshRequest,
  LSPErrorCodes,
  ResponseError,
  TextDocuments,
  TextDocumentSyncKind,
  type Connection,
  type InitializeParams,
  type InitializeResult,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { SILENT_AFTER_SECONDS } from '../config/files.ts';
import { fileOf } from '../config/language/context.ts';
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
import { Facts } from './facts.ts';
import { guarded } from './guard.ts';
import type { Language } from './language.ts';
import { codeLenses } from './lenses.ts';
import type { Looker } from './lookup-threads.ts';
import { NAVIGATION_CAPABILITIES, offerNavigation, type Answered } from './navigation.ts';
import { Publisher } from './publisher.ts';
import { Schedule } from './schedule.ts';
import { summarize } from './summary.ts';
import { toCompletionItem, toDocumentSymbol, toLspHover } from './translate.ts';
import { pathOf } from './uri.ts';
import { Workspace } from './workspace.ts';

/** Longest wait of an answer for what is not known yet of the file system; then it is known to be silent. The server itself never waits. */
const WAIT_MILLISECONDS = 1000 * SILENT_AFTER_SECONDS + 100;
/** The same while somebody types and looks at the place. */
const TYPING_WAIT_MILLISECONDS = 300;

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
export function serve(connection: Connection, language: Language, looker: Looker): void {
  const documents = new TextDocuments(TextDocument);
  const facts = new Facts(looker, connection.console, () => {
    recheck();
    views.request('');
  });
  const workspace = new Workspace(facts, (path) =>
    documents
      .all()
      .find(({ uri }) => pathOf(uri) === path)
      ?.getText(),
  );
  const checks = new Checks(
    guarded(connection.console, 'check', { diagnostics: [], bases: [] }, (document) => {
      const [text, context] = [document.getText(), workspace.contextOf(document.uri)];
      return { diagnostics: language.check(text, context), bases: language.bases(text, context) };
    }),
    () => !facts.isMissing,
  );
  const publisher = new Publisher(
    (uri, version, diagnostics) => void connection.sendDiagnostics({ uri, version, diagnostics }),
    (uri) => fileOf(workspace.contextOf(uri)),
  );
  const schedule = new Schedule((uri) => void publish(uri));
  const views = new Schedule(() => refreshViews());
  const opened = new Set<string>();
  let canRefresh = { lenses: false, hints: false };

  connection.onInitialize((parameters: InitializeParams) => {
    workspace.open(parameters.workspaceFolders ?? []);
    const { codeLens, inlayHint } = parameters.capabilities.workspace ?? {};
    canRefresh = { lenses: codeLens?.refreshSupport === true, hints: inlayHint?.refreshSupport === true };
    return { capabilities: CAPABILITIES, serverInfo: { name: 'kd-workbench' } };
  });
  connection.onInitialized(() => {
    connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
      workspace.change(added, removed);
      recheck();
    });
  });

  documents.onDidChangeContent(({ document: { uri } }) => {
    recheck(publisher.dependents(uri));
    // Typing is waited for, opening is not.
    if (opened.has(uri)) schedule.request(uri);
    else void publish(uri);
    opened.add(uri);
  });
  documents.onDidClose(({ document: { uri } }) => {
    schedule.cancel(uri);
    checks.forget(uri);
    opened.delete(uri);
    void connection.sendDiagnostics({ uri, diagnostics: [] });
    recheck(publisher.dependents(uri));
    publisher.close(uri);
  });
  documents.onDidSave(() => lookAgain());
  connection.onNotification(RECHECK_NOTIFICATION, lookAgain);
  connection.onNotification(RUNS_CHANGED_NOTIFICATION, () => {
    facts.forget(['newestRun', 'dryRun']);
    refreshViews();
  });

  connection.onCompletion(
    answer(
      'completion',
      [],
      ({ textDocument, position }, document) =>
        language
          .complete(document.getText(), position, workspace.contextOf(textDocument.uri))
          .map(toCompletionItem),
      TYPING_WAIT_MILLISECONDS,
    ),
  );
  connection.onHover(
    answer(
      'hover',
      null,
      ({ textDocument, position }, document) => {
        const hover = language.hover(document.getText(), position, workspace.contextOf(textDocument.uri));
        return hover === null ? null : toLspHover(hover);
      },
      TYPING_WAIT_MILLISECONDS,
    ),
  );
  connection.onCodeAction(
    answer('code action', [], ({ range, context }, document) => {
      const { uri, version } = document;
      const own = workspace.contextOf(uri);
      return codeActions(
        {
          ...{ uri, version, range, file: fileOf(own) },
          ...(context.only === undefined ? {} : { only: context.only }),
        },
        checks.of(document).diagnostics,
        () => language.refactorings(document.getText(), range, own),
      );
    }),
  );
  connection.onCodeLens(
    answer('code lens', [], (_parameters, document) =>
      codeLenses(document.uri, language.blocks(document.getText()), workspace.newestRun(document.uri)),
    ),
  );
  connection.onDocumentSymbol(
    answer('symbols', [], (_parameters, document) =>
      language.symbols(document.getText()).map(toDocumentSymbol),
    ),
  );
  offerNavigation(connection, language, (uri) => workspace.contextOf(uri), answer);
  connection.onRequest(
    EFFECTIVE_REQUEST,
    about('effective', (document): EffectiveResult =>
      language.effective(document.getText(), workspace.contextOf(document.uri)),
    ),
  );
  connection.onRequest(
    SUGGEST_PAIR_REQUEST,
    about('pair', (document): SuggestedPair | null =>
      language.suggestPair(document.getText(), workspace.contextOf(document.uri)),
    ),
  );
  connection.onRequest(CHECK_REQUEST, async ({ uri }: CheckParameters): Promise<CheckResult | null> => {
    const document = documents.get(uri);
    if (document === undefined) return null;
    facts.forget();
    workspace.forget();
    checks.forget(uri);
    await publish(uri);
    return summarize(checks.of(document).diagnostics);
  });

  documents.listen(connection);
  connection.listen();

  async function publish(uri: string): Promise<void> {
    const document = documents.get(uri);
    if (document === undefined) return;
    const { version } = document;
    const isStale = () => documents.get(uri)?.version !== version;
    const checked = await facts.settled(() => checks.of(document), WAIT_MILLISECONDS, isStale);
    // A newer text has a check of its own.
    if (!isStale()) publisher.show({ uri, version }, checked);
  }

  /** What was found does not hold any more. */
  function recheck(uris: readonly string[] = documents.all().map(({ uri }) => uri)): void {
    if (uris.length > 0) workspace.forget();
    for (const uri of uris) {
      checks.forget(uri);
      schedule.request(uri);
    }
  }

  /** Files on the disk may have changed. */
  function lookAgain(): void {
    facts.forget();
    recheck();
    views.request('');
  }

  /** What stands between the lines and was not asked for by a change of the text. */
  function refreshViews(): void {
    const ask = (type: typeof CodeLensRefreshRequest.type) =>
      connection.sendRequest(type).catch(() => {
        // An editor that is closing does not answer.
      });
    if (canRefresh.lenses) void ask(CodeLensRefreshRequest.type);
    if (canRefresh.hints) void ask(InlayHintRefreshRequest.type);
  }

  /** A request about a document; one that is not open gets `fallback`. */
  function answer<P extends { textDocument: { uri: string } }, R>(
    what: string,
    fallback: R,
    work: (parameters: P, document: TextDocument) => R,
    milliseconds = WAIT_MILLISECONDS,
  ): Answered<P, R> {
    const safe = guarded(connection.console, what, fallback, (parameters: P) => {
      const document = documents.get(parameters.textDocument.uri);
      return document === undefined ? fallback : work(parameters, document);
    });
    return async (parameters, token) => {
      const isUnwanted = () => token.isCancellationRequested;
      // Taken back while it waited for its turn, as what a newer text makes pointless.
      if (isUnwanted()) throw new ResponseError(LSPErrorCodes.RequestCancelled, `${what}: no longer wanted`);
      return facts.settled(() => safe(parameters), milliseconds, isUnwanted);
    };
  }

  /** A request of our own about a document. */
  function about<R>(what: string, work: (document: TextDocument) => R): Answered<CheckParameters, R | null> {
    const ask = answer(what, null, (_parameters, document): R | null => work(document));
    return ({ uri }, token) => ask({ textDocument: { uri } }, token);
  }
}
