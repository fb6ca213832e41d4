import * as vscode from 'vscode';
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  TransportKind,
  type CloseHandlerResult,
  type ErrorHandlerResult,
} from 'vscode-languageclient/node';
import {
  CHECK_REQUEST,
  EFFECTIVE_REQUEST,
  RECHECK_NOTIFICATION,
  RUNS_CHANGED_NOTIFICATION,
  SERVER_PROTOCOL_VERSION,
  SUGGEST_PAIR_REQUEST,
  type CheckParameters,
  type CheckResult,
  type EffectiveResult,
  type ServerOptions,
  type SuggestedPair,
} from '../../protocol/lsp.ts';
import { Disposable } from '../disposable.ts';
import { COMMANDS, LANGUAGE } from '../ids.ts';
import { setting } from '../settings.ts';
import { RestartPolicy } from './restart-policy.ts';

/** The id is also the prefix of the setting `kd.trace.server`, which the client reads itself. */
const CLIENT_ID = 'kd';

/** Files, texts that were never saved, and those of folders on a server; not the old versions that a comparison shows. */
const SCHEMES = ['file', 'untitled', 'vscode-vfs'];

/**
 * The language server in a process of its own, for as long as the extension lives. Starts in Restricted Mode too: it
 * reads texts, and starts nothing.
 */
export class LanguageService extends Disposable {
  private readonly policy = new RestartPolicy(Date.now);
  private readonly client: LanguageClient;

  constructor(
    serverModule: string,
    private readonly log: vscode.LogOutputChannel,
  ) {
    super();
    const options: ServerOptions = { protocolVersion: SERVER_PROTOCOL_VERSION };
    this.client = new LanguageClient(
      CLIENT_ID,
      'KD Workbench Language Server',
      { module: serverModule, transport: TransportKind.ipc },
      {
        documentSelector: SCHEMES.map((scheme) => ({ language: LANGUAGE, scheme })),
        initializationOptions: options,
        outputChannel: log,
        diagnosticCollectionName: CLIENT_ID,
        middleware: {
          provideInlayHints: (document, range, token, next) =>
            setting('inlayHints.enabled') ? next(document, range, token) : [],
        },
        errorHandler: { error: () => this.onError(), closed: () => this.onClosed() },
      },
    );
    this.register(this.client.onDidChangeState(() => this.client.isRunning() && this.policy.started()));
    this.register(vscode.window.onDidChangeWindowState(({ focused }) => focused && this.recheck()));
    this.register(watched('**/*.kd.yaml', () => this.recheck()));
    // Written by the editor's own dry runs and by those of a terminal.
    this.register(watched('**/.kd/dry-runs/*.json', () => this.runsChanged()));
    this.register(
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('kd.inlayHints')) this.refreshHints();
      }),
    );
    this.register({ dispose: () => void this.stop() });
  }

  async start(): Promise<void> {
    this.policy.started();
    await this.client.start();
  }

  /** A fresh server with a fresh count of crashes. */
  async restart(): Promise<void> {
    this.policy.reset();
    await this.stop();
    await this.start();
  }

  /** Null where no server runs. */
  async check(uri: vscode.Uri): Promise<CheckResult | null> {
    if (!this.client.isRunning()) return null;
    return this.client.sendRequest<CheckResult | null>(CHECK_REQUEST, this.parametersOf(uri));
  }

  /** The config as it would run; null where no server runs or the file is not open. */
  async effective(uri: vscode.Uri): Promise<EffectiveResult | null> {
    if (!this.client.isRunning()) return null;
    return this.client.sendRequest<EffectiveResult | null>(EFFECTIVE_REQUEST, this.parametersOf(uri));
  }

  /** Null where no fitting pair is left. */
  async suggestPair(uri: vscode.Uri): Promise<SuggestedPair | null> {
    if (!this.client.isRunning()) return null;
    return this.client.sendRequest<SuggestedPair | null>(SUGGEST_PAIR_REQUEST, this.parametersOf(uri));
  }

  /** Results that the server shows in the text are old. */
  runsChanged(): void {
    this.notify(RUNS_CHANGED_NOTIFICATION);
  }

  /** Data files are not watched: they are looked at again when the person comes back to the window. */
  private recheck(): void {
    this.notify(RECHECK_NOTIFICATION);
  }

  private notify(method: string): void {
    if (!this.client.isRunning()) return;
    this.client
      .sendNotification(method)
      .catch((error: unknown) => this.log.warn(`language server: ${String(error)}`));
  }

  private refreshHints(): void {
    const feature = this.client.getFeature('textDocument/inlayHint');
    for (const document of vscode.workspace.textDocuments) {
      feature.getProvider(document)?.onDidChangeInlayHints.fire();
    }
  }

  private parametersOf(uri: vscode.Uri): CheckParameters {
    return { uri: this.client.code2ProtocolConverter.asUri(uri) };
  }

  private async stop(): Promise<void> {
    try {
      if (this.client.needsStop()) await this.client.stop();
    } catch (error) {
      // A server that is starting or does not answer is ended with its parent.
      this.log.warn(`language server did not stop: ${String(error)}`);
    }
  }

  private onError(): ErrorHandlerResult {
    return { action: ErrorAction.Continue, handled: true };
  }

  private async onClosed(): Promise<CloseHandlerResult> {
    const decision = this.policy.crashed();
    if (decision.action === 'restart') {
      this.log.warn(`language server ended; starting it again in ${decision.afterMilliseconds} ms`);
      await new Promise((resolve) => setTimeout(resolve, decision.afterMilliseconds));
      if (!this.isDisposed) return { action: CloseAction.Restart, handled: true };
    } else {
      void this.offerRestart();
    }
    return { action: CloseAction.DoNotRestart, handled: true };
  }

  private async offerRestart(): Promise<void> {
    const restart = 'Restart';
    const showLog = 'Show Log';
    const choice = await vscode.window.showErrorMessage(
      'The KD language server ended several times in a row. Experiments are no longer checked; runs are not affected.',
      restart,
      showLog,
    );
    if (choice === restart) await vscode.commands.executeCommand(COMMANDS.restartServer);
    if (choice === showLog) this.log.show();
  }
}

/** Whatever happens to files of the workspace that fit the pattern. */
function watched(pattern: string, changed: () => void): vscode.Disposable {
  const watcher = vscode.workspace.createFileSystemWatcher(pattern);
  watcher.onDidCreate(changed);
  watcher.onDidChange(changed);
  watcher.onDidDelete(changed);
  return watcher;
}
