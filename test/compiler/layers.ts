import type { Tensor } from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import type { StepFunction } from '../../src/compiler/trace.ts';
import { compiled, eager, expectSame, type Given, type Tolerance } from './support.ts';

export { layers };

/** The part of a layer's weight that is private to the library: where it keeps its variable. */
interface HeldWeight {
  val: Tensor;
  write: (value: Tensor) => unknown;
}

const SPREAD = 0.4;

/** Numbers that look drawn, and are the same in every run. */
export function spread(shape: readonly number[], seed: number, size = SPREAD): Float32Array {
  const count = shape.reduce((a, b) => a * b, 1);
  return Float32Array.from({ length: count }, (_, at) => size * Math.sin(seed * 12.9898 + at * 78.233));
}

/** How a model of the library is run: by its inputs, with statistics of the batch where it trains. */
export interface ModelCase {
  readonly model: layers.LayersModel;
  readonly inputs: Readonly<Record<string, Given>>;
  readonly training?: boolean;
}

/**
 * A step that runs a model with its weights as inputs, `w0`, `w1`, ..., and yields output, loss and the gradient of each
 * weight and of each input of numbers.
 */
function stepOf({ model, inputs, training = false }: ModelCase): StepFunction {
  const weights = model.weights as unknown as HeldWeight[];
  return (ops, given) => {
    const names = Object.keys(inputs);
    const differentiable = [
      ...names.filter((name) => inputs[name]?.dtype === undefined),
      ...model.trainableWeights.map((weight) => `w${model.weights.indexOf(weight)}`),
    ];
    const run = (chosen: Readonly<Record<string, Tensor>>): Tensor => {
      const own = weights.map(({ val }) => val);
      const writes = weights.map(({ write }) => write);
      for (const [at, weight] of weights.entries()) {
        weight.val = chosen[`w${at}`] ?? weight.val;
        // Statistics of a batch would be written into the input.
        weight.write = () => weight;
      }
      try {
        const output = model.apply(
          names.map((name) => chosen[name] as Tensor),
          { training },
        );
        return [output].flat()[0] as Tensor;
      } finally {
        for (const [at, weight] of weights.entries()) {
          weight.val = own[at] ?? weight.val;
          weight.write = writes[at] ?? weight.write;
        }
      }
    };
    const loss = (...chosen: Tensor[]): Tensor => {
      const output = run({
        ...given,
        ...Object.fromEntries(differentiable.map((name, at) => [name, chosen[at] as Tensor])),
      });
      const target = ops.tensor(spread(output.shape, 3), output.shape);
      return ops.mean(ops.squaredDifference(output, target));
    };
    const found = ops.valueAndGrads(loss)(differentiable.map((name) => given[name] as Tensor));
    const gradients = differentiable.map(
      (name, at) => [`gradient of ${name}`, found.grads[at] as Tensor] as const,
    );
    return { output: run(given), loss: found.value, ...Object.fromEntries(gradients) };
  };
}

/** The inputs of a model's step: its own, and its weights. */
function givenOf({ model, inputs }: ModelCase): Record<string, Given> {
  const weights = model.weights.map((weight, at): [string, Given] => {
    const shape = weight.shape as number[];
    const values = spread(shape, at + 5);
    // Variances are positive.
    return [
      `w${at}`,
      { shape, values: weight.name.includes('variance') ? values.map((value) => value + 1) : values },
    ];
  });
  return { ...inputs, ...Object.fromEntries(weights) };
}

/** Compiled and run eagerly, output, loss and every gradient are the same, and none of them is all zeros. */
export async function expectCompiledModel(one: ModelCase, tolerance: Tolerance): Promise<void> {
  const given = givenOf(one);
  const step = stepOf(one);
  const wanted = eager(step, given);
  for (const [name, values] of Object.entries(wanted))
    if (values.every((value) => value === 0))
      throw new Error(`${name} is zero everywhere, so it shows nothing`);
  expectSame(await compiled(step, given), wanted, tolerance);
}
