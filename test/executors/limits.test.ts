import { describe, expect, test } from 'vitest';
import { WEBGPU_LIMITS } from '../../src/compiler/onnx/limits.ts';
import { lowerToOnnx } from '../../src/compiler/onnx/lower.ts';
import { optimize } from '../../src/compiler/optimize.ts';
import { largestDifference } from '../../src/executors/compare.ts';
import { interpreter } from '../../src/executors/interpreter.ts';
import { onnxExecutor } from '../../src/executors/onnx-provider.ts';
import { nativeRuntime } from '../../src/executors/onnx-runtime.ts';
import { LIMIT_CASES, outcome } from './limit-cases.ts';

/** Of the largest number in a tensor: rounding of sums in another order. */
const TOLERANCE = 2e-6;

/** The CPU, with graphs written as for a provider that can do less. */
const limited = onnxExecutor({
  name: 'limited',
  place: 'CPU',
  session: { executionProviders: ['cpu'], intraOpNumThreads: 1, logSeverityLevel: 3 },
  runtime: nativeRuntime,
  limits: WEBGPU_LIMITS,
});

describe.each(LIMIT_CASES)('%s, written around the limits of WebGPU', (_name, given) => {
  test('gives what the reference gives', async () => {
    const [expected, actual] = [await outcome(interpreter, given), await outcome(limited, given)];
    expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
    for (const [name, values] of Object.entries(expected))
      expect(largestDifference(actual[name], values), name).toBeLessThanOrEqual(TOLERANCE);
  });

  test('asks for nothing that WebGPU cannot do', () => {
    const { nodes, initializers } = lowerToOnnx(optimize(given.graph), null, WEBGPU_LIMITS);
    const constants = new Map(initializers.map((initializer) => [initializer.name, initializer]));
    const filters = new Map(initializers.map(({ name, shape }) => [name, Number(shape[0])]));
    for (const { type, inputs, outputs } of nodes)
      if (type === 'Reshape') filters.set(outputs[0] ?? '', Number(constants.get(inputs[1] ?? '')?.data[0]));
    for (const { type, outputs, inputs, attributes } of nodes) {
      if (type === 'MaxPool') expect(outputs).toHaveLength(1);
      if (type === 'Split') expect(outputs.length).toBeLessThanOrEqual(7);
      const group = Number(attributes.group ?? 1);
      if (type !== 'Conv' || group === 1) continue;
      const each = (filters.get(inputs[1] ?? '') ?? NaN) / group;
      expect(each <= 4 || each % 4 === 0, `${each} outputs a group`).toBe(true);
    }
  });
});
