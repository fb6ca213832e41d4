/**
 * The editor of a host that is a process of its own: all that the extension touches when it is activated, on top of what its
 * commands touch. What is shown is kept for the test that asks.
 */
import * as basic from '../../extension/fake-vscode.ts';

export {
  CancellationError,
  commands,
  Disposable,
  editor,
  ProgressLocation,
} from '../../extension/fake-vscode.ts';

export const Uri = Object.assign(basic.Uri, {
  joinPath: (uri: basic.Uri, ...parts: string[]) => basic.Uri.file([uri.fsPath, ...parts].join('/')),
});

export class EventEmitter<T> {
  readonly #listeners = new Set<(value: T) => void>();
  readonly event = (listener: (value: T) => void) => {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  };
  fire(value: T): void {
    for (const listener of this.#listeners) listener(value);
  }
  dispose(): void {
    this.#listeners.clear();
  }
}

export class TreeItem {
  constructor(readonly label: string) {}
}
export class ThemeIcon {
  constructor(
    readonly id: string,
    readonly color?: unknown,
  ) {}
}
export class ThemeColor {
  constructor(readonly id: string) {}
}
export const StatusBarAlignment = { Left: 1 };
export const ViewColumn = { One: 1, Beside: -2 };

const nothing = { dispose: () => undefined };
const never = () => nothing;

interface Rows {
  getChildren(): readonly { readonly label: string; readonly description: string; readonly item: string }[];
}

/** What a person would see. */
export const seen = {
  rows: null as Rows | null,
  bar: { text: '', isShown: false },
  log: [] as string[],
};

const note = (line: string) => void seen.log.push(line);

export const window = {
  ...basic.window,
  createOutputChannel: () => ({ info: note, warn: note, error: note, show: () => undefined, ...nothing }),
  createTreeView: (_id: string, { treeDataProvider }: { treeDataProvider: Rows }) => {
    seen.rows = treeDataProvider;
    return { badge: undefined, ...nothing };
  },
  createStatusBarItem: () => ({
    set text(text: string) {
      seen.bar.text = text;
    },
    show: () => (seen.bar.isShown = true),
    hide: () => (seen.bar.isShown = false),
    ...nothing,
  }),
  registerWebviewPanelSerializer: never,
  registerCustomEditorProvider: never,
  tabGroups: { all: [], onDidChangeTabs: never },
};

const folder = process.env['KD_HOST_FOLDER'] ?? '';

export const workspace = {
  ...basic.workspace,
  workspaceFolders: [{ uri: basic.Uri.file(folder), name: 'project', index: 0 }],
  textDocuments: [],
  onDidOpenTextDocument: never,
  onDidCloseTextDocument: never,
  onDidChangeTextDocument: never,
  onDidChangeWorkspaceFolders: never,
  onDidGrantWorkspaceTrust: never,
  registerTextDocumentContentProvider: never,
};
