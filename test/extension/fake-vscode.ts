/**
 * As much of the editor as the host's commands touch: what is shown is recorded, what is asked is answered from
 * `answers`. The real one is driven by the tests in `test/vscode`.
 */
export class CancellationError extends Error {}

export class Uri {
  private constructor(
    readonly scheme: string,
    readonly fsPath: string,
  ) {}

  static file(path: string): Uri {
    return new Uri('file', path);
  }

  static parse(text: string): Uri {
    const [scheme = '', path = ''] = text.split(/:(?:\/\/)?/, 2);
    return new Uri(scheme, path);
  }
}

export const Disposable = {
  from: (...parts: { dispose(): unknown }[]) => ({ dispose: () => parts.forEach((part) => part.dispose()) }),
};

/** English, as where there is no translation. */
export const l10n = {
  bundle: undefined,
  t: (text: string, ...given: readonly (string | number)[]) =>
    text.replaceAll(/\{(\d+)\}/gu, (whole, index: string) => String(given[Number(index)] ?? whole)),
};

type Handler = (...parameters: unknown[]) => unknown;

/** What a test sets and looks at. */
export const editor = {
  trusted: true,
  shown: [] as { kind: string; message: string; buttons: string[] }[],
  executed: [] as unknown[][],
  commands: new Map<string, Handler>(),
  documents: new Map<string, { isUntitled?: boolean; isDirty?: boolean; languageId?: string }>(),
  found: [] as Uri[],
  picked: undefined as unknown,
  offered: [] as unknown[],
  /** What is typed where a text is asked for; undefined: nothing, it is cancelled. */
  typed: undefined as string | undefined,
  asked: [] as unknown[],
  clicks: [] as string[],
  settings: new Map<string, unknown>(),
  reset() {
    this.trusted = true;
    this.picked = undefined;
    this.typed = undefined;
    for (const list of [this.shown, this.executed, this.found, this.offered, this.asked, this.clicks])
      list.length = 0;
    for (const map of [this.commands, this.documents, this.settings]) map.clear();
    window.activeTextEditor = undefined;
  },
};

function show(kind: string) {
  return (message: string, ...given: (string | object)[]) => {
    // Options come before the buttons where there are any.
    const buttons = given.filter((button) => typeof button === 'string');
    editor.shown.push({ kind, message, buttons });
    const click = editor.clicks.find((button) => buttons.includes(button));
    return Promise.resolve(click);
  };
}

export const ProgressLocation = { Window: 10 };

export const window = {
  activeTextEditor: undefined as { document: { languageId: string; uri: Uri } } | undefined,
  showInformationMessage: show('information'),
  showWarningMessage: show('warning'),
  showErrorMessage: show('error'),
  withProgress: (_options: unknown, task: () => unknown) => Promise.resolve(task()),
  showInputBox: (options: unknown) => {
    editor.asked.push(options);
    return Promise.resolve(editor.typed);
  },
  showQuickPick: (items: unknown[]) => {
    editor.offered.push(...items);
    return Promise.resolve(typeof editor.picked === 'number' ? items[editor.picked] : undefined);
  },
};

export const workspace = {
  get isTrusted() {
    return editor.trusted;
  },
  workspaceFolders: undefined,
  findFiles: () => Promise.resolve([...editor.found]),
  asRelativePath: (uri: Uri) => uri.fsPath,
  getConfiguration: (section: string) => ({
    get: (name: string) => editor.settings.get(`${section}.${name}`),
  }),
  openTextDocument: (uri: Uri) =>
    Promise.resolve({
      uri,
      isUntitled: false,
      isDirty: false,
      languageId: 'kd-yaml',
      save: () => Promise.resolve(true),
      ...editor.documents.get(uri.fsPath),
    }),
};

export const commands = {
  registerCommand: (id: string, handler: Handler) => {
    editor.commands.set(id, handler);
    return { dispose: () => editor.commands.delete(id) };
  },
  executeCommand: (...call: unknown[]) => {
    editor.executed.push(call);
    return Promise.resolve(undefined);
  },
};
