import { join } from 'node:path';
import type * as vscode from 'vscode';
import { findNode, launchEngine, queueAgain, requestStop, RunDirectory, RunStore } from '../../runs/index.ts';
import { copyEngine } from '../engine/engine-copy.ts';
import { setting } from '../settings.ts';
import { isTrusted, requireTrust } from '../trust.ts';
import type { ReadyExperiment } from './ready-experiment.ts';
import type { RunsWatcher } from './runs-watcher.ts';

/** Starts, stops and resumes engines. Whatever they do afterwards is read from their run directories. */
export class RunControl {
  private readonly dist: string;
  private readonly storage: string;
  private readonly version: string;

  constructor(
    context: vscode.ExtensionContext,
    private readonly runs: RunsWatcher,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.dist = join(context.extensionPath, 'dist');
    this.storage = context.globalStorageUri.fsPath;
    this.version = String((context.extension.packageJSON as { version?: unknown }).version);
  }

  /** Makes the run directory and starts its engine. Returns the run's directory. */
  async start(experiment: ReadyExperiment): Promise<string> {
    requireTrust('An experiment is run');
    const run = new RunStore(experiment.root).create(experiment.run);
    this.runs.addRoot(experiment.root);
    await this.launch(run);
    return run.path;
  }

  /** Asks the engine to finish its step, write a checkpoint and end. */
  async stop(directory: string): Promise<void> {
    const outcome = await requestStop(new RunDirectory(directory));
    this.log.info(`stop of ${directory}: ${outcome}`);
    this.runs.refresh();
  }

  /** Goes on from the last checkpoint. */
  async resume(directory: string): Promise<void> {
    requireTrust('A run is resumed');
    const run = new RunDirectory(directory);
    queueAgain(run);
    await this.launch(run);
  }

  private async launch(run: RunDirectory): Promise<void> {
    const node = await findNode({ configured: setting('nodePath') });
    const enginePath = await copyEngine(this.dist, this.storage, this.version);
    const engine = await launchEngine({ directory: run.path, enginePath, node, permission: isTrusted });
    this.log.info(`${run.id}: engine ${engine.pid}, ${node.path} (Node ${node.version}), ${enginePath}`);
    void engine.exited.then(({ code, signal }) => {
      this.log.info(`${run.id}: engine ended with ${signal ?? code ?? 'nothing'}`);
      this.runs.refresh();
    });
    this.runs.refresh();
  }
}
