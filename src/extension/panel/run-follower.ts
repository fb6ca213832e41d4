import type { RunRecord, RunStatus, Verdict } from '../../protocol/records.ts';
import type { RunChange } from '../../runs/follow.ts';
import type { RunDirectory } from '../../runs/directory.ts';
import { RunModel } from './run-model.ts';
import { viewOfRun } from './run-view.ts';

/** A run directory to follow: of `RunDirectory`, what is needed here. */
export type FollowedRun = Pick<RunDirectory, 'path' | 'record' | 'status' | 'follow'>;

export interface FollowerEvents {
  /** A model that replaces the one before: the run was opened, or its files were cut back and read afresh. */
  readonly onModel: (model: RunModel) => void;
  readonly onChange: () => void;
  /** The run directory can no longer be read: it was removed, or its record is damaged. */
  readonly onLost: (reason: string) => void;
}

/** Keeps a model equal to the files of a run until it is disposed. */
export class RunFollower {
  readonly #run: FollowedRun;
  readonly #events: FollowerEvents;
  readonly #stop = new AbortController();
  #record: RunRecord;
  #status: RunStatus;
  #verdict: Verdict | null = null;

  /** @throws UserError where `run.json` cannot be read */
  constructor(run: FollowedRun, events: FollowerEvents) {
    this.#run = run;
    this.#events = events;
    this.#record = run.record();
    this.#status = run.status(this.#record);
    void this.#follow();
  }

  dispose(): void {
    this.#stop.abort();
  }

  async #follow(): Promise<void> {
    try {
      while (!this.#stop.signal.aborted) await this.#readFromStart();
    } catch (error) {
      if (!this.#stop.signal.aborted)
        this.#events.onLost(error instanceof Error ? error.message : String(error));
    }
  }

  /** Returns when the files were cut back: what was drawn from the lost records cannot be undone in place. */
  async #readFromStart(): Promise<void> {
    const model = new RunModel(this.#view());
    this.#events.onModel(model);
    const changes = this.#run.follow({
      signal: this.#stop.signal,
      streams: ['metrics', 'events', 'gap', 'similarity'],
      sampled: true,
    });
    for await (const change of changes) {
      if (change.type === 'cut') return;
      this.#take(model, change);
      if (model.hasChanges) this.#events.onChange();
    }
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
        model.add({ [change.type]: change.records });
        return;
      case 'log':
        return;
    }
  }

  #view() {
    return viewOfRun({ ...this.#record, status: this.#status }, this.#run.path, this.#verdict);
  }
}
