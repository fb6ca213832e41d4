import type { RunRecord, RunStatus, Verdict } from '../../protocol/records.ts';
import type { FollowedStream, RunChange } from '../../runs/follow.ts';
import type { RunDirectory } from '../../runs/directory.ts';
import { RunModel } from './run-model.ts';
import { viewOfRun } from './run-view.ts';

/** A run directory to follow: of `RunDirectory`, what is needed here. */
export type FollowedRun = Pick<RunDirectory, 'path' | 'record' | 'status' | 'failure' | 'follow'>;

export interface FollowerEvents {
  /** A model that replaces the one before: the run was opened, or its files were cut back and read afresh. */
  readonly onModel: (model: RunModel) => void;
  readonly onChange: () => void;
  /** The run directory can no longer be read: it was removed, or its record is damaged. */
  readonly onLost: (reason: string) => void;
  /** Where it is followed to its end only: the run has ended and everything is read. */
  readonly onOver?: () => void;
}

export interface FollowerOptions {
  /** Which metrics are kept; all by default. */
  readonly isWanted?: (metric: string) => boolean;
  readonly streams?: readonly FollowedStream[];
}

const STREAMS: readonly FollowedStream[] = ['metrics', 'events', 'gap', 'similarity', 'pictures'];

/** Keeps a model equal to the files of a run until it is disposed. */
export class RunFollower {
  readonly #run: FollowedRun;
  readonly #events: FollowerEvents;
  readonly #options: FollowerOptions;
  readonly #stop = new AbortController();
  #record: RunRecord;
  #status: RunStatus;
  #verdict: Verdict | null = null;

  /** @throws UserError where `run.json` cannot be read */
  constructor(run: FollowedRun, events: FollowerEvents, options: FollowerOptions = {}) {
    this.#run = run;
    this.#events = events;
    this.#options = options;
    this.#record = run.record();
    this.#status = run.status(this.#record);
    void this.#follow();
  }

  /** As it was last seen. */
  get status(): RunStatus {
    return this.#status;
  }

  dispose(): void {
    this.#stop.abort();
  }

  async #follow(): Promise<void> {
    try {
      let isOver = false;
      while (!this.#stop.signal.aborted && !isOver) isOver = await this.#readFromStart();
      if (isOver && !this.#stop.signal.aborted) this.#events.onOver?.();
    } catch (error) {
      if (!this.#stop.signal.aborted)
        this.#events.onLost(error instanceof Error ? error.message : String(error));
    }
  }

  /**
   * Returns false when the files were cut back: what was drawn from the lost records cannot be undone in place. True when the run
   * has ended, where somebody asked to be told.
   */
  async #readFromStart(): Promise<boolean> {
    const { isWanted, streams = STREAMS } = this.#options;
    const model = new RunModel(this.#view(), isWanted);
    this.#events.onModel(model);
    const changes = this.#run.follow({
      signal: this.#stop.signal,
      streams,
      sampled: true,
      untilFinal: this.#events.onOver !== undefined,
    });
    for await (const change of changes) {
      if (change.type === 'cut') return false;
      this.#take(model, change);
      if (model.hasChanges) this.#events.onChange();
    }
    return true;
  }

  #take(model: RunModel, change: Exclude<RunChange, { type: 'cut' }>): void {
    switch (change.type) {
      case 'record':
        this.#record = change.record;
        this.#status = change.status;
        model.setRun(this.#view());
        return;
      case 'verdict':
        this.#verdict = change.verdict;
        model.setRun(this.#view());
        return;
      case 'layers':
        model.setLayers(change.record);
        return;
      case 'metrics':
      case 'events':
      case 'gap':
      case 'similarity':
      case 'pictures':
        model.add({ [change.type]: change.records });
        return;
      case 'log':
        return;
    }
  }

  #view() {
    const status = this.#status;
    // The engine of an interrupted run could not write why.
    const failure = status === 'interrupted' ? this.#run.failure(this.#record) : null;
    const record = { ...this.#record, status, ...(failure !== null && { failure }) };
    return viewOfRun(record, this.#run.path, this.#verdict);
  }
}
