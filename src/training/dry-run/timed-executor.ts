import { isEager, type Executor, type Program } from '../../executors/executor.ts';

/** When a graph ran, in milliseconds of the process. */
export interface TimedRun {
  readonly graph: string;
  readonly start: number;
  readonly end: number;
}

/** What a program did: in the order of the phases, each phase has one. */
export interface TimedProgram {
  readonly graphs: readonly string[];
  readonly loadMilliseconds: number;
  readonly runs: TimedRun[];
}

/** The same executor, with a clock beside it. */
export function timedExecutor(executor: Executor, programs: TimedProgram[]): Executor {
  const timed = async (graphs: readonly string[], load: () => Promise<Program>): Promise<Program> => {
    const before = performance.now();
    const program = await load();
    const record = { graphs, loadMilliseconds: performance.now() - before, runs: [] as TimedRun[] };
    programs.push(record);
    return withClock(program, record.runs);
  };
  if (isEager(executor)) {
    return {
      ...executor,
      load: (graphs, state) => timed(Object.keys(graphs), () => executor.load(graphs, state)),
      loadSteps: (
        steps: Parameters<typeof executor.loadSteps>[0],
        state: Parameters<typeof executor.loadSteps>[1],
      ) => timed(Object.keys(steps), () => executor.loadSteps(steps, state)),
    } as Executor;
  }
  return {
    ...executor,
    load: (graphs, state) => timed(Object.keys(graphs), () => executor.load(graphs, state)),
  };
}

function withClock(program: Program, runs: TimedRun[]): Program {
  return {
    get compilation() {
      return program.compilation;
    },
    async run(graph, feeds) {
      const start = performance.now();
      const fetched = await program.run(graph, feeds);
      runs.push({ graph, start, end: performance.now() });
      return fetched;
    },
    readState: (names) => program.readState(names),
    writeState: (values) => program.writeState(values),
    dispose: () => program.dispose(),
  };
}
