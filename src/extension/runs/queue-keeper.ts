import { Disposable } from '../disposable.ts';
import { isTrusted } from '../trust.ts';
import type { RunControl } from './run-control.ts';
import { isQueued } from './run-entry.ts';
import type { RunsWatcher } from './runs-watcher.ts';

/** Sees to it that whatever waits in a queue is served, also after a restart of the machine. */
export class QueueKeeper extends Disposable {
  constructor(
    private readonly runs: RunsWatcher,
    private readonly control: Pick<RunControl, 'serve'>,
    private readonly report: (message: string) => void,
  ) {
    super();
    this.register(runs.onDidChange(() => this.look()));
    this.look();
  }

  private look(): void {
    if (!isTrusted()) return;
    const waiting = this.runs.entries.filter(isQueued);
    for (const root of new Set(waiting.map(({ record }) => record.root))) {
      this.control.serve(root).catch((error: unknown) => this.report(`queue of ${root}: ${String(error)}`));
    }
  }
}
