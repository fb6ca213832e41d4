import type * as tf from '@tensorflow/tfjs-core';
import { wordScores } from './ctc.ts';
import { ancestors } from './ancestors.ts';
import { batchNormInference, batchNormTraining } from './batch-norm.ts';
import { convolve } from './convolve.ts';
import { dataConsistency } from './data-consistency.ts';
import type { GateSettings, Layer, LayerOperation, ModelGraph } from './description.ts';
import { gateShares } from './gates.ts';
import { formedKernel, quantizedActivation, type KernelForm } from './kernel-forms.ts';
import { resolveLayer } from './names.ts';

type Ops = typeof tf;
type Activation = Extract<LayerOperation, { kind: 'activation' }>;
type Tensors = Readonly<Record<string, tf.Tensor>>;

/** Slope of `leakyRelu` below zero, as in the generators that use it. */
const LEAKY_SLOPE = 0.2;

export interface ForwardOptions {
  /** True: batch statistics and dropout; false: running statistics, nothing dropped. */
  readonly training: boolean;
  /** By path of the dropout layer, shapes as `dropoutMaskShapes` has them; needed in training, and in a random pass. */
  readonly dropoutMasks?: Tensors;
  /** True: a random pass of a Bayesian model, in which activations are dropped outside of training too. */
  readonly randomPass?: boolean;
  /** By path of a layer with a distribution of weights, as `weightNoiseShapes` has them; left out: weights are their means. */
  readonly weightNoise?: Tensors;
  /** Layers whose outputs are asked for: paths or short names. */
  readonly wanted: readonly string[];
}

export interface ForwardResult {
  /** `[batch, classes]` */
  readonly logits: tf.Tensor2D;
  /** `[batch, features]` */
  readonly embedding: tf.Tensor2D;
  /** Outputs of the wanted layers, by the names they were asked for. */
  readonly outputs: Record<string, tf.Tensor>;
  /** New running statistics by parameter name; empty outside training. */
  readonly updates: Record<string, tf.Tensor>;
}

/**
 * Runs a well-formed model on a batch. Layers that nothing asked for are left out.
 * @param parameters by the names of `parameterSpecs`
 * @param input `[batch, height, width, channels]`
 * @throws UserError unknown wanted layer
 */
export function forward(
  ops: Ops,
  graph: ModelGraph,
  parameters: Tensors,
  input: tf.Tensor4D,
  options: ForwardOptions,
): ForwardResult {
  const wanted = options.wanted.map((name) => [name, resolveLayer(graph, name).path] as const);
  const needed = ancestors(graph, [graph.logits, graph.embedding, ...wanted.map(([, path]) => path)]);
  const values = new Map<string, tf.Tensor>();
  const updates: Record<string, tf.Tensor> = {};
  const step = { ops, parameters, input, options, updates };
  for (const layer of graph.layers) {
    if (!needed.has(layer.path)) continue;
    const inputs = layer.inputs.map((path) => valueOf(values, path));
    values.set(layer.path, applyLayer(step, layer, inputs));
  }
  return {
    logits: valueOf(values, graph.logits) as tf.Tensor2D,
    embedding: valueOf(values, graph.embedding) as tf.Tensor2D,
    outputs: Object.fromEntries(wanted.map(([name, path]) => [name, valueOf(values, path)])),
    updates,
  };
}

interface ForwardStep {
  readonly ops: Ops;
  readonly parameters: Tensors;
  readonly input: tf.Tensor4D;
  readonly options: ForwardOptions;
  readonly updates: Record<string, tf.Tensor>;
}

function applyLayer(step: ForwardStep, layer: Layer, inputs: readonly tf.Tensor[]): tf.Tensor {
  const { ops } = step;
  const operation = layer.operation;
  const [first] = inputs;
  const x = first ?? step.input;
  const map = x as tf.Tensor4D;
  switch (operation.kind) {
    case 'input':
      return x;
    case 'conv2d': {
      const kernel = kernelOf(step, layer, operation.forms) as tf.Tensor4D;
      const output = convolve(ops, operation, map, kernel);
      return operation.bias ? ops.add(output, parameter(step, layer, 'bias')) : output;
    }
    case 'dense': {
      const output = ops.matMul(x, kernelOf(step, layer, operation.forms));
      return operation.bias ? ops.add(output, parameter(step, layer, 'bias')) : output;
    }
    case 'batchNorm':
      return normalize(step, layer, operation, x);
    case 'activation':
      return activated(ops, operation, x);
    case 'maxPool':
      return ops.maxPool(map, [...operation.size], [...operation.strides], operation.padding);
    case 'averagePool':
      return ops.avgPool(map, [...operation.size], [...operation.strides], operation.padding);
    case 'globalAveragePool':
      return ops.mean(x, [1, 2]);
    case 'flatten':
      return ops.reshape(x, [step.input.shape[0], x.size / step.input.shape[0]]);
    case 'reshape':
      return ops.reshape(x, [step.input.shape[0], ...operation.shape]);
    case 'resize':
      return ops.image.resizeNearestNeighbor(map, [...operation.size]);
    case 'dropout':
      return dropped(step, layer, x);
    case 'add':
      return inputs.slice(1).reduce((sum, other) => ops.add(sum, other), x);
    case 'gate':
      return mixed(step, layer, operation, inputs);
    case 'concat':
      return ops.concat([...inputs], x.rank - 1);
    case 'ctcWords':
      return wordScores(ops, map, operation.words);
    case 'dataConsistency':
      return dataConsistency(ops, map, inputs[1] as tf.Tensor4D, operation.columns);
  }
}

/**
 * In training the running statistics move towards the batch's: new = m · old + (1 − m) · batch, with the variance divided by
 * the count less one, as PyTorch has it (whose momentum is 1 − m).
 */
function normalize(
  step: ForwardStep,
  layer: Layer,
  { epsilon, momentum }: { epsilon: number; momentum: number },
  x: tf.Tensor,
): tf.Tensor {
  const { ops } = step;
  const scale = parameter(step, layer, 'scale');
  const offset = parameter(step, layer, 'offset');
  // Layers that share their tensors move the statistics one after the other.
  const running = (name: string) => step.updates[parameterName(layer, name)] ?? parameter(step, layer, name);
  const [runningMean, runningVariance] = [running('runningMean'), running('runningVariance')];
  if (!step.options.training || layer.frozen === true) {
    return batchNormInference(ops, x, runningMean, runningVariance, scale, offset, epsilon);
  }
  const { output, mean, variance } = batchNormTraining(ops, x, scale, offset, epsilon);
  const count = x.size / (x.shape.at(-1) ?? 1);
  const unbiased = count / Math.max(1, count - 1);
  const blend = (old: tf.Tensor, batch: tf.Tensor, factor: number) =>
    ops.add(ops.mul(old, momentum), ops.mul(batch, (1 - momentum) * factor));
  step.updates[parameterName(layer, 'runningMean')] = blend(runningMean, mean, 1);
  step.updates[parameterName(layer, 'runningVariance')] = blend(runningVariance, variance, unbiased);
  return output;
}

/** What experts yield, mixed by the shares of a gate; `steps` counts those of training by which it is annealed. */
function mixed(
  step: ForwardStep,
  layer: Layer,
  settings: GateSettings,
  experts: readonly tf.Tensor[],
): tf.Tensor {
  const { ops, options, updates } = step;
  const counted = !settings.tree && settings.annealingSteps !== null;
  const steps = counted ? parameter(step, layer, 'steps') : null;
  if (steps !== null && options.training) updates[parameterName(layer, 'steps')] = ops.add(steps, 1);
  const shares = ops.unstack(
    gateShares(ops, parameter(step, layer, 'gates') as tf.Tensor1D, settings, steps),
  );
  return ops.addN(experts.map((expert, index) => ops.mul(expert, shares[index] as tf.Tensor)));
}

function activated(ops: Ops, operation: Activation, x: tf.Tensor): tf.Tensor {
  const { function: name, quantizer } = operation;
  const output = name === 'leakyRelu' ? ops.leakyRelu(x, LEAKY_SLOPE) : ops[name](x);
  return quantizer === undefined ? output : quantizedActivation(ops, output, quantizer);
}

function dropped({ ops, options }: ForwardStep, { path, frozen = false }: Layer, x: tf.Tensor): tf.Tensor {
  const { training, randomPass = false, dropoutMasks = {} } = options;
  return (training && !frozen) || randomPass ? ops.mul(x, valueOf(dropoutMasks, path)) : x;
}

function kernelOf(step: ForwardStep, layer: Layer, forms: readonly KernelForm[] = []): tf.Tensor {
  return formedKernel(step.ops, forms, parameter(step, layer, 'kernel'), {
    attention: () => parameter(step, layer, 'attention') as tf.Tensor2D,
    spread: () => parameter(step, layer, 'spread'),
    noise: step.options.weightNoise?.[layer.path] ?? null,
  });
}

function parameter(step: ForwardStep, layer: Layer, name: string): tf.Tensor {
  return valueOf(step.parameters, parameterName(layer, name));
}

function parameterName({ path, weights = path }: Layer, name: string): string {
  return `${weights}/${name}`;
}

function valueOf(values: Tensors | ReadonlyMap<string, tf.Tensor>, name: string): tf.Tensor {
  const value =
    values instanceof Map ? (values as ReadonlyMap<string, tf.Tensor>).get(name) : (values as Tensors)[name];
  if (value === undefined) throw new Error(`the forward pass was not given "${name}"`);
  return value;
}
