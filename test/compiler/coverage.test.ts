import { beforeAll, describe, expect, test } from 'vitest';
import { COMPOSITIONS } from '../../src/compiler/composed.ts';
import type { TensorSpec } from '../../src/compiler/graph.ts';
import { shapeRules } from '../../src/compiler/kernels/index.ts';
import { REFUSED_KERNELS } from '../../src/compiler/kernels/refused.ts';
import { EMITTED_KERNELS } from '../../src/compiler/onnx/lower.ts';
import { trace, type StepFunction } from '../../src/compiler/trace.ts';
import { KERNEL_NAMES, SPECIAL_KERNELS, TRACING_BACKEND } from '../../src/compiler/trace-kernels.ts';
import type { Properties } from './property.ts';
import { examples } from './property.ts';
import { arithmetic } from './properties/arithmetic.ts';
import { convolutions } from './properties/convolutions.ts';
import { functions } from './properties/functions.ts';
import { gathers } from './properties/gathers.ts';
import { maps } from './properties/maps.ts';
import { products } from './properties/products.ts';
import { reductions } from './properties/reductions.ts';
import { views } from './properties/views.ts';
import { tf, useCpu, type Given } from './support.ts';

beforeAll(useCpu);

const PROPERTIES: readonly Properties[] = [
  functions,
  arithmetic,
  reductions,
  views,
  gathers,
  products,
  convolutions,
  maps,
];
/** Enough for every branch that a property draws. */
const EXAMPLES = 3;
/** Called by no operation, so by no property either: made by a pass, or by a gradient, out of those named, which are. */
const MADE_FROM: Readonly<Record<string, string>> = {
  BroadcastTo: 'Tile',
  ResizeBilinearGrad: 'ResizeBilinear',
  ResizeNearestNeighborGrad: 'ResizeNearestNeighbor',
};

describe('the kernels of TensorFlow.js', () => {
  const homes = (kernel: string): string[] =>
    Object.entries({
      special: SPECIAL_KERNELS,
      composed: COMPOSITIONS,
      refused: REFUSED_KERNELS,
      traced: shapeRules,
    }).flatMap(([home, table]) => (kernel in table ? [home] : []));

  test('are each traced, composed, special or refused, and only one of these', () => {
    const unclear = KERNEL_NAMES.map((kernel) => [kernel, homes(kernel)] as const).filter(
      ([, found]) => found.length !== 1,
    );
    expect(unclear).toEqual([]);
  });

  test('are the only ones in those tables', () => {
    const known = new Set(KERNEL_NAMES);
    const tables = [SPECIAL_KERNELS, COMPOSITIONS, REFUSED_KERNELS, shapeRules];
    expect(tables.flatMap((table) => Object.keys(table)).filter((kernel) => !known.has(kernel))).toEqual([]);
  });

  test('have an ONNX form where they are traced', () => {
    expect(Object.keys(shapeRules).filter((kernel) => !EMITTED_KERNELS.has(kernel))).toEqual([]);
  });

  test('are refused with a reason in words', () => {
    for (const [kernel, reason] of Object.entries(REFUSED_KERNELS)) expect(reason, kernel).toMatch(/\w+ \w+/);
  });

  test('are each called by a property where they are compiled', () => {
    const called = calledKernels();
    const compiled = [
      ...Object.keys(shapeRules),
      ...Object.keys(COMPOSITIONS),
      ...Object.keys(SPECIAL_KERNELS),
    ];
    expect(
      compiled
        .filter((kernel) => !called.has(kernel) && !(kernel in MADE_FROM))
        .sort()
        .join(', '),
    ).toBe('');
    expect(Object.values(MADE_FROM).filter((kernel) => !called.has(kernel))).toEqual([]);
  });
});

/** Every kernel that is called or recorded while the first examples of all properties are traced. */
function calledKernels(): Set<string> {
  const called = new Set<string>();
  const specOf = ({ shape, dtype = 'float32' }: Given): TensorSpec => ({ shape, dtype, role: 'batch' });
  const traced = (step: StepFunction, given: Readonly<Record<string, Given>>): void => {
    const specs = Object.fromEntries(Object.entries(given).map(([name, one]) => [name, specOf(one)]));
    for (const { kernel } of trace('example', step, specs).nodes) called.add(kernel);
  };
  traced((ops, { x }) => ({ y: ops.neg(x as tf.Tensor) }), {
    x: { shape: [1], values: new Float32Array(1) },
  });
  const restore = spied((kernel) => called.add(kernel));
  try {
    for (const property of PROPERTIES.flatMap(({ all }) => all))
      for (const { steps, given } of examples(property, EXAMPLES))
        for (const step of steps) traced(step, given);
  } finally {
    restore();
  }
  return called;
}

/** Reports each call of a kernel on the tracing backend. */
function spied(report: (kernel: string) => void): () => void {
  const configs = tf.getKernelsForBackend(TRACING_BACKEND);
  const originals = configs.map((config) => config.kernelFunc);
  for (const config of configs) {
    const original = config.kernelFunc;
    config.kernelFunc = (call) => {
      report(config.kernelName);
      return original(call);
    };
  }
  return () => {
    for (const [at, config] of configs.entries()) config.kernelFunc = originals[at] ?? config.kernelFunc;
  };
}
