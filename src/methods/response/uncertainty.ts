import type * as tf from '@tensorflow/tfjs-core';
import { choice, number, object } from '../../schema/field.ts';
import { crossEntropies } from '../math.ts';
import { defineMethod, type Ops } from '../method.ts';

/** Keeps the logarithm of a probability finite; far below what float32 softmax can tell from 0. */
const SMALLEST_PROBABILITY = 1e-37;
/** Range of a batch below which all of its samples count alike. */
const SMALLEST_RANGE = 1e-6;

/**
 * Distillation by what a Bayesian teacher does not know: how little it knows decides how much the labels count instead, and how
 * ambiguous a sample is decides at which temperature it is taught. With M answers z_m of an ensemble, or of random passes:
 *
 *     p̄ = 1/M Σₘ softmax(z_m)         U = H(p̄)        A = 1/M Σₘ H(softmax(z_m))        E = U − A        0 ≤ A, E ≤ log C
 *     w = 1 − E / log C               τ = τ₀ + (τ₁ − τ₀) (1 − A / log C)                                  a sample each
 *     L = 1/N · Σₙ [wₙ τₙ² KL(p̄ₙ^τₙ ‖ softmax(z_s,n / τₙ)) + max(1 − wₙ, floor) CE(yₙ, z_s,n)],     p̄^τ = 1/M Σₘ softmax(z_m / τ)
 *
 * `direct` turns the temperature round (A in place of 1 − A). `batch` takes E and A from their least to their largest value in the
 * batch in place of 0 to log C. Source: Hemmatian, Shahzadi, Mozaffari 2024 for the two roles of the two uncertainties; the
 * decomposition is the usual one; the formula is *inferred*.
 */
export const uncertainty = defineMethod({
  name: 'uncertainty',
  title: 'Distillation by uncertainty',
  knowledge: 'response',
  summary:
    'A Bayesian teacher is trusted where it knows, at a temperature by how ambiguous a sample is (Hemmatian 2024).',
  formula: [
    'p̄ = 1/M Σₘ softmax(zₘ),  A = 1/M Σₘ H(softmax(zₘ)),  E = H(p̄) − A',
    'w = 1 − E / log C,  τ = τ₀ + (τ₁ − τ₀) (1 − A / log C)',
    'L = 1/N · Σₙ [wₙ τₙ² KL(p̄ₙ^τₙ ‖ pₙ^τₙ student) + max(1 − wₙ, floor) CE(yₙ, z_student)]',
  ].join('\n'),
  papers: [
    {
      title: 'Uncertainty-based knowledge distillation for Bayesian deep neural network compression',
      authors: 'Hemmatian, Shahzadi, Mozaffari',
      where: 'International Journal of Approximate Reasoning 175, 2024, doi:10.1016/j.ijar.2024.109301',
    },
  ],
  parameters: object(
    {
      lowTemperature: number({
        doc: 'Temperature τ₀ of what is as ambiguous as can be (under `inverse`).',
        minimum: 0.1,
        maximum: 100,
        default: 1,
        schedulable: true,
        source: 'inferred',
      }),
      highTemperature: number({
        doc: 'Temperature τ₁ of what is not ambiguous at all.',
        minimum: 0.1,
        maximum: 100,
        default: 4,
        schedulable: true,
        source: 'inferred',
      }),
      direction: choice(
        {
          inverse: 'An ambiguous sample is soft already and is not softened further.',
          direct: 'An ambiguous sample is softened most.',
        },
        { doc: 'Which way ambiguity moves the temperature.', default: 'inverse', source: 'inferred' },
      ),
      floor: number({
        doc: 'Least weight of the labels, also where the teacher is sure.',
        minimum: 0,
        maximum: 1,
        default: 0.1,
        source: 'inferred',
      }),
      scale: choice(
        {
          classes: 'The logarithm of the number of classes, the largest that either can be.',
          batch: 'The range within the batch: with many classes and a sharp teacher the other hardly moves.',
        },
        { doc: 'What uncertainties are measured by.', default: 'classes', source: 'inferred' },
      ),
    },
    { doc: 'How the two uncertainties act.' },
  ),
  defaultWeight: { value: 1, source: 'inferred: the labels stand inside' },
  hardLabelWeight: { value: 0, source: 'inferred: the labels stand inside, sample by sample' },
  needs: { logits: true, labels: true, passes: true },
  figure: [
    'image ─┬─► teacher, M passes ─► z₁ … z_M ─► p̄ ─► U = H(p̄)',
    '       │                             └─► A = mean H(p_m)     E = U − A',
    '       │                                  │ temperature τ      │ trust w = 1 − E / log C',
    '       │                                  ▼                    ▼',
    '       └─► student ─► z_s ──────► w τ² KL(p̄^τ ‖ p_s^τ) + max(1 − w, floor) CE(y, z_s)',
  ].join('\n'),
  notes: [
    'It hears an ensemble (`from` with several models, scheme `multiTeacher`) or the random passes of a model with the module `bayesian`, or both together; all answers count alike. One network without that module says nothing of what it does not know, and is refused.',
    'A student with the module `bayesian` learns in one random pass a step. `measure.uncertainty` reports coverage, calibration and the uncertainties of each model on test data and on the same data shifted.',
    'Inferred: the whole formula beyond the decomposition. That epistemic uncertainty weighs teacher against labels and aleatoric uncertainty sets the temperature is what the abstract says; which way it moves is a choice.',
    'Refiners do not act on it: they change one answer, and here there are many.',
  ],
  fixtures: [],
  loss(ops, { student, teacher, labels, parameters }) {
    const passes = teacher.passes ?? ops.expandDims<tf.Tensor3D>(teacher.logits, 0);
    const classes = student.logits.shape[1];
    const [doubt, ambiguity] = uncertainties(ops, passes).map((value) =>
      parameters.scale === 'classes' ? ops.div(value, Math.log(classes)) : withinBatch(ops, value),
    ) as [tf.Tensor1D, tf.Tensor1D];
    const trust = ops.sub(1, doubt);
    const heat = parameters.direction === 'inverse' ? ops.sub(1, ambiguity) : ambiguity;
    const { lowTemperature: low, highTemperature: high } = parameters;
    const temperature = ops.add(low, ops.mul(ops.sub(high, low), heat)); // [batch]
    const column = ops.reshape(temperature, [-1, 1]);
    const target = ops.mean<tf.Tensor2D>(ops.softmax(ops.div(passes, column)), 0);
    const logStudent = ops.logSoftmax(ops.div(student.logits, column));
    const logTarget = ops.log(ops.maximum(target, SMALLEST_PROBABILITY));
    const divergences = ops.sum(ops.mul(target, ops.sub(logTarget, logStudent)), 1);
    const taught = ops.mul(ops.mul(trust, ops.square(temperature)), divergences);
    const labelled = ops.mul(
      ops.maximum(doubt, parameters.floor),
      crossEntropies(ops, student.logits, labels),
    );
    return ops.mean(ops.add(taught, labelled));
  },
});

/** Epistemic E and aleatoric A of every sample, `[batch]` each, in nats. @param passes `[passes, batch, classes]` */
function uncertainties(ops: Ops, passes: tf.Tensor3D): readonly [tf.Tensor1D, tf.Tensor1D] {
  const logs = ops.logSoftmax(passes);
  const mean = ops.mean<tf.Tensor2D>(ops.exp(logs), 0);
  const total = entropy(ops, mean, ops.log(ops.maximum(mean, SMALLEST_PROBABILITY)));
  const aleatoric = ops.mean<tf.Tensor1D>(entropy(ops, ops.exp(logs), logs), 0);
  // Rounding leaves −1e−8 where all passes agree.
  return [ops.maximum(ops.sub(total, aleatoric), 0), aleatoric];
}

function entropy(ops: Ops, probabilities: tf.Tensor, logs: tf.Tensor): tf.Tensor {
  return ops.neg(ops.sum(ops.mul(probabilities, logs), -1));
}

/** From 0 at the least to 1 at the largest value in the batch. */
function withinBatch(ops: Ops, values: tf.Tensor1D): tf.Tensor1D {
  const least = ops.min(values);
  return ops.div(ops.sub(values, least), ops.maximum(ops.sub(ops.max(values), least), SMALLEST_RANGE));
}
