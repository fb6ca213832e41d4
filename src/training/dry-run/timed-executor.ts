import { isEager, type Executor, type Program } from '../../executors/executor.ts';
import type { Timeline } from './timeline.ts';

/** The same executor, with a clock beside it. */
export function timedExecutor(executor: Executor, timeline: Timeline): Executor {
  if (isEager(executor)) {
    return {
      ...executor,
      load: async (graphs, state) => withClock(await executor.load(graphs, state), timeline),
      loadSteps: async (
        steps: Parameters<typeof executor.loadSteps>[0],
        state: Parameters<typeof executor.loadSteps>[1],
      ) => withClock(await executor.loadSteps(steps, state), timeline),
    } as Executor;
  }
  return {
    ...executor,
    load: async (graphs, state) => withClock(await executor.load(graphs, state), timeline),
  };
}

function withClock(program: Program, timeline: Timeline): Program {
  return {
    get compilation() {
      return program.compilation;
    },
    async run(graph, feeds) {
      const start = performance.now();
      const fetched = await program.run(graph, feeds);
      timeline.add({ kind: 'graph', name: graph, start, end: performance.now() });
      return fetched;
    },
    readState: (names) => program.readState(names),
    writeState: (values) => program.writeState(values),
    dispose: () => program.dispose(),
  };
}
