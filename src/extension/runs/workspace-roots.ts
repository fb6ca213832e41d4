import { dirname, join, sep } from 'node:path';
import * as vscode from 'vscode';
import { Disposable } from '../disposable.ts';
import { LANGUAGE } from '../ids.ts';
import { workspaceFolderPaths } from '../workspace-folders.ts';
import type { RunsWatcher } from './runs-watcher.ts';

/** Any config would do: a run belongs where a config in the folder would put it. */
const ANY_CONFIG = 'any.kd.yaml';
const MOST_RECORDS = 500;

type FindRoot = (file: string, workspaceFolders: readonly string[]) => string;

/** Tells the watcher where runs of this workspace lie: for each folder, for each open config, and wherever records are found. */
export class WorkspaceRoots extends Disposable {
  constructor(
    private readonly runs: RunsWatcher,
    private readonly findRoot: FindRoot,
  ) {
    super();
    this.register(vscode.workspace.onDidChangeWorkspaceFolders(() => this.update()));
    this.register(vscode.workspace.onDidOpenTextDocument((document) => this.addRootOf(document)));
    this.update();
  }

  private update(): void {
    const folders = workspaceFolderPaths();
    this.runs.setRoots([
      ...new Set(folders.map((folder) => this.findRoot(join(folder, ANY_CONFIG), folders))),
    ]);
    for (const document of vscode.workspace.textDocuments) this.addRootOf(document);
    void this.addRecorded();
  }

  private addRootOf({ languageId, uri }: vscode.TextDocument): void {
    if (languageId === LANGUAGE && uri.scheme === 'file') {
      this.runs.addRoot(this.findRoot(uri.fsPath, workspaceFolderPaths()));
    }
  }

  /** Configs in subfolders may keep their runs beside them. */
  private async addRecorded(): Promise<void> {
    const records = await vscode.workspace.findFiles(
      '**/.kd/runs/*/run.json',
      '**/node_modules/**',
      MOST_RECORDS,
    );
    for (const uri of records) {
      if (uri.scheme !== 'file') continue;
      const [root] = dirname(uri.fsPath).split(`${sep}.kd${sep}runs${sep}`);
      if (root !== undefined) this.runs.addRoot(root);
    }
  }
}
