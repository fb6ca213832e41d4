import { join } from 'node:path';
import type * as vscode from 'vscode';
import type { Device } from '../../protocol/devices.ts';
import { UserError } from '../../protocol/errors.ts';
import { deviceChange } from '../../protocol/next-device.ts';
import {
  findNode,
  launchEngine,
  queueAgain,
  requestPause,
  requestResume,
  requestStop,
  RunDirectory,
  RunQueue,
  RunStore,
  settle,
  settleAfterExit,
  startWorker,
  stopWithin,
} from '../../runs/index.ts';
import type { EngineExit, Launch } from '../../runs/launch.ts';
import { isServed } from '../../runs/queue-worker.ts';
import { copyEngine } from '../engine/engine-copy.ts';
import { setting } from '../settings.ts';
import { isTrusted, requireTrust } from '../trust.ts';
import type { ReadyExperiment } from './ready-experiment.ts';
import { isWaiting } from './run-entry.ts';
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
    const program = await this.prepare();
    const run = new RunStore(experiment.root).create(experiment.run);
    this.runs.addRoot(experiment.root);
    await this.launch(run, program);
    return run.path;
  }

  /** Puts a new run at the end of the queue of its root. Returns its id. */
  async enqueue(experiment: ReadyExperiment): Promise<string> {
    const run = new RunStore(experiment.root).create({ ...experiment.run, waiting: true });
    this.runs.addRoot(experiment.root);
    await this.queueOf(experiment.root, (queue) => queue.add(run));
    return run.id;
  }

  /** Does something with the queue of a root and sees that it is served. */
  async queueOf(root: string, action: (queue: RunQueue) => Promise<unknown>): Promise<void> {
    await action(new RunQueue(new RunStore(root)));
    this.runs.refresh();
    await this.serve(root);
  }

  /** Starts a worker for the queue of a root where there is something to do and none. */
  async serve(root: string): Promise<void> {
    if (!isTrusted()) return;
    const queue = new RunQueue(new RunStore(root));
    if (queue.waiting().length === 0 || isServed(queue)) return;
    const { node, enginePath } = await this.prepare();
    requireTrust('A queue is worked on');
    if (await startWorker(queue, { node, kd: join(this.dist, 'kd.cjs'), engine: enginePath }))
      this.log.info(`a worker serves the queue of ${root}`);
  }

  /** Asks the engine to finish its step, write a checkpoint and end. */
  async stop(directory: string): Promise<void> {
    await this.ask('stop', directory, requestStop);
  }

  /** Asks the engine to finish its step, write a checkpoint and wait. */
  async pause(directory: string): Promise<void> {
    await this.ask('pause', directory, requestPause);
  }

  private async ask(
    what: string,
    directory: string,
    request: (run: RunDirectory) => Promise<string>,
  ): Promise<void> {
    const outcome = await request(new RunDirectory(directory));
    this.log.info(`${what} of ${directory}: ${outcome}`);
    this.runs.refresh();
  }

  /** Ends the engine where it is; the last checkpoint stays. */
  async stopNow(directory: string): Promise<void> {
    await stopWithin(new RunDirectory(directory), 0);
    this.runs.refresh();
  }

  /** Goes on after a pause, or from the last checkpoint; elsewhere, where a device is given. */
  async resume(directory: string, device: Device | null = null): Promise<void> {
    requireTrust('A run is resumed');
    const run = new RunDirectory(directory);
    if (isWaiting(run.status())) {
      await this.ask('resume', directory, requestResume);
      return;
    }
    const program = await this.prepare();
    queueAgain(run, device === null ? [] : [deviceChange(device)]);
    await this.launch(run, program);
  }

  /** Everything that may fail before there is a run to fail. */
  private async prepare(): Promise<Pick<Launch, 'node' | 'enginePath'>> {
    const node = await findNode({ configured: setting('nodePath') });
    const enginePath = await copyEngine(this.dist, this.storage, this.version);
    this.log.info(`Node ${node.version} (${node.path}), ${enginePath}`);
    return { node, enginePath };
  }

  private async launch(run: RunDirectory, program: Pick<Launch, 'node' | 'enginePath'>): Promise<void> {
    try {
      const engine = await launchEngine({ directory: run.path, ...program, permission: isTrusted });
      this.log.info(`${run.id}: engine ${engine.pid}`);
      void engine.exited.then((exit) => this.afterExit(run, exit));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      // A run that never got an engine says so in its record, and is announced as every end of a run is.
      const { code, message, help } = error.problem;
      settle(run, 'failed', { code, message, help });
    } finally {
      this.runs.refresh();
    }
  }

  private afterExit(run: RunDirectory, exit: EngineExit): void {
    this.log.info(`${run.id}: engine ended with ${exit.signal ?? exit.code ?? 'nothing'}`);
    try {
      settleAfterExit(run, exit);
    } catch (error) {
      this.log.warn(`${run.id}: ${String(error)}`);
    }
    this.runs.refresh();
  }
}
