import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../protocol/errors.ts';
import type { RunDirectory } from './directory.ts';
import { writeAtomically, writing } from './disk.ts';
import { FILES, QUEUE_FOLDER } from './layout.ts';
import { whileControlling } from './lock.ts';
import { RecordFile } from './record-file.ts';
import { parseRecords } from './records.ts';
import { sampleLines } from './sampled-history.ts';
import { queueAgain, settle } from './settle.ts';
import { isActive, isResumable } from './status.ts';
import { requestStop } from './control.ts';
import { hardwareOf, type Hardware } from '../protocol/hardware.ts';
import { elsewhereText, runsElsewhere, type RunElsewhere } from './machine.ts';
import { RunStore } from './store.ts';

/** `.kd/queue/queue.json`: everything that the runs themselves do not say. */
export interface QueueState {
  readonly formatVersion: 1;
  /** Ids of the runs that wait, the next one first. */
  readonly order: readonly string[];
  /** Ids of those that the queue has started and whose end it has not seen. */
  readonly started: readonly string[];
  /** How many may work at a time. */
  readonly parallel: number;
  /** Megabytes that all of them together may take; null: no limit. */
  readonly memoryMegabytes: number | null;
}

const EMPTY: QueueState = { formatVersion: 1, order: [], started: [], parallel: 1, memoryMegabytes: null };
/** What a run is taken to need whose experiment has never been measured. */
const UNKNOWN_MEGABYTES = 1000;
/** Of the same config file, the newest. */
const RUNS_LOOKED_AT = 3;

/**
 * The queue of a root: runs that wait for their turn. It lives in files alone, so it survives whatever ends; a worker process
 * (`queue-worker.ts`) starts what is next.
 */
export class RunQueue {
  readonly store: RunStore;
  /** Lock, heartbeat and state. */
  readonly folder: string;

  constructor(store: RunStore) {
    this.store = store;
    this.folder = join(store.root, QUEUE_FOLDER);
  }

  /** A file that is missing or damaged is an empty queue: the runs that waited stay where they are. */
  get state(): QueueState {
    try {
      const value = JSON.parse(readFileSync(join(this.folder, FILES.queue), 'utf8')) as Partial<QueueState>;
      const ids = (list: unknown) => (Array.isArray(list) ? list.filter((id) => typeof id === 'string') : []);
      const { parallel, memoryMegabytes } = value;
      return {
        formatVersion: 1,
        order: ids(value.order),
        started: ids(value.started),
        parallel: typeof parallel === 'number' && parallel >= 1 ? Math.floor(parallel) : 1,
        memoryMegabytes: typeof memoryMegabytes === 'number' ? memoryMegabytes : null,
      };
    } catch {
      return EMPTY;
    }
  }

  /** Changes the state while nobody else does. */
  change(edit: (state: QueueState) => Partial<QueueState>): Promise<QueueState> {
    writing(this.folder, () => mkdirSync(this.folder, { recursive: true }));
    return whileControlling(this.folder, () => {
      const state = this.state;
      const next = { ...state, ...edit(state) };
      writeAtomically(join(this.folder, FILES.queue), `${JSON.stringify(next, null, 2)}\n`, {
        durable: true,
      });
      return next;
    });
  }

  /**
   * Puts a run at the end: a new one, or one that has ended and shall go on.
   *
   * @param changes `engine.path=value` of one that goes on elsewhere
   */
  async add(run: RunDirectory, changes: readonly string[] = []): Promise<void> {
    if (run.record().status !== 'queued') queueAgain(run, changes);
    new RecordFile(run.path).update({ waiting: true });
    await this.change(({ order }) => ({ order: [...order.filter((id) => id !== run.id), run.id] }));
  }

  /** Takes a run out, or stops it where it works already. Throws KD5029 where it is in no way part of the queue. */
  async cancel(run: RunDirectory): Promise<'removed' | 'stopping'> {
    if (isActive(run.status())) {
      await requestStop(run);
      return 'stopping';
    }
    this.#requireWaiting(run);
    await this.change(({ order }) => ({ order: order.filter((id) => id !== run.id) }));
    settle(run, 'stopped');
    return 'removed';
  }

  /** Moves a waiting run to a place, from 1. */
  async move(run: RunDirectory, place: number): Promise<void> {
    this.#requireWaiting(run);
    await this.change(({ order }) => {
      const others = order.filter((id) => id !== run.id);
      others.splice(Math.max(0, place - 1), 0, run.id);
      return { order: others };
    });
  }

  #requireWaiting(run: RunDirectory): void {
    if (this.state.order.includes(run.id)) return;
    const status = run.status();
    const retry = isResumable(status) ? `; \`kd queue retry ${run.id}\` puts it there` : '';
    throw new UserError({
      code: 'KD5029',
      message: `run ${run.id} does not wait in the queue; it is ${status}`,
      help: `\`kd queue list\` tells what waits${retry}`,
      file: run.path,
    });
  }

  /** The runs that wait, the next one first; those that were removed meanwhile are left out. */
  waiting(): RunDirectory[] {
    return this.state.order.flatMap((id) => this.#open(id)).filter(isInQueue);
  }

  /** The runs that the queue has started and whose end it has not seen. */
  started(): RunDirectory[] {
    return this.state.started.flatMap((id) => this.#open(id));
  }

  #open(id: string): RunDirectory[] {
    try {
      return [this.store.open(id)];
    } catch {
      return [];
    }
  }

  /** Runs of other folders that the next one waits for, or shares the device with. */
  elsewhere(): RunElsewhere[] {
    const [first] = this.waiting();
    return first === undefined ? [] : runsElsewhere(this.store, hardwareOf(first.record()));
  }

  /**
   * The next run that may start now beside those that work, whoever started them, here or on its device in another folder; null
   * where it must wait.
   */
  next(): RunDirectory | null {
    const { parallel, memoryMegabytes } = this.state;
    const [first] = this.waiting();
    if (first === undefined) return null;
    const elsewhere = runsElsewhere(this.store, hardwareOf(first.record())).map(({ run }) => run);
    const working = [...workingRuns(this.store), ...elsewhere];
    if (working.length === 0) return first;
    if (working.length >= parallel) return null;
    if (memoryMegabytes === null) return first;
    const needed = [...working, first].map(megabytesOf);
    return needed.reduce((sum, one) => sum + one, 0) <= memoryMegabytes ? first : null;
  }
}

/** The most that a run of the same config file was seen to take. */
function megabytesOf(run: RunDirectory): number {
  const { config, root } = run.record();
  const seen = new RunStore(root)
    .list()
    .filter(({ record }) => record.config === config)
    .slice(0, RUNS_LOOKED_AT)
    .map(({ run: own }) => largestMegabytes(own))
    .filter((megabytes) => megabytes !== null);
  return seen.length === 0 ? UNKNOWN_MEGABYTES : Math.max(...seen);
}

/** The most that a run was seen to take; of a long history a part from everywhere is read. Null where nothing was measured. */
function largestMegabytes(run: RunDirectory): number | null {
  const sample = sampleLines(join(run.path, FILES.metrics));
  const records = sample === null ? run.metrics() : parseRecords('metrics', sample.lines);
  let largest: number | null = null;
  for (const { values } of records) {
    const megabytes = values['memoryMegabytes'];
    if (typeof megabytes === 'number') largest = Math.max(largest ?? 0, megabytes);
  }
  return largest;
}

/** Somebody may have started it by hand since. */
function isInQueue(run: RunDirectory): boolean {
  const { status, waiting } = run.record();
  return status === 'queued' && waiting === true;
}

/** Runs of a root that an engine works on, or that wait for one that was just started: not those in the queue. */
export function workingRuns(store: RunStore): RunDirectory[] {
  return store
    .list()
    .filter(({ status, record }) => isActive(status) || (status === 'queued' && record.waiting !== true))
    .map(({ run }) => run);
}

/**
 * One run at a time on a device: throws KD5027 where another run of this folder works, or one of another folder on what may be the
 * same device. Two of them slow each other down more than one after the other, and may together take more memory than there is.
 *
 * @param hardware what the run will compute on; null: unknown
 * @param self the run that goes on; null: a new one
 */
export function requireFreeDevice(
  store: RunStore,
  hardware: Hardware | null,
  self: RunDirectory | null = null,
): void {
  const other = workingRuns(store).find(({ id }) => id !== self?.id);
  const [elsewhere] = other === undefined ? runsElsewhere(store, hardware) : [];
  const text =
    other !== undefined ? `run ${other.id}` : elsewhere === undefined ? null : elsewhereText(elsewhere);
  if (text === null) return;
  const file = (other ?? elsewhere?.run)?.path;
  throw new UserError({
    code: 'KD5027',
    message: `${text} is working on this machine already`,
    help: wayRound(self),
    ...(file === undefined ? {} : { file }),
  });
}

function wayRound(self: RunDirectory | null): string {
  if (self === null)
    return 'put this one after it with `kd queue add FILE`, or start it all the same with --beside';
  return isInQueue(self)
    ? 'this one waits in the queue and starts after it; let it go on all the same with --beside'
    : `put this one after it with \`kd queue retry ${self.id}\`, or let it go on all the same with --beside`;
}
