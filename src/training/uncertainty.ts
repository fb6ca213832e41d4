import type { UncertaintyRhythm } from '../config/experiment.ts';
import type { Dataset } from '../data/dataset.ts';
import { shifted, type Shift } from '../data/shift.ts';
import type { Feeds } from '../executors/executor.ts';
import { measureUncertainty } from '../measures/uncertainty.ts';
import { inOrder } from './data.ts';
import { predictGraph, type PhaseProgram } from './phase-program.ts';
import type { Learner } from './plan.ts';
import { passesOf } from './teacher-answers.ts';

/**
 * Coverage, calibration and uncertainties of a learner on the test split as it is, and shifted, by their names in the records:
 * `uncertainty/coverage`, `uncertainty/shifted/coverage`, ... A Bayesian model answers by its random passes, any other once.
 * @param seed of the passes
 */
export async function uncertaintyOf(
  program: PhaseProgram,
  dataset: Dataset,
  learner: Learner,
  { coverage, shift }: UncertaintyRhythm,
  { seed, scalars }: { readonly seed: number; readonly scalars: Feeds },
): Promise<Record<string, number>> {
  const { classes } = program.plan;
  const { labels } = dataset.splits.test;
  const values: Record<string, number> = {};
  for (const [name, by] of [
    ['uncertainty', null],
    ['uncertainty/shifted', shift],
  ] as const) {
    const passes = await answersTo(program, dataset, learner, by, { seed, scalars });
    const { crossEntropy, ...measured } = measureUncertainty(passes, labels, classes, coverage);
    for (const [measure, value] of Object.entries({ ...measured, 'loss/ce': crossEntropy }))
      values[`${learner.prefix}${name}/${measure}`] = value;
  }
  return values;
}

/** `[samples, passes, classes]` logits of the test split. */
async function answersTo(
  program: PhaseProgram,
  dataset: Dataset,
  learner: Learner,
  shift: Shift | null,
  { seed, scalars }: { readonly seed: number; readonly scalars: Feeds },
): Promise<Float32Array> {
  const { plan, sizes } = program;
  const passes = learner.graph.bayesian?.samples ?? 1;
  const row = passes * plan.classes;
  const all = new Float32Array(dataset.splits.test.count * row);
  for (const batch of inOrder(dataset, 'test', sizes.predict)) {
    const images = shift === null ? batch.inputs : shifted(batch.inputs, dataset.shape, shift);
    const said =
      learner.graph.bayesian === undefined
        ? ((await program.run(predictGraph(plan, learner), { ...scalars, images }))['logits'] as Float32Array)
        : await passesOf(program, learner, images, { passes, seed });
    all.set(said.subarray(0, batch.count * row), (batch.indices[0] ?? 0) * row);
  }
  return all;
}
