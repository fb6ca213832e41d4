import type { EagerExecutor } from '../executor.ts';
import type { EagerBackend } from './backend.ts';
import { graphStep } from './graph-step.ts';
import { EagerProgram } from './program.ts';

/** Runs step functions as they are, and graphs kernel by kernel. */
export function eagerOn(backend: EagerBackend): EagerExecutor {
  return {
    name: `eager-${backend.name}`,
    description: backend.description,
    load(graphs, state) {
      const steps = Object.entries(graphs).map(([name, graph]) => [name, graphStep(graph)] as const);
      return Promise.resolve(new EagerProgram(backend, Object.fromEntries(steps), state));
    },
    loadSteps: (steps, state) => Promise.resolve(new EagerProgram(backend, steps, state)),
  };
}
