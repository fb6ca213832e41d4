import type * as tf from '@tensorflow/tfjs-core';
import type { LabelSmoothing, TrainSettings } from '../config/experiment.ts';
import type { Feeds } from '../executors/executor.ts';
import type { Ops } from '../methods/method.ts';
import type { PhasePlan } from './plan.ts';
import type { Specs } from './specs.ts';
import { required, type Tensors } from './step-function.ts';

/** `[batch]`: the label of the smaller part of each mixed sample. */
export const MIXED_LABELS = 'mixedLabels';
/** Scalar: what of each mixed sample is its own. */
export const MIX_SHARE = 'mixShare';
/** `[classes]` */
export const CLASS_WEIGHTS = 'classWeights';

type HardLabelSettings = Pick<TrainSettings, 'mixing' | 'classWeights' | 'labelSmoothing'>;
type Plan = Pick<PhasePlan, 'classes' | 'generator'> & { readonly settings: HardLabelSettings };

/** What the cross-entropy of a training step reads beside the labels. Images that a network makes are neither mixed nor weighed. */
export function hardLabelSpecs({ classes, generator, settings }: Plan, batch: number): Specs {
  if (generator !== null) return {};
  const { mixing = [], classWeights } = settings;
  return {
    ...(mixing.length === 0
      ? {}
      : {
          [MIXED_LABELS]: { shape: [batch], dtype: 'int32', role: 'batch' },
          [MIX_SHARE]: { shape: [], dtype: 'float32', role: 'hyper' },
        }),
    ...(classWeights === undefined
      ? {}
      : { [CLASS_WEIGHTS]: { shape: [classes], dtype: 'float32', role: 'hyper' } }),
  };
}

/** @param labels of the training split, from which balanced weights are taken */
export function hardLabelFeeds({ classes, settings }: Plan, labels: Int32Array): Feeds {
  const { classWeights } = settings;
  if (classWeights === undefined) return {};
  const weights = classWeights === 'balanced' ? balancedWeights(labels, classes) : classWeights;
  return { [CLASS_WEIGHTS]: Float32Array.from(weights) };
}

/** ω_c = N / (C n_c), so that all classes weigh alike and Σ_c n_c ω_c = N; 0 where the split lacks a class. */
export function balancedWeights(labels: Int32Array, classes: number): readonly number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  return counts.map((count) => (count === 0 ? 0 : labels.length / (classes * count)));
}

/** What the cross-entropy depends on beside tensors. */
type CrossEntropySettings = Pick<HardLabelSettings, 'labelSmoothing'>;

/**
 * Cross-entropy with hard labels y, where they are given those of mixed samples y′ and class weights ω, and smoothing ε:
 *
 *     ỹ = (1 − ε) onehot(y) + ε / C          CE(ỹ, p) = −Σ_c ỹ_c log p_c
 *     L = Σₙ [λ ω_y CE(ỹ, p) + (1 − λ) ω_y′ CE(ỹ′, p)] / Σₙ [λ ω_y + (1 − λ) ω_y′]
 *
 * With `pytorch` weights ω_y CE(ỹ, p) becomes −Σ_c ω_c ỹ_c log p_c, as `torch.nn.CrossEntropyLoss` has it. Without any of
 * them: the mean of −log p_y.
 *
 * @param logits `[batch, classes]`
 * @param inputs `labels`, and what `hardLabelSpecs` names
 */
export function crossEntropy(
  ops: Ops,
  logits: tf.Tensor2D,
  inputs: Tensors,
  classes: number,
  { labelSmoothing }: CrossEntropySettings,
): tf.Scalar {
  const mixed = inputs[MIXED_LABELS];
  const weights = inputs[CLASS_WEIGHTS];
  const logs = ops.logSoftmax(logits);
  const own = against(ops, logs, required(inputs, 'labels'), weights, classes, labelSmoothing);
  if (mixed === undefined)
    return ops.neg(own.weight === null ? ops.mean<tf.Scalar>(own.loss) : ratio(ops, own.loss, own.weight));
  const other = against(ops, logs, mixed, weights, classes, labelSmoothing);
  const share = required(inputs, MIX_SHARE);
  const blend = (a: tf.Tensor, b: tf.Tensor) => ops.add(ops.mul(a, share), ops.mul(b, ops.sub(1, share)));
  const loss = blend(own.loss, other.loss);
  if (own.weight === null || other.weight === null) return ops.neg(ops.mean<tf.Scalar>(loss));
  return ops.neg(ratio(ops, loss, blend(own.weight, other.weight)));
}

function ratio(ops: Ops, loss: tf.Tensor, weight: tf.Tensor): tf.Scalar {
  return ops.div(ops.sum<tf.Scalar>(loss), ops.sum(weight));
}

/** Σ_c ỹ_c log p_c of each sample, weighted, and its weight, both `[batch]`; null: all weigh alike. */
function against(
  ops: Ops,
  logs: tf.Tensor2D,
  labels: tf.Tensor,
  weights: tf.Tensor | undefined,
  classes: number,
  smoothing: LabelSmoothing | undefined,
): { readonly loss: tf.Tensor; readonly weight: tf.Tensor | null } {
  const hard = ops.cast(ops.oneHot(labels, classes), 'float32');
  const soft =
    smoothing === undefined ? hard : ops.add(ops.mul(hard, 1 - smoothing.amount), smoothing.amount / classes);
  const entries = ops.mul(logs, soft);
  if (weights === undefined) return { loss: ops.sum(entries, 1), weight: null };
  const weight = ops.sum(ops.mul(hard, weights), 1);
  const loss =
    smoothing?.weights === 'pytorch'
      ? ops.sum(ops.mul(entries, weights), 1)
      : ops.mul(ops.sum(entries, 1), weight);
  return { loss, weight };
}
