import type { Executor } from '../../../src/executors/executor.ts';
import { updatePosition } from '../../../src/training/gradient-accumulation.ts';
import { PhaseProgram } from '../../../src/training/phase-program.ts';
import { scalarsAt } from '../../../src/training/step-feeds.ts';
import type { Trajectory, Work } from './work.ts';

/** The work as the product does it: traced, lowered, run by an executor. */
export async function compiledTrajectory(work: Work, executor: Executor): Promise<Trajectory> {
  const { plan, batch, stepsPerEpoch, batches, rates } = work;
  const { gradientAccumulation } = plan.settings;
  const short = batches.find(({ labels }) => labels.length < batch);
  const sizes = {
    train: batch,
    accumulate: gradientAccumulation > 1 ? batch : 0,
    trainLast: short?.labels.length ?? 0,
    shares: 0,
    predict: 1,
    evaluate: 0,
    evaluateLast: 0,
    probe: 0,
    attention: 0,
  };
  const program = await PhaseProgram.load(plan, sizes, executor);
  try {
    await program.writeState(work.initial);
    const losses: number[] = [];
    for (const [step, { images, labels }] of batches.entries()) {
      const { update, firstStep, updates } = updatePosition(step, stepsPerEpoch, gradientAccumulation);
      const full = labels.length === batch;
      const { loss } = await program.run(!updates ? 'accumulate' : full ? 'train' : 'trainLast', {
        images,
        labels,
        ...scalarsAt(plan, { step: firstStep, stepsPerEpoch }, { update }),
        learningRate: Float32Array.of(rates[step] ?? NaN),
        gradientSamples: Float32Array.of((step - firstStep) * batch + labels.length),
      });
      losses.push(loss?.[0] ?? NaN);
    }
    const names = new Set(Object.keys(work.initial));
    const learner = Object.entries(await program.readState());
    const wanted = learner.filter(([name]) => names.has(name.replace(/^average:/, '')));
    return {
      losses,
      tensors: Object.fromEntries(wanted.map(([name, { data }]) => [name, data as Float32Array])),
    };
  } finally {
    await program.dispose();
  }
}
