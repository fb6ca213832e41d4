import type { NumericArray } from '../../src/compiler/graph.ts';
import { trace } from '../../src/compiler/trace.ts';
import { largestDifference } from '../../src/executors/compare.ts';
import type { Executor } from '../../src/executors/executor.ts';
import { residualStep } from '../compiler/residual-net.ts';

/** A small residual net as it is trained, with channels enough for blocks. */
const training = residualStep(
  { batch: 16, size: 8, width: 16, classes: 5, blocksPerStage: 1, stages: 2 },
  'momentum',
);
const graph = trace('train', training.step, training.specs);
const STEPS = 3;

export interface Trained {
  readonly losses: readonly number[];
  readonly state: Readonly<Record<string, NumericArray>>;
}

export async function trained(executor: Executor): Promise<Trained> {
  const program = await executor.load({ train: graph }, training.state);
  try {
    const losses: number[] = [];
    for (let step = 0; step < STEPS; step++) {
      const { loss } = await program.run('train', { ...training.hyper, ...training.batch(step) });
      losses.push(loss?.[0] ?? NaN);
    }
    return { losses, state: await program.readState() };
  } finally {
    await program.dispose();
  }
}

/** The largest difference of losses, and of any tensor of the state, as a share of its largest number. */
export function apart(actual: Trained, expected: Trained): { readonly loss: number; readonly state: number } {
  const tensors = Object.keys(expected.state).map((name) =>
    largestDifference(actual.state[name], expected.state[name] ?? new Float32Array()),
  );
  return {
    loss: largestDifference(Float32Array.from(actual.losses), Float32Array.from(expected.losses)),
    state: tensors.reduce((worst, one) => (one > worst || Number.isNaN(one) ? one : worst), 0),
  };
}
