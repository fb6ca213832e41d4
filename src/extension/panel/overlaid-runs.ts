import type { RunStatus } from '../../protocol/records.ts';
import type { FollowedRun } from './run-follower.ts';
import { RunFollower } from './run-follower.ts';
import type { RunModel } from './run-model.ts';

export interface OverlayEvents {
  /** A model of a run: new, or read afresh. Null: the run cannot be read. */
  readonly onModel: (run: string, model: RunModel | null) => void;
  readonly onChange: () => void;
  readonly onDrop: (run: string) => void;
}

interface Overlaid {
  readonly follower: RunFollower;
  /** Everything is read, and nothing more comes unless the run is resumed. */
  isOver: boolean;
}

/**
 * Follows the runs that are laid over the one shown, and keeps of each the metrics that are drawn. They are opened one after
 * another, so that nothing else in this process waits for a hundred of them.
 */
export class OverlaidRuns {
  readonly #open: (run: string) => FollowedRun;
  readonly #events: OverlayEvents;
  /** Null: it cannot be read, and is tried again when it is asked for anew. */
  readonly #followed = new Map<string, Overlaid | null>();
  #wanted: readonly string[] = [];
  #metrics: readonly string[] = [];
  #isOpening = false;

  constructor(open: (run: string) => FollowedRun, events: OverlayEvents) {
    this.#open = open;
    this.#events = events;
  }

  /** @param metrics names, or beginnings of names that end in a slash */
  set(runs: readonly string[], metrics: readonly string[]): void {
    const hasOtherMetrics = JSON.stringify(metrics) !== JSON.stringify(this.#metrics);
    this.#metrics = metrics;
    this.#wanted = [...new Set(runs)];
    for (const [run, overlaid] of this.#followed) {
      if (hasOtherMetrics || overlaid === null || !this.#wanted.includes(run)) this.#drop(run);
    }
    void this.#openWanted();
  }

  /** The runs of the window have changed: one that had ended may go on. */
  refresh(statusOf: (run: string) => RunStatus | undefined): void {
    for (const [run, overlaid] of this.#followed) {
      if (overlaid?.isOver === true && statusOf(run) !== overlaid.follower.status) this.#drop(run);
    }
    void this.#openWanted();
  }

  dispose(): void {
    this.#wanted = [];
    for (const overlaid of this.#followed.values()) overlaid?.follower.dispose();
    this.#followed.clear();
  }

  #drop(run: string): void {
    this.#followed.get(run)?.follower.dispose();
    this.#followed.delete(run);
    this.#events.onDrop(run);
  }

  async #openWanted(): Promise<void> {
    if (this.#isOpening) return;
    this.#isOpening = true;
    for (;;) {
      const run = this.#wanted.find((one) => !this.#followed.has(one));
      if (run === undefined) break;
      this.#follow(run);
      // The follower reads up to the end of its files before it waits for the first time.
      await new Promise(setImmediate);
    }
    this.#isOpening = false;
  }

  #follow(run: string): void {
    const metrics = this.#metrics;
    const isWanted = (metric: string) =>
      metrics.some((name) => (name.endsWith('/') ? metric.startsWith(name) : metric === name));
    try {
      const follower = new RunFollower(
        this.#open(run),
        {
          onModel: (model) => this.#events.onModel(run, model),
          onChange: () => this.#events.onChange(),
          onLost: () => this.#lose(run),
          onOver: () => {
            const overlaid = this.#followed.get(run);
            if (overlaid?.follower === follower) overlaid.isOver = true;
          },
        },
        { isWanted, streams: ['metrics', 'events'] },
      );
      this.#followed.set(run, { follower, isOver: false });
    } catch {
      this.#lose(run);
    }
  }

  #lose(run: string): void {
    this.#followed.get(run)?.follower.dispose();
    this.#followed.set(run, null);
    this.#events.onModel(run, null);
  }
}
