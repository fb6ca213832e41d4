import type { NumericArray, StepGraph } from '../compiler/graph.ts';
import type { Compilation, Executor, Feeds, Fetches, Program } from './executor.ts';

/** Between two looks at the machine. */
const LOOK_MILLISECONDS = 5_000;
/** Looks in a row that must agree: making the sessions again takes about as long as some dozens of steps. */
const AGREEING_LOOKS = 2;

export interface Sharing {
  /** Whether other programs need the processor now. */
  readonly isBusy: () => boolean;
  /** Milliseconds that only grow. */
  readonly now?: () => number;
}

/**
 * An executor whose threads wait actively while the machine is idle, and without spinning while other programs need it. The
 * change is made between steps: state out, sessions anew, state in. Numbers are the same bit for bit.
 *
 * @param make the executor with spinning threads, or without
 */
export function sharing(make: (spinning: boolean) => Executor, options: Sharing): Executor {
  let current = make(true);
  return {
    ...current,
    get description() {
      return current.description;
    },
    async load(graphs, state) {
      const program = new SharingProgram((spinning) => (current = make(spinning)), graphs, options);
      await program.start(state);
      return program;
    },
  };
}

class SharingProgram implements Program {
  readonly #executor: (spinning: boolean) => Executor;
  readonly #graphs: Readonly<Record<string, StepGraph>>;
  readonly #isBusy: () => boolean;
  readonly #now: () => number;
  #program: Program | null = null;
  #spins = true;
  #looked = 0;
  #disagreeing = 0;

  constructor(
    executor: (spinning: boolean) => Executor,
    graphs: Readonly<Record<string, StepGraph>>,
    { isBusy, now = () => performance.now() }: Sharing,
  ) {
    this.#executor = executor;
    this.#graphs = graphs;
    this.#isBusy = isBusy;
    this.#now = now;
  }

  async start(state: Readonly<Record<string, NumericArray>>): Promise<void> {
    this.#spins = !this.#isBusy();
    this.#looked = this.#now();
    this.#program = await this.#executor(this.#spins).load(this.#graphs, state);
  }

  get compilation(): Compilation | undefined {
    return this.#program?.compilation;
  }

  async run(graph: string, feeds: Feeds): Promise<Fetches> {
    if (this.#now() - this.#looked >= LOOK_MILLISECONDS) await this.#look();
    return this.#loaded.run(graph, feeds);
  }

  readState(names?: readonly string[]): Promise<Record<string, NumericArray>> {
    return this.#loaded.readState(names);
  }

  writeState(values: Readonly<Record<string, NumericArray>>): Promise<void> {
    return this.#loaded.writeState(values);
  }

  dispose(): Promise<void> {
    return this.#loaded.dispose();
  }

  async #look(): Promise<void> {
    this.#looked = this.#now();
    this.#disagreeing = this.#isBusy() === this.#spins ? this.#disagreeing + 1 : 0;
    if (this.#disagreeing < AGREEING_LOOKS) return;
    this.#disagreeing = 0;
    const state = await this.#loaded.readState();
    await this.#loaded.dispose();
    this.#spins = !this.#spins;
    this.#program = await this.#executor(this.#spins).load(this.#graphs, state);
  }

  get #loaded(): Program {
    if (this.#program === null) throw new Error('the program was not started');
    return this.#program;
  }
}
