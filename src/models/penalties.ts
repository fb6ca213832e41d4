import type * as tf from '@tensorflow/tfjs-core';
import type { ModelGraph, Penalty } from './description.ts';
import { attentionEntropy, gaussianDivergence } from './kernel-forms.ts';

type Tensors = Readonly<Record<string, tf.Tensor>>;

/** Layers whose outputs the penalties of a model read, by their paths. */
export function penalizedLayers({ penalties = [] }: Pick<ModelGraph, 'penalties'>): readonly string[] {
  return penalties.flatMap(({ kind, layers }) => (kind === 'activationL1' ? layers : []));
}

/**
 * The unweighted value of what a module adds to the loss: the sum over its layers.
 * @param parameters by the names of `parameterSpecs`
 */
export function penaltyValue(
  ops: typeof tf,
  graph: ModelGraph,
  { kind, layers }: Penalty,
  parameters: Tensors,
  { outputs = {}, samples = 1 }: PenaltyInputs = {},
): tf.Scalar {
  const sum = (values: readonly tf.Scalar[]) =>
    values.reduce((total, value) => ops.add(total, value), ops.scalar(0));
  switch (kind) {
    case 'activationL1':
      return sum(layers.map((path) => activationL1(ops, outputs[path])));
    case 'attentionEntropy':
      return sum(entropies(ops, graph, layers, parameters));
    case 'gaussianKl':
      return ops.div(sum(divergences(ops, graph, layers, parameters)), samples);
  }
}

/** What penalties read beside the weights. */
export interface PenaltyInputs {
  /** Of `penalizedLayers`, batch first. */
  readonly outputs?: Tensors;
  /** Of the training split. */
  readonly samples?: number;
}

/** `1/N Σₙ Σⱼ |hₙⱼ|`: a sum over neurons, so that its pull on one does not grow as others go. */
function activationL1(ops: typeof tf, output: tf.Tensor | undefined): tf.Scalar {
  if (output === undefined) throw new Error('a penalty reads a layer that was not asked for');
  return ops.div(ops.sum<tf.Scalar>(ops.abs(output)), output.shape[0]);
}

/** Of the distributions of weights from their priors, in nats, layer by layer. */
function divergences(
  ops: typeof tf,
  graph: ModelGraph,
  layers: readonly string[],
  parameters: Tensors,
): readonly tf.Scalar[] {
  return graph.layers
    .filter(({ path }) => layers.includes(path))
    .flatMap(({ path, operation }) => {
      const forms = operation.kind === 'conv2d' || operation.kind === 'dense' ? (operation.forms ?? []) : [];
      const [mean, spread] = [parameters[`${path}/kernel`], parameters[`${path}/spread`]];
      return forms.flatMap((form) =>
        form.kind === 'variational' && mean !== undefined && spread !== undefined
          ? [gaussianDivergence(ops, mean, spread, form.prior)]
          : [],
      );
    });
}

function entropies(
  ops: typeof tf,
  graph: ModelGraph,
  layers: readonly string[],
  parameters: Tensors,
): readonly tf.Scalar[] {
  return graph.layers
    .filter(({ path }) => layers.includes(path))
    .flatMap(({ path, operation }) => {
      const forms = operation.kind === 'conv2d' ? (operation.forms ?? []) : [];
      const attention = parameters[`${path}/attention`] as tf.Tensor2D | undefined;
      return forms.flatMap((form) =>
        form.kind === 'virtualAttention' && attention !== undefined
          ? [attentionEntropy(ops, attention, form.temperature)]
          : [],
      );
    });
}
