import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { NumericArray, TensorSpec } from '../../src/compiler/graph.ts';
import type { StepFunction } from '../../src/compiler/trace.ts';
import { batchNormTraining } from '../../src/models/batch-norm.ts';
import type { tf } from './support.ts';

type Ops = typeof tf;
type Tensors = Readonly<Record<string, Tensor>>;

export interface NetSize {
  readonly batch: number;
  readonly size: number;
  readonly width: number;
  readonly classes: number;
  readonly blocksPerStage: number;
  readonly stages?: number;
}

export interface TrainingStep {
  readonly step: StepFunction;
  readonly specs: Readonly<Record<string, TensorSpec>>;
  readonly state: Readonly<Record<string, NumericArray>>;
  readonly hyper: Readonly<Record<string, NumericArray>>;
  readonly batch: (index: number) => Readonly<Record<string, NumericArray>>;
}

/** Reproducible numbers in (0, 1). */
export function uniforms(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 4294967296;
  };
}

interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initial: 'ones' | 'zeros' | number;
}

/** A CIFAR-style residual net: its parameters by name, and its logits as a function of them. */
function residualNet({ width, classes, blocksPerStage, stages = 3 }: NetSize): {
  readonly parameters: readonly Parameter[];
  readonly logits: (ops: Ops, weights: Tensors, x: Tensor, statistics: Record<string, Tensor>) => Tensor;
} {
  const parameters: Parameter[] = [];
  const convolution = (name: string, size: number, from: number, to: number): void => {
    parameters.push({
      name: `${name}/kernel`,
      shape: [size, size, from, to],
      initial: Math.sqrt(2 / (size * size * from)),
    });
    parameters.push(
      { name: `${name}/scale`, shape: [to], initial: 'ones' },
      { name: `${name}/offset`, shape: [to], initial: 'zeros' },
    );
  };
  const blocks: { name: string; from: number; to: number; stride: number }[] = [];
  convolution('stem', 3, 3, width);
  let channels = width;
  for (let stage = 0; stage < stages; stage++) {
    for (let block = 0; block < blocksPerStage; block++) {
      const to = width * 2 ** stage;
      const entry = {
        name: `stage${stage}.block${block}`,
        from: channels,
        to,
        stride: stage > 0 && block === 0 ? 2 : 1,
      };
      blocks.push(entry);
      convolution(`${entry.name}.conv1`, 3, channels, to);
      convolution(`${entry.name}.conv2`, 3, to, to);
      if (entry.stride > 1 || channels !== to) convolution(`${entry.name}.shortcut`, 1, channels, to);
      channels = to;
    }
  }
  parameters.push(
    { name: 'head/kernel', shape: [channels, classes], initial: Math.sqrt(1 / channels) },
    { name: 'head/bias', shape: [classes], initial: 'zeros' },
  );
  return {
    parameters,
    logits: (ops, weights, x, statistics) => {
      const of = (name: string): Tensor => {
        const tensor = weights[name];
        if (tensor === undefined) throw new Error(`no parameter ${name}`);
        return tensor;
      };
      const normalized = (input: Tensor, name: string, stride: number): Tensor => {
        const result = ops.conv2d(input as Tensor4D, of(`${name}/kernel`) as Tensor4D, stride, 'same');
        const { output, mean, variance } = batchNormTraining(
          ops,
          result,
          of(`${name}/scale`),
          of(`${name}/offset`),
          1e-3,
        );
        statistics[`${name}/runningMean`] = ops.keep(mean);
        statistics[`${name}/runningVariance`] = ops.keep(variance);
        return output;
      };
      let h: Tensor = ops.relu(normalized(x, 'stem', 1));
      for (const { name, stride } of blocks) {
        const inner = normalized(ops.relu(normalized(h, `${name}.conv1`, stride)), `${name}.conv2`, 1);
        const shortcut = `${name}.shortcut/kernel` in weights ? normalized(h, `${name}.shortcut`, stride) : h;
        h = ops.relu(ops.add(inner, shortcut));
      }
      return ops.add(ops.matMul(ops.mean(h, [1, 2]), of('head/kernel')), of('head/bias'));
    },
  };
}

type Optimizer = 'momentum' | 'adam';

/** One supervised training step of a residual net, as an ordinary TensorFlow.js function. */
export function residualStep(size: NetSize, optimizer: Optimizer): TrainingStep {
  const net = residualNet(size);
  const names = net.parameters.map(({ name }) => name);
  const random = uniforms(7);
  const normal = (): number => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  const specs: Record<string, TensorSpec> = {
    x: { shape: [size.batch, size.size, size.size, 3], dtype: 'float32', role: 'batch' },
    labels: { shape: [size.batch], dtype: 'int32', role: 'batch' },
    learningRate: { shape: [], dtype: 'float32', role: 'hyper' },
  };
  if (optimizer === 'adam') specs.count = { shape: [], dtype: 'float32', role: 'state' };
  const state: Record<string, NumericArray> = optimizer === 'adam' ? { count: Float32Array.of(0) } : {};
  const slots = optimizer === 'adam' ? ['first', 'second'] : ['velocity'];
  for (const { name, shape, initial } of net.parameters) {
    const count = shape.reduce((a, b) => a * b, 1);
    specs[name] = { shape, dtype: 'float32', role: 'state' };
    state[name] = Float32Array.from({ length: count }, () =>
      initial === 'ones' ? 1 : initial === 'zeros' ? 0 : normal() * initial,
    );
    for (const slot of slots) {
      specs[`${slot}:${name}`] = { shape, dtype: 'float32', role: 'state' };
      state[`${slot}:${name}`] = new Float32Array(count);
    }
    const [layer, kind] = name.split('/');
    if (layer === undefined || kind !== 'scale') continue;
    for (const [statistic, value] of [
      ['runningMean', 0],
      ['runningVariance', 1],
    ] as const) {
      specs[`${layer}/${statistic}`] = { shape, dtype: 'float32', role: 'state' };
      state[`${layer}/${statistic}`] = new Float32Array(count).fill(value);
    }
  }

  const step: StepFunction = (ops, inputs) => {
    const of = (name: string): Tensor => {
      const tensor = inputs[name];
      if (tensor === undefined) throw new Error(`no input ${name}`);
      return tensor;
    };
    const statistics: Record<string, Tensor> = {};
    const outputs: Record<string, Tensor> = {};
    const loss = (...weights: Tensor[]): Tensor => {
      const logits = net.logits(
        ops,
        Object.fromEntries(names.map((name, at) => [name, weights[at] ?? of(name)])),
        of('x'),
        statistics,
      );
      const wanted = ops.oneHot(of('labels'), size.classes);
      return ops.neg(ops.mean(ops.sum(ops.mul(ops.cast(wanted, 'float32'), ops.logSoftmax(logits)), -1)));
    };
    const { value, grads } = ops.valueAndGrads(loss)(names.map(of));
    outputs.loss = value;
    const rate = of('learningRate');
    const count = optimizer === 'adam' ? ops.add(of('count'), 1) : null;
    if (count !== null) outputs.count = count;
    for (const [at, name] of names.entries()) {
      const gradient = grads[at];
      if (gradient === undefined) throw new Error(`no gradient of ${name}`);
      if (count === null) {
        const velocity = ops.add(ops.mul(of(`velocity:${name}`), 0.9), gradient);
        outputs[`velocity:${name}`] = velocity;
        outputs[name] = ops.sub(of(name), ops.mul(velocity, rate));
        continue;
      }
      const first = ops.add(ops.mul(of(`first:${name}`), 0.9), ops.mul(gradient, 0.1));
      const second = ops.add(ops.mul(of(`second:${name}`), 0.999), ops.mul(ops.square(gradient), 0.001));
      outputs[`first:${name}`] = first;
      outputs[`second:${name}`] = second;
      const unbiased = ops.div(first, ops.sub(1, ops.pow(0.9, count)));
      const scale = ops.sqrt(ops.div(second, ops.sub(1, ops.pow(0.999, count))));
      outputs[name] = ops.sub(of(name), ops.mul(ops.div(unbiased, ops.add(scale, 1e-7)), rate));
    }
    for (const [name, statistic] of Object.entries(statistics))
      outputs[name] = ops.add(ops.mul(of(name), 0.9), ops.mul(statistic, 0.1));
    return outputs;
  };

  const batch = (index: number): Readonly<Record<string, NumericArray>> => {
    const draw = uniforms(100 + index);
    return {
      x: Float32Array.from({ length: size.batch * size.size * size.size * 3 }, () => draw() * 2 - 1),
      labels: Int32Array.from({ length: size.batch }, () => Math.floor(draw() * size.classes)),
    };
  };
  return {
    step,
    specs,
    state,
    batch,
    hyper: { learningRate: Float32Array.of(optimizer === 'adam' ? 0.001 : 0.05) },
  };
}
