import { spawn, type ChildProcess } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import type {
  CodeAction,
  CodeLens,
  CompletionItem,
  Diagnostic,
  DocumentSymbol,
  Hover,
  Position,
  PublishDiagnosticsParams,
  Range,
  ServerCapabilities,
} from 'vscode-languageserver/node';

const LANGUAGE = 'kd-yaml';
/** A server that does not answer by then hangs. */
const ANSWER_MILLISECONDS = 30_000;

/** An editor in miniature: talks to a real server process over its standard streams. */
export class ServerClient {
  readonly stderr: string[] = [];
  private readonly published = new Map<string, PublishDiagnosticsParams>();
  private readonly waiting = new Set<(published: PublishDiagnosticsParams) => void>();
  private lensRefreshes = 0;
  private hintRefreshes = 0;

  private constructor(
    private readonly child: ChildProcess | null,
    readonly connection: MessageConnection,
    readonly capabilities: () => ServerCapabilities,
  ) {}

  /** A server in a process of its own. */
  static start(server: string, folders: readonly string[] = []): Promise<ServerClient> {
    const child = spawn(process.execPath, [server, '--stdio'], { stdio: 'pipe' });
    return ServerClient.connect(child, child.stdout, child.stdin, folders);
  }

  /** A server in this process, which reads from `input` and writes to `output`. */
  static over(
    output: NodeJS.ReadableStream,
    input: NodeJS.WritableStream,
    folders: readonly string[] = [],
  ): Promise<ServerClient> {
    return ServerClient.connect(null, output, input, folders);
  }

  private static async connect(
    child: ChildProcess | null,
    output: NodeJS.ReadableStream,
    input: NodeJS.WritableStream,
    folders: readonly string[],
  ): Promise<ServerClient> {
    const connection = createMessageConnection(
      new StreamMessageReader(output),
      new StreamMessageWriter(input),
    );
    let capabilities: ServerCapabilities = {};
    const client = new ServerClient(child, connection, () => capabilities);
    child?.stderr?.setEncoding('utf8').on('data', (text: string) => client.stderr.push(text));
    connection.onNotification('textDocument/publishDiagnostics', (published: PublishDiagnosticsParams) => {
      client.published.set(published.uri, published);
      for (const wake of [...client.waiting]) wake(published);
    });
    connection.onNotification('window/logMessage', ({ message }: { message: string }) => {
      client.stderr.push(message);
    });
    connection.onRequest('workspace/codeLens/refresh', () => {
      client.lensRefreshes += 1;
      return null;
    });
    connection.onRequest('workspace/inlayHint/refresh', () => {
      client.hintRefreshes += 1;
      return null;
    });
    connection.onRequest('client/registerCapability', () => null);
    connection.listen();
    const result = await client.request<{ capabilities: ServerCapabilities }>('initialize', {
      processId: process.pid,
      rootUri: null,
      capabilities: {
        workspace: {
          workspaceFolders: true,
          codeLens: { refreshSupport: true },
          inlayHint: { refreshSupport: true },
        },
        textDocument: { completion: { completionItem: { snippetSupport: true } } },
      },
      workspaceFolders: folders.map((folder) => ({ uri: pathToFileURL(folder).href, name: folder })),
    });
    ({ capabilities } = result);
    await connection.sendNotification('initialized', {});
    return client;
  }

  /** How often the server asked for lenses and hints to be drawn anew. */
  get refreshes(): { readonly lenses: number; readonly hints: number } {
    return { lenses: this.lensRefreshes, hints: this.hintRefreshes };
  }

  /** The process that the server has to itself. */
  get process(): ChildProcess {
    if (this.child === null) throw new Error('the server runs in this process');
    return this.child;
  }

  /** What was published last. */
  latest(uri: string): readonly Diagnostic[] {
    return this.published.get(uri)?.diagnostics ?? [];
  }

  async request<R>(method: string, parameters: unknown): Promise<R> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer to ${method}`)), ANSWER_MILLISECONDS);
    });
    try {
      return await Promise.race([this.connection.sendRequest<R>(method, parameters), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  notify(method: string, parameters?: unknown): Promise<void> {
    return this.connection.sendNotification(method, parameters);
  }

  async open(uri: string, text: string, version = 1): Promise<readonly Diagnostic[]> {
    const published = this.diagnostics(uri, version);
    await this.notify('textDocument/didOpen', {
      textDocument: { uri, languageId: LANGUAGE, version, text },
    });
    return published;
  }

  /** A range replaces that range; none replaces the whole text. */
  async change(
    uri: string,
    version: number,
    changes: readonly { range?: Range; text: string }[],
  ): Promise<void> {
    await this.notify('textDocument/didChange', { textDocument: { uri, version }, contentChanges: changes });
  }

  close(uri: string): Promise<void> {
    this.published.delete(uri);
    return this.notify('textDocument/didClose', { textDocument: { uri } });
  }

  /** What was published for this very version, now or later. */
  diagnostics(uri: string, version: number): Promise<readonly Diagnostic[]> {
    const known = this.published.get(uri);
    if (known?.version === version) return Promise.resolve(known.diagnostics);
    return this.next((published) => published.uri === uri && published.version === version);
  }

  /** The next publication that fits. */
  next(fits: (published: PublishDiagnosticsParams) => boolean): Promise<readonly Diagnostic[]> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(wake);
        reject(new Error(`no diagnostics came; the server said: ${this.stderr.join('').slice(-2000)}`));
      }, ANSWER_MILLISECONDS);
      const wake = (published: PublishDiagnosticsParams) => {
        if (!fits(published)) return;
        clearTimeout(timer);
        this.waiting.delete(wake);
        resolve(published.diagnostics);
      };
      this.waiting.add(wake);
    });
  }

  complete(uri: string, position: Position): Promise<readonly CompletionItem[]> {
    return this.request('textDocument/completion', { textDocument: { uri }, position });
  }

  hover(uri: string, position: Position): Promise<Hover | null> {
    return this.request('textDocument/hover', { textDocument: { uri }, position });
  }

  lenses(uri: string): Promise<readonly CodeLens[]> {
    return this.request('textDocument/codeLens', { textDocument: { uri } });
  }

  symbols(uri: string): Promise<readonly DocumentSymbol[]> {
    return this.request('textDocument/documentSymbol', { textDocument: { uri } });
  }

  actions(uri: string, range: Range, only?: readonly string[]): Promise<readonly CodeAction[]> {
    const context = { diagnostics: [], ...(only === undefined ? {} : { only }) };
    return this.request('textDocument/codeAction', { textDocument: { uri }, range, context });
  }

  /** Ends the server as an editor does, and tells its exit code. */
  async shutdown(): Promise<number | null> {
    const ended = new Promise<number | null>((resolve) => this.process.once('exit', resolve));
    await this.request('shutdown', undefined);
    await this.notify('exit');
    return ended;
  }

  dispose(): void {
    this.connection.dispose();
    this.child?.kill('SIGKILL');
  }
}
