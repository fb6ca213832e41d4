import type * as tf from '@tensorflow/tfjs-core';
import type { ScheduledNumber } from '../../config/experiment.ts';
import type { Ops } from '../../methods/method.ts';
import type { FlatLayout } from '../flat.ts';
import type { Tensors } from '../step-function.ts';

/** How a flat vector of parameters follows its gradient. Pure: state in, state out. */
export interface Optimizer {
  /** State vectors as long as the parameters, zero at the start. */
  readonly slots: readonly string[];
  readonly learningRate: ScheduledNumber;
  /** Scalars that change from update to update beside the learning rate; `update` counts from 0. */
  readonly scalars: (update: number) => Readonly<Record<string, number>>;
  readonly update: (ops: Ops, given: OptimizerInput) => OptimizerStep;
}

export interface OptimizerInput {
  /** `[layout.size]` */
  readonly parameters: tf.Tensor;
  /** `[layout.size]` */
  readonly gradient: tf.Tensor;
  /** Where each tensor lies, for optimizers that treat tensors apart. */
  readonly layout: FlatLayout;
  /** `slots` and `scalars` by name, and `learningRate` */
  readonly state: Tensors;
}

export interface OptimizerStep {
  readonly parameters: tf.Tensor;
  readonly slots: Record<string, tf.Tensor>;
}
