import type * as tf from '@tensorflow/tfjs-core';
import type { ModelGraph, Penalty } from './description.ts';
import { attentionEntropy } from './kernel-forms.ts';

/**
 * The unweighted value of what a module adds to the loss: the sum over its layers.
 * @param parameters by the names of `parameterSpecs`
 */
export function penaltyValue(
  ops: typeof tf,
  graph: ModelGraph,
  { layers }: Penalty,
  parameters: Readonly<Record<string, tf.Tensor>>,
): tf.Scalar {
  const values = graph.layers
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
  return values.reduce((sum, value) => ops.add(sum, value), ops.scalar(0));
}
