import { watch, type FSWatcher } from 'node:fs';
import { isActive, labelsOf, labelsOfAsync, RunStore, type ListedRun } from '../../runs/index.ts';
import { Disposable } from '../disposable.ts';
import { entryOf, isWorking, sameRuns, sortRuns, type RunEntry } from './run-entry.ts';

/** How often all runs are listed again, for what no file system announced (network folders, a run resumed elsewhere). */
const LIST_MILLISECONDS = 3_000;
/** How often a working run is looked at where the system announces no changes. */
const FOLLOW_MILLISECONDS = 1_000;

type LabelledRun = ListedRun & { readonly labels: ReturnType<typeof labelsOf> };

export type RunsListener = (now: readonly RunEntry[], before: readonly RunEntry[]) => void;

/**
 * All runs below a set of roots, kept true by looking at the run directories alone. So a reload of the window or a
 * second window sees the same as the one that started a run.
 */
export class RunsWatcher extends Disposable {
  private readonly stores = new Map<string, RunStore>();
  private readonly watchers = new Map<string, FSWatcher>();
  private readonly followed = new Map<string, AbortController>();
  private readonly listeners = new Set<RunsListener>();
  private known: readonly RunEntry[] = [];
  /** While all runs are listed: those that were seen anew meanwhile; null: nothing is listed. */
  private newer: Set<string> | null = null;
  /** What is being listed was listed anew meanwhile. */
  private isOutdated = false;
  /** Something came that may have been missed. */
  private isMissed = false;

  constructor(
    private readonly report: (message: string) => void,
    listMilliseconds = LIST_MILLISECONDS,
  ) {
    super();
    const timer = setInterval(() => void this.look(), listMilliseconds);
    timer.unref();
    this.register({ dispose: () => clearInterval(timer) });
    this.register({ dispose: () => this.letGo() });
  }

  /** Newest first. */
  get entries(): readonly RunEntry[] {
    return this.known;
  }

  /** Roots whose runs are shown: folders in which `.kd` lies or will lie. */
  get roots(): readonly string[] {
    return [...this.stores.keys()];
  }

  addRoot(root: string): void {
    if (this.isDisposed || this.stores.has(root)) return;
    this.stores.set(root, new RunStore(root));
    this.refresh();
  }

  /** Keeps these roots and forgets all others. */
  setRoots(roots: readonly string[]): void {
    for (const root of this.roots) if (!roots.includes(root)) this.removeRoot(root);
    for (const root of roots) this.addRoot(root);
    this.refresh();
  }

  onDidChange(listener: RunsListener): { dispose(): void } {
    this.listeners.add(listener);
    return { dispose: () => this.listeners.delete(listener) };
  }

  /** Looks at every run now. */
  refresh(): void {
    if (this.isDisposed) return;
    this.isOutdated = true;
    const listed = [...this.stores.values()].flatMap((store) => {
      this.watchFolder(store);
      try {
        return store.list();
      } catch (error) {
        return this.complain(store, error);
      }
    });
    this.take(listed.map((one) => ({ ...one, labels: labelsOf(one.run.path) })));
  }

  /**
   * Looks at every run while the window goes on working, which takes a moment where there are many.
   *
   * @param isNews something is there that was not
   */
  private async look(isNews = false): Promise<void> {
    if (this.isDisposed) return;
    if (this.newer !== null) {
      this.isMissed ||= isNews;
      return;
    }
    const newer = this.begin();
    const listed: LabelledRun[] = [];
    for (const store of [...this.stores.values()]) {
      this.watchFolder(store);
      const runs = await store.listAsync().catch((error: unknown) => this.complain(store, error));
      for (const one of runs) listed.push({ ...one, labels: await labelsOfAsync(one.run.path) });
    }
    this.newer = null;
    if (!this.isOutdated) this.take(listed, newer);
    if (this.isOutdated || this.isMissed) void this.look();
  }

  private begin(): Set<string> {
    this.isOutdated = false;
    this.isMissed = false;
    this.newer = new Set();
    return this.newer;
  }

  private complain(store: RunStore, error: unknown): readonly ListedRun[] {
    this.report(`runs in ${store.folder} cannot be listed: ${String(error)}`);
    return [];
  }

  /** @param newer directories whose runs are known better than they were listed */
  private take(listed: readonly LabelledRun[], newer: ReadonlySet<string> = new Set()): void {
    if (this.isDisposed) return;
    const entries = listed
      .filter(({ run }) => !newer.has(run.path))
      .map(({ run, record, status, labels }) =>
        entryOf(run.path, record, status, { silent: isActive(status) && run.isSilent(record), labels }),
      );
    this.replace([...this.known.filter(({ directory }) => newer.has(directory)), ...entries]);
    for (const { run, status } of listed) if (isWorking({ status })) this.follow(run);
  }

  /** New runs are announced by the folder that holds them, once it exists. */
  private watchFolder(store: RunStore): void {
    if (this.watchers.has(store.root)) return;
    try {
      const watcher = watch(store.folder, { persistent: false }, () => void this.look(true));
      const forget = () => {
        watcher.close();
        this.watchers.delete(store.root);
      };
      watcher.on('error', forget);
      this.watchers.set(store.root, watcher);
    } catch {
      // No run yet, or no watches left: the timer looks again.
    }
  }

  private follow(run: ListedRun['run']): void {
    if (this.followed.has(run.path)) return;
    const abort = new AbortController();
    this.followed.set(run.path, abort);
    void this.readAlong(run, abort.signal).finally(() => {
      this.followed.delete(run.path);
    });
  }

  private async readAlong(run: ListedRun['run'], signal: AbortSignal): Promise<void> {
    try {
      const options = { signal, streams: [], untilFinal: true, pollMilliseconds: FOLLOW_MILLISECONDS };
      for await (const change of run.follow(options)) {
        if (change.type === 'record' && !signal.aborted) {
          const { record, status, silent } = change;
          this.update(entryOf(run.path, record, status, { silent, labels: labelsOf(run.path) }));
        }
      }
    } catch {
      // The run was moved away or its record damaged; the next listing tells.
    }
  }

  private update(entry: RunEntry): void {
    this.newer?.add(entry.directory);
    this.replace([...this.known.filter(({ directory }) => directory !== entry.directory), entry]);
  }

  private replace(entries: readonly RunEntry[]): void {
    const now = sortRuns(entries);
    if (sameRuns(now, this.known)) return;
    const before = this.known;
    this.known = now;
    for (const listener of [...this.listeners]) listener(now, before);
  }

  private removeRoot(root: string): void {
    this.stores.delete(root);
    this.watchers.get(root)?.close();
    this.watchers.delete(root);
  }

  private letGo(): void {
    for (const root of this.roots) this.removeRoot(root);
    for (const abort of this.followed.values()) abort.abort();
    this.listeners.clear();
  }
}
