import { tf } from '../../../src/compiler/tfjs.ts';
import type { Layer, ModelGraph } from '../../../src/models/description.ts';
import { ReferenceOptimizer } from './reference-optimizer.ts';
import type { Samples, Trajectory, Work } from './work.ts';

type Tensors = Readonly<Record<string, tf.Tensor>>;

/**
 * The work in plain eager TensorFlow.js: one variable a tensor, layers written again from TensorFlow.js' own operations and
 * differentiated by it (also batch norm, which the product gives a gradient of its own), updates in double precision.
 */
export function eagerTrajectory(work: Work): Trajectory & { readonly nearestToZero: number } {
  const { plan, batches, rates, stepsPerEpoch, initial } = work;
  const { settings, learner } = plan;
  const trainable = learner.parameters.parts.map(({ name }) => name);
  const reference = new ReferenceOptimizer(
    settings,
    Object.fromEntries(trainable.map((name) => [name, initial[name]?.data ?? []])),
  );
  const statistics: Record<string, Float32Array> = {};
  const statisticAverages: Record<string, Float64Array> = {};
  for (const { name } of learner.statistics.parts) {
    statistics[name] = Float32Array.from(initial[name]?.data ?? []);
    statisticAverages[name] = Float64Array.from(initial[name]?.data ?? []);
  }
  const losses: number[] = [];
  let nearestToZero = Infinity;
  /** Gradients of the batches since the last update, each with its number of samples. */
  let waiting: { gradients: Record<string, Float32Array>; samples: number }[] = [];
  for (const [step, samples] of batches.entries()) {
    const result = tf.tidy(() => gradientsOf(work, samples, { ...reference.parameters, ...statistics }));
    losses.push(result.loss);
    nearestToZero = Math.min(nearestToZero, result.nearestToZero);
    Object.assign(statistics, result.statistics);
    waiting.push({ gradients: result.gradients, samples: samples.labels.length });
    const endsEpoch = (step + 1) % stepsPerEpoch === 0;
    if (waiting.length < settings.gradientAccumulation && !endsEpoch) continue;
    reference.update(weightedMean(waiting), rates[step] ?? NaN);
    waiting = [];
    for (const [name, values] of Object.entries(statistics)) {
      reference.average(statisticAverages[name], values);
    }
  }
  const tensors: Record<string, Float32Array | Float64Array> = { ...reference.parameters, ...statistics };
  const averages = settings.ema === null ? {} : { ...reference.averages, ...statisticAverages };
  for (const [name, values] of Object.entries(averages)) tensors[`average:${name}`] = values;
  return { losses, tensors, nearestToZero };
}

/** Over all samples alike, whatever batch they came in. */
function weightedMean(
  parts: readonly { readonly gradients: Record<string, Float32Array>; readonly samples: number }[],
): Record<string, Float64Array> {
  const total = parts.reduce((sum, { samples }) => sum + samples, 0);
  const [first] = parts;
  return Object.fromEntries(
    Object.entries(first?.gradients ?? {}).map(([name, { length }]) => {
      const mean = new Float64Array(length);
      for (const { gradients, samples } of parts) {
        gradients[name]?.forEach((g, i) => (mean[i] = (mean[i] ?? 0) + (g * samples) / total));
      }
      return [name, mean];
    }),
  );
}

function gradientsOf({ plan }: Work, { images, labels }: Samples, values: Record<string, ArrayLike<number>>) {
  const { graph, parameters, statistics } = plan.learner;
  const variables: Record<string, tf.Tensor> = {};
  const trained: tf.Variable[] = [];
  for (const { name, shape } of [...parameters.parts, ...statistics.parts]) {
    const tensor = tf.tensor(Float32Array.from(values[name] ?? []), [...shape]);
    const trainable = parameters.parts.some((part) => part.name === name);
    const variable = trainable ? tf.variable(tensor, true) : null;
    variables[name] = variable ?? tensor;
    if (variable !== null) trained.push(variable);
  }
  const seen: Seen = { statistics: {}, rectified: [] };
  const { value, grads } = tf.variableGrads(() => {
    const input = tf.tensor(images, [labels.length, ...plan.inputShape]);
    const logits = forward(graph, variables, input, seen);
    return tf.losses.softmaxCrossEntropy(tf.oneHot(tf.tensor1d(labels, 'int32'), plan.classes), logits);
  }, trained);
  const read = (tensor: tf.Tensor | undefined) =>
    (tensor?.dataSync<'float32'>() ?? new Float32Array()).slice();
  const names = parameters.parts.map(({ name }) => name);
  const result = {
    loss: read(value)[0] ?? NaN,
    gradients: Object.fromEntries(names.map((name, i) => [name, read(grads[trained[i]?.name ?? ''])])),
    statistics: Object.fromEntries(
      Object.entries(seen.statistics).map(([name, tensor]) => [name, read(tensor)]),
    ),
    nearestToZero: Math.min(...seen.rectified.map((tensor) => read(tensor)[0] ?? NaN)),
  };
  const kept = [...Object.values(seen.statistics), ...seen.rectified, ...trained];
  kept.forEach((tensor) => tensor.dispose());
  return result;
}

/** What a forward pass leaves beside its logits. */
interface Seen {
  readonly statistics: Record<string, tf.Tensor>;
  /** Smallest distance from zero of what each ReLU rectified: nearer than rounding, two right answers could differ. */
  readonly rectified: tf.Tensor[];
}

function forward(graph: ModelGraph, variables: Tensors, input: tf.Tensor, seen: Seen): tf.Tensor2D {
  const values = new Map<string, tf.Tensor>();
  for (const layer of graph.layers) {
    const inputs = layer.inputs.map((path) => values.get(path) ?? input);
    values.set(layer.path, apply(layer, inputs[0] ?? input, inputs, variables, seen));
  }
  return values.get(graph.logits) as tf.Tensor2D;
}

function apply(
  { path, operation }: Layer,
  x: tf.Tensor,
  inputs: readonly tf.Tensor[],
  variables: Tensors,
  seen: Seen,
): tf.Tensor {
  const of = (name: string) => variables[`${path}/${name}`] ?? tf.scalar(0);
  switch (operation.kind) {
    case 'input':
      return x;
    case 'conv2d': {
      const { padding, strides, bias } = operation;
      if (typeof padding === 'string') throw new Error(`no model of the zoo pads "${padding}"`);
      const [top, bottom, left, right] = padding;
      const padded = tf.pad(x, [
        [0, 0],
        [top, bottom],
        [left, right],
        [0, 0],
      ]);
      const output = tf.conv2d(padded as tf.Tensor4D, of('kernel') as tf.Tensor4D, [...strides], 'valid');
      return bias ? tf.add(output, of('bias')) : output;
    }
    case 'dense':
      return tf.add(tf.matMul(x, of('kernel')), of('bias'));
    case 'batchNorm': {
      const axes = x.shape.slice(0, -1).map((_, axis) => axis);
      const count = x.size / (x.shape.at(-1) ?? 1);
      const { mean, variance } = tf.moments(x, axes);
      const moved = (old: tf.Tensor, now: tf.Tensor) =>
        tf.keep(tf.add(tf.mul(old, operation.momentum), tf.mul(now, 1 - operation.momentum)));
      seen.statistics[`${path}/runningMean`] = moved(of('runningMean'), mean);
      seen.statistics[`${path}/runningVariance`] = moved(
        of('runningVariance'),
        tf.mul(variance, count / Math.max(1, count - 1)),
      );
      const normalized = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, operation.epsilon)));
      return tf.add(tf.mul(normalized, of('scale')), of('offset'));
    }
    case 'activation':
      if (operation.function === 'relu') seen.rectified.push(tf.keep(tf.min(tf.abs(x))));
      if (operation.function === 'leakyRelu') break;
      return tf[operation.function](x);
    case 'maxPool':
      return tf.maxPool(x as tf.Tensor4D, [...operation.size], [...operation.strides], operation.padding);
    case 'globalAveragePool':
      return tf.mean(x, [1, 2]);
    case 'flatten':
      return tf.reshape(x, [x.shape[0], -1]);
    case 'add':
      return tf.addN([...inputs]);
    case 'averagePool':
    case 'dropout':
    case 'concat':
    case 'reshape':
    case 'resize':
    case 'gate':
    case 'ctcWords':
    case 'dataConsistency':
  }
  throw new Error(`no model of the zoo has a layer "${operation.kind}" without being asked`);
}
