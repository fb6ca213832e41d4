import { Uri as PlainUri } from '../fake-vscode.ts';

export * from '../fake-vscode.ts';

/** As much of the editor as the panel touches, beside what all commands do. */
export class Uri extends (PlainUri as unknown as new (scheme: string, fsPath: string) => object) {
  readonly scheme: string;
  readonly fsPath: string;

  constructor(scheme: string, fsPath: string) {
    super(scheme, fsPath);
    this.scheme = scheme;
    this.fsPath = fsPath;
  }

  static file(path: string): Uri {
    return new Uri('file', path);
  }

  static joinPath(base: Uri, ...parts: string[]): Uri {
    return new Uri(base.scheme, [base.fsPath, ...parts].join('/'));
  }

  override toString(): string {
    return `${this.scheme}://${this.fsPath}`;
  }
}

export class Range {
  readonly of: readonly number[];

  constructor(...of: number[]) {
    this.of = of;
  }
}

export class WorkspaceEdit {
  readonly made: { path: string; range: readonly number[]; text: string }[] = [];

  replace(uri: Uri, range: Range, text: string): void {
    this.made.push({ path: uri.fsPath, range: range.of, text });
  }
}

export class TabInputText {
  readonly uri = undefined;
}
export const ViewColumn = { Beside: -2, One: 1 };
export const TextEditorRevealType = { InCenterIfOutsideViewport: 2 };
export const env = { language: 'en' };

/** What a test sets and looks at. */
export const desk = {
  panels: [] as FakePanel[],
  edits: [] as WorkspaceEdit[],
  texts: new Map<string, string>(),
  files: new Map<string, Uint8Array>(),
  workspace: '/project',
  saveTo: undefined as Uri | undefined,
  reset(): void {
    this.panels.length = 0;
    this.edits.length = 0;
    this.texts.clear();
    this.files.clear();
    this.workspace = '/project';
    this.saveTo = undefined;
  },
};

type Listener = (value: unknown) => void;

/** A webview panel that a test shows, hides and speaks for. */
export class FakePanel {
  title = '';
  iconPath: unknown;
  visible = true;
  revealed = 0;
  readonly posted: { type: string }[] = [];
  readonly #messages: Listener[] = [];
  readonly #states: Listener[] = [];
  readonly #ends: Listener[] = [];
  readonly webview = {
    html: '',
    options: {} as unknown,
    cspSource: 'https://host.test',
    asWebviewUri: (uri: Uri) => uri,
    postMessage: (message: { type: string }) => this.posted.push(structuredClone(message)),
    onDidReceiveMessage: (listener: Listener) => add(this.#messages, listener),
  };

  onDidChangeViewState = (listener: Listener) => add(this.#states, listener);
  onDidDispose = (listener: Listener) => add(this.#ends, listener);
  reveal = () => (this.revealed += 1);
  dispose = () => this.#ends.splice(0).forEach((end) => end(undefined));

  receive(message: unknown): void {
    for (const listener of this.#messages) listener(message);
  }

  show(visible: boolean): void {
    this.visible = visible;
    for (const listener of this.#states) listener(undefined);
  }

  /** Messages of a type, in order. */
  of(type: string): { type: string }[] {
    return this.posted.filter((message) => message.type === type);
  }
}

function add(list: Listener[], listener: Listener): { dispose(): void } {
  list.push(listener);
  return { dispose: () => void list.splice(list.indexOf(listener), 1) };
}

export const serializers = new Map<
  string,
  { deserializeWebviewPanel(panel: unknown, state: unknown): unknown }
>();

export const window = {
  registerWebviewPanelSerializer: (type: string, serializer: { deserializeWebviewPanel(): unknown }) => {
    serializers.set(type, serializer);
    return { dispose: () => serializers.delete(type) };
  },
  createWebviewPanel: () => {
    const panel = new FakePanel();
    desk.panels.push(panel);
    return panel;
  },
  tabGroups: { all: [] },
  showTextDocument: () => Promise.resolve({ revealRange: () => undefined }),
  showSaveDialog: () => Promise.resolve(desk.saveTo),
};

export const workspace = {
  onDidGrantWorkspaceTrust: () => ({ dispose: () => undefined }),
  isTrusted: true,
  workspaceFolders: undefined,
  getWorkspaceFolder: (uri: Uri) => (uri.fsPath.startsWith(`${desk.workspace}/`) ? {} : undefined),
  asRelativePath: (uri: Uri) => uri.fsPath.replace(`${desk.workspace}/`, ''),
  openTextDocument: (uri: Uri) => Promise.resolve({ uri, getText: () => desk.texts.get(uri.fsPath) ?? '' }),
  applyEdit: (edit: WorkspaceEdit) => Promise.resolve(desk.edits.push(edit) > 0),
  fs: {
    writeFile: (uri: Uri, content: Uint8Array) => {
      desk.files.set(uri.fsPath, content);
      return Promise.resolve();
    },
  },
};
