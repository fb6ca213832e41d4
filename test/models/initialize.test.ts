import { describe, expect, it } from 'vitest';
import { initialParameters, initialValues } from '../../src/models/initialize.ts';
import { parameterSpecs } from '../../src/models/parameters.ts';
import { buildArchitecture } from '../../src/models/zoo/zoo.ts';

const graph = buildArchitecture('resnet20', [32, 32, 3], 10);

function deviation(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}

describe('new parameters', () => {
  it('are there for every specification, in its size', () => {
    const values = initialParameters(graph, 1, 'student');
    const specs = parameterSpecs(graph);
    expect(Object.keys(values)).toEqual(specs.map((spec) => spec.name));
    for (const spec of specs) expect(values[spec.name]?.length).toBe(spec.shape.reduce((a, b) => a * b, 1));
  });

  it('are the same for the same seed and instance, and differ between seeds, instances and layers', () => {
    const kernel = (seed: number, instance: string, layer = 'stage1.block0.conv1') =>
      initialParameters(graph, seed, instance)[`${layer}/kernel`];
    expect(kernel(1, 'student')).toEqual(kernel(1, 'student'));
    expect(kernel(1, 'student')).not.toEqual(kernel(2, 'student'));
    expect(kernel(1, 'student')).not.toEqual(kernel(1, 'teacher'));
    expect(kernel(1, 'student')).not.toEqual(kernel(1, 'student', 'stage1.block0.conv2'));
  });

  it('have the spread of their initialiser: He for convolutions, PyTorch for the classifier, ones and zeros for the rest', () => {
    const values = initialParameters(graph, 1, 'student');
    const conv = values['stage3.block1.conv1/kernel'] ?? new Float32Array();
    expect(deviation(conv) / Math.sqrt(2 / (9 * 64))).toBeCloseTo(1, 1);
    const dense = values['head.fc/kernel'] ?? new Float32Array();
    expect(Math.max(...dense)).toBeLessThanOrEqual(1 / 8);
    expect(deviation(dense) / (1 / 8 / Math.sqrt(3))).toBeCloseTo(1, 1);
    expect(new Set(values['stem.bn/scale'])).toEqual(new Set([1]));
    expect(new Set(values['stem.bn/runningVariance'])).toEqual(new Set([1]));
    expect(new Set(values['stem.bn/offset'])).toEqual(new Set([0]));
    expect(new Set(values['stem.bn/runningMean'])).toEqual(new Set([0]));
  });

  it.each([
    ['heNormal', Math.sqrt(2 / (9 * 40))],
    ['glorotUniform', Math.sqrt(6 / (9 * 60)) / Math.sqrt(3)],
    ['pytorchConv', 1 / Math.sqrt(9 * 20) / Math.sqrt(3)],
    ['pytorchLinear', 1 / Math.sqrt(9 * 20) / Math.sqrt(3)],
  ] as const)('%s takes its spread from the shape of a kernel', (initializer, expected) => {
    const values = initialValues(initializer, [3, 3, 20, 40], 1, 'adapter');
    expect(deviation(values) / expected).toBeCloseTo(1, 1);
  });
});
