import type { WorkspaceFolder } from 'vscode-languageserver/node';
import { createDisk } from '../config/disk.ts';
import { Analyses } from '../config/language/analyses.ts';
import { findRoot } from '../config/root.ts';
import { readDryRun } from '../runs/dry-runs.ts';
import type { LanguageContext, Measured } from '../config/language/types.ts';
import { pathOf } from './uri.ts';

/** The folders open in the editor, and where a document stands among them. */
export class Workspace {
  private folders: readonly string[] = [];
  /** Shared by all checks, so that a base file is read once and not at every keystroke. */
  private readonly files = createDisk();
  private readonly analyses = new Analyses();

  constructor(private readonly measured: (context: LanguageContext) => Measured | null = () => null) {}

  open(folders: readonly WorkspaceFolder[]): void {
    this.folders = folders.flatMap(({ uri }) => pathOf(uri) ?? []);
  }

  change(added: readonly WorkspaceFolder[], removed: readonly WorkspaceFolder[]): void {
    const gone = removed.map(({ uri }) => pathOf(uri));
    const kept = this.folders.filter((folder) => !gone.includes(folder));
    this.folders = [...kept, ...added.flatMap(({ uri }) => pathOf(uri) ?? [])];
  }

  contextOf(uri: string): LanguageContext {
    const context = {
      file: pathOf(uri),
      workspaceFolders: this.folders,
      files: this.files,
      analyses: this.analyses,
    };
    const tried = () =>
      context.file === null ? null : readDryRun(findRoot(context.file, this.folders), context.file);
    return { ...context, measured: () => this.measured(context), tried };
  }

  /** Files on the disk may have changed. */
  forget(): void {
    this.analyses.forget();
  }
}
