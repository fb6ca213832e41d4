import { availableParallelism, constants, cpus, loadavg, setPriority } from 'node:os';

/** Share of the cores that other programs may keep busy before the machine no longer counts as idle. */
const BUSY_ABOVE = 0.25;
/** And below which it counts as idle again; between the two nothing changes. */
const IDLE_BELOW = 0.1;
/** Load of the last minute, in which whatever waits for a core counts too. */
const LOAD_ABOVE = 0.75;
/** A shorter time tells more of chance than of the machine: its clock of work goes by hundredths of a second. */
const SHORTEST_MILLISECONDS = 150;

/** Milliseconds that all cores have worked, and those of them for this process. */
export interface Work {
  readonly all: number;
  readonly own: number;
  readonly time: number;
}

/**
 * Whether other programs need the processor, by what the cores worked for others since it was asked before; at first since this
 * process started. Where that was a moment ago or tells neither way, by the load of the last minute, in which a run that ended just
 * before counts too. Threads that wait actively are faster on an idle machine and far slower on a busy one.
 */
export class MachineLoad {
  readonly #measure: () => Work;
  #last: Work;
  #busy: boolean;

  constructor(measure = measureWork, lastMinute = loadavg()[0] ?? 0, start = atStart) {
    this.#measure = measure;
    this.#last = start;
    // Windows tells no load: it counts as idle until it has been measured.
    this.#busy = lastMinute >= availableParallelism() * LOAD_ABOVE;
  }

  isBusy(): boolean {
    const now = this.#measure();
    const time = now.time - this.#last.time;
    if (time < SHORTEST_MILLISECONDS) return this.#busy;
    const others = now.all - this.#last.all - (now.own - this.#last.own);
    const share = others / time / availableParallelism();
    this.#last = now;
    if (share > BUSY_ABOVE) this.#busy = true;
    else if (share < IDLE_BELOW) this.#busy = false;
    return this.#busy;
  }
}

/** When this process was started and had hardly worked. */
const atStart = measureWork();

function measureWork(): Work {
  const { user, system } = process.cpuUsage();
  const all = cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys, 0);
  return { all, own: (user + system) / 1000, time: performance.now() };
}

/** Lets every other program go first. Threads that are started afterwards have the same priority. */
export function yieldToOthers(): void {
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
}
