import type * as tf from '@tensorflow/tfjs-core';
import type { Dataset } from '../data/dataset.ts';
import { jsonNumber } from '../measures/rows.ts';
import { oneHot } from '../methods/math.ts';
import { forward } from '../models/build.ts';
import { gateLevels, gateSharesOf } from '../models/gates.ts';
import type { GatesPicture } from '../protocol/records.ts';
import type { RunWriter } from '../runs/writer.ts';
import { inOrder } from './data.ts';
import { withGradients } from './gradients.ts';
import type { Job } from './jobs.ts';
import type { NamedTensors, PhaseProgram } from './phase-program.ts';
import type { PhasePlan } from './plan.ts';
import { imageSpecs } from './specs.ts';
import { required, type StepFunction } from './step-function.ts';
import { learnerSpecs, learnerTensors, type Step } from './steps.ts';
import { evaluatedVectors } from './weight-average.ts';

/** One backward pass a class: of more of them conflicts are not measured. */
const MOST_TASKS = 20;
/** Images on which the tasks of the classes are compared. */
export const CONFLICT_IMAGES = 16;
/** Keeps the cosine of gradients of nothing finite. */
const SMALLEST = 1e-20;

/** Whether the conflicts of a phase’s learner are measured: it has gates, and few enough classes. */
export function measuresConflicts({ learner, classes }: PhasePlan): boolean {
  return gateLevels(learner.graph).length > 0 && classes <= MOST_TASKS;
}

/**
 * How the tasks of the classes pull at the experts that they share:
 *
 *     g_c = ∇ 1/N Σₙ BCE(sigmoid(z_nc), 1[y_n = c])      with respect to the kernels of all experts
 *     conflicts[a][b] = g_a · g_b / (‖g_a‖ ‖g_b‖)         −1..1; below 0 what one learns the other unlearns
 *
 * In inference mode. Output: `conflicts` `[classes, classes]`. The measure is inferred: the paper reads conflicts off the gates.
 */
export function conflictsStep(plan: PhasePlan, batch: number): Step {
  const names = ({ instance }: { readonly instance: string }) => evaluatedVectors(instance, plan.settings);
  const alone = { ...plan, learners: [plan.learner] };
  const step: StepFunction = (ops, inputs) => {
    const { instance, graph, parameters } = plan.learner;
    const all = required(learnerTensors(ops, alone, inputs, names), instance);
    const read = graph.layers.flatMap(({ operation, inputs: of }) => (operation.kind === 'gate' ? of : []));
    const experts = new Set(read);
    const shared = parameters.parts.filter(({ name }) => name.endsWith('/kernel') && belongs(name, experts));
    const own = Object.fromEntries(shared.map(({ name }) => [name, required(all, name)]));
    const images = required(inputs, 'images') as tf.Tensor4D;
    const labels = oneHot(ops, required(inputs, 'labels') as tf.Tensor1D, plan.classes);
    const rows = Array.from({ length: plan.classes }, (_, task) => {
      const { gradients } = withGradients(ops, own, () => {
        const { logits } = forward(ops, graph, all, images, { training: false, wanted: [] });
        const column = (x: tf.Tensor2D) => ops.slice(x, [0, task], [batch, 1]);
        const answer = column(logits);
        // log(1 + eᶻ) − y z, in the form that does not overflow.
        const loss = ops.sub(ops.softplus(answer), ops.mul(column(labels), answer));
        return { loss: ops.mean<tf.Scalar>(loss), aside: {} };
      });
      return ops.concat(shared.map(({ name }) => ops.reshape<tf.Rank.R1>(required(gradients, name), [-1])));
    });
    const table = ops.stack(rows) as tf.Tensor2D;
    const lengths = ops.sqrt(ops.maximum(ops.sum(ops.square(table), 1, true), SMALLEST));
    const units = ops.div<tf.Tensor2D>(table, lengths);
    return { conflicts: ops.matMul(units, units, false, true) };
  };
  return {
    step,
    specs: {
      ...learnerSpecs(alone, names),
      ...imageSpecs(plan, batch),
      labels: { shape: [batch], dtype: 'int32', role: 'batch' },
    },
  };
}

/** Whether a tensor is that of an expert: its path begins like the layers that gates read. */
function belongs(name: string, read: ReadonlySet<string>): boolean {
  return [...read].some((path) => name.startsWith(`${path.slice(0, path.lastIndexOf('.'))}.`));
}

/**
 * Records how the gates of a phase’s learner share experts out after an epoch, and how its classes get in one another’s way.
 * @param tensors of the learner, as it is validated
 * @returns the same as numbers for the records: `gates/<level>/entropy` (nats), `gates/<level>/overlap`, and
 * `subtaskConflicts`, the share of pairs of classes whose gradients point against one another
 */
export async function recordGates(
  writer: RunWriter,
  job: Job,
  epoch: number,
  dataset: Dataset,
  program: PhaseProgram,
  tensors: NamedTensors,
): Promise<Readonly<Record<string, number>>> {
  const levels = gateLevels(program.plan.learner.graph);
  if (levels.length === 0) return {};
  const told = levels.map((gates, index): GatesPicture['levels'][number] => {
    const weights = gates.map(({ path, settings }) =>
      gateSharesOf(required(tensors, `${path}/gates`).data, settings, tensors[`${path}/steps`]?.data[0] ?? 0),
    );
    return { layer: `level${index + 1}`, weights, entropy: entropyOf(weights), overlap: overlapOf(weights) };
  });
  const conflicts = await conflictsOf(program, dataset);
  const { classes } = dataset;
  const head = { kind: 'gates', phase: job.phase.name, seed: job.seed, epoch } as const;
  writer.picture({ ...head, levels: told, conflicts: conflicts.map((row) => row.map(jsonNumber)), classes });
  const numbers = told.flatMap(({ layer, entropy, overlap }) => [
    [`gates/${layer}/entropy`, entropy] as const,
    [`gates/${layer}/overlap`, overlap] as const,
  ]);
  const pairs = conflicts.flatMap((row, a) => row.slice(a + 1));
  const against = pairs.filter((cosine) => cosine < 0).length;
  return {
    ...Object.fromEntries(numbers),
    ...(pairs.length === 0 ? {} : { subtaskConflicts: against / pairs.length }),
  };
}

async function conflictsOf(program: PhaseProgram, dataset: Dataset): Promise<readonly (readonly number[])[]> {
  const { conflicts: size = 0 } = program.sizes;
  const [batch] = size === 0 ? [] : inOrder(dataset, 'validation', size);
  if (batch === undefined) return [];
  const { conflicts = [] } = await program.run('conflicts', { images: batch.inputs, labels: batch.labels });
  const { classes } = program.plan;
  return Array.from({ length: classes }, (_, a) =>
    Array.from(conflicts.slice(a * classes, (a + 1) * classes)),
  );
}

/** Mean entropy of rows that add up to 1, in nats: 0 where each has one expert, log of their number where all have all. */
export function entropyOf(weights: readonly (readonly number[])[]): number {
  const own = weights.map((row) =>
    row.reduce((sum, share) => sum - (share > 0 ? share * Math.log(share) : 0), 0),
  );
  return own.reduce((a, b) => a + b, 0) / own.length;
}

/** Mean cosine of all pairs of rows; 0 for a single one. */
export function overlapOf(weights: readonly (readonly number[])[]): number {
  const dot = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, one, j) => sum + one * (b[j] ?? 0), 0);
  const cosines = weights.flatMap((a, i) =>
    weights.slice(i + 1).map((b) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))),
  );
  return cosines.length === 0 ? 0 : cosines.reduce((sum, one) => sum + one, 0) / cosines.length;
}
