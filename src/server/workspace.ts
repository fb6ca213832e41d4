import { join } from 'node:path';
import type { WorkspaceFolder } from 'vscode-languageserver/node';
import type { FileAccess } from '../config/files.ts';
import { Analyses } from '../config/language/analyses.ts';
import type { LanguageContext } from '../config/language/types.ts';
import { findRoot } from '../config/root.ts';
import { dryRunFile } from '../runs/dry-runs.ts';
import { RUNS_FOLDER } from '../runs/layout.ts';
import type { Facts } from './facts.ts';
import { knownFiles } from './known-files.ts';
import { measuredBy } from './measured.ts';
import type { NewestRun } from './newest-run.ts';
import { pathOf } from './uri.ts';

/** The folders open in the editor, where a document stands among them, and what is known of the disk below. */
export class Workspace {
  private folders: readonly string[] = [];
  private readonly files: FileAccess;
  private readonly analyses: Analyses;

  /** @param openText the text of an open document by its path */
  constructor(
    private readonly facts: Facts,
    openText: (path: string) => string | undefined = () => undefined,
  ) {
    this.files = knownFiles(facts, openText);
    this.analyses = new Analyses(() => !facts.isMissing);
  }

  open(folders: readonly WorkspaceFolder[]): void {
    this.folders = folders.flatMap(({ uri }) => pathOf(uri) ?? []);
  }

  change(added: readonly WorkspaceFolder[], removed: readonly WorkspaceFolder[]): void {
    const gone = removed.map(({ uri }) => pathOf(uri));
    const kept = this.folders.filter((folder) => !gone.includes(folder));
    this.folders = [...kept, ...added.flatMap(({ uri }) => pathOf(uri) ?? [])];
  }

  contextOf(uri: string): LanguageContext {
    const file = pathOf(uri);
    // A text of another world, such as a folder on a server, has no place among the files of this machine.
    const isHere = file !== null || uri.startsWith('untitled:');
    return {
      file,
      workspaceFolders: isHere ? this.folders : [],
      files: this.files,
      analyses: this.analyses,
      measured: () => {
        const newest = this.newestRun(uri);
        return newest === null ? null : measuredBy(newest);
      },
      tried: () => {
        if (file === null) return null;
        const root = this.rootOf(file);
        return this.facts.ask('dryRun', [dryRunFile(root, file), file, root], null);
      },
    };
  }

  /** Of the config that a document is. */
  newestRun(uri: string): NewestRun | null {
    const file = pathOf(uri);
    if (file === null) return null;
    const root = this.rootOf(file);
    return this.facts.ask('newestRun', [join(root, RUNS_FOLDER), file, root], null);
  }

  /** What was found out of texts does not hold any more. */
  forget(): void {
    this.analyses.forget();
  }

  private rootOf(file: string): string {
    return findRoot(file, this.folders, this.files);
  }
}
