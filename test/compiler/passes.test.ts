import { beforeAll, describe, expect, test } from 'vitest';
import type { StepGraph } from '../../src/compiler/graph.ts';
import { optimize, PASSES } from '../../src/compiler/optimize.ts';
import { activations } from '../../src/compiler/passes/activations.ts';
import { broadcasts } from '../../src/compiler/passes/broadcasts.ts';
import { commonSubexpressions } from '../../src/compiler/passes/common-subexpressions.ts';
import { constantFolding } from '../../src/compiler/passes/constant-folding.ts';
import { deadCode } from '../../src/compiler/passes/dead-code.ts';
import { identities } from '../../src/compiler/passes/identities.ts';
import { joinedVectors } from '../../src/compiler/passes/joined-vectors.ts';
import { poolSums } from '../../src/compiler/passes/pool-sums.ts';
import { rectifiedPools } from '../../src/compiler/passes/rectified-pools.ts';
import { overwrittenState } from '../../src/compiler/passes/overwritten-state.ts';
import { packState } from '../../src/compiler/passes/pack-state.ts';
import { separateState } from '../../src/compiler/passes/separate-state.ts';
import { trace, type StepFunction } from '../../src/compiler/trace.ts';
import { interpret } from '../../src/executors/interpreter.ts';
import { residualStep } from './residual-net.ts';
import { expectSame, tf, useCpu } from './support.ts';

beforeAll(useCpu);

const training = residualStep(
  { batch: 2, size: 6, width: 2, classes: 3, blocksPerStage: 1, stages: 2 },
  'adam',
);
const values = { ...training.state, ...training.batch(0), ...training.hyper };
const graph = trace('train', training.step, training.specs);
const run = (step: StepGraph): ReturnType<typeof interpret> =>
  interpret(step, (name) => values[name] ?? new Float32Array());
const kernels = (step: StepGraph): string[] => step.nodes.map(({ kernel }) => kernel);

describe('every pass leaves a whole training step as it was', () => {
  test.each([...new Set(PASSES)].map((pass) => [pass.name, pass] as const))('%s', (_name, pass) => {
    expectSame(run(pass.apply(graph)), run(graph), { relative: 1e-6, ofLargest: 1e-6 });
  });

  test('all of them, which shorten it', () => {
    const optimized = optimize(graph);
    expect(optimized.nodes.length).toBeLessThan(0.9 * graph.nodes.length);
    expectSame(run(optimized), run(graph), { relative: 1e-6, ofLargest: 1e-6 });
  });

  test('packed state holds the same numbers in few tensors', () => {
    const { graphs, vectors } = packState({ train: graph });
    const packed = graphs.train ?? graph;
    expect(packed.inputs.filter(({ role }) => role === 'state')).toHaveLength(1);
    const results = interpret(packed, (name) => {
      const vector = vectors.find((one) => one.name === name);
      if (vector === undefined) return values[name] ?? new Float32Array();
      return Float32Array.from(vector.slots.flatMap((slot) => [...(values[slot.name] ?? [])]));
    });
    const unpacked: Record<string, Float32Array> = { loss: results.loss as Float32Array };
    for (const vector of vectors)
      for (const slot of vector.slots)
        unpacked[slot.name] = (results[vector.name] as Float32Array).subarray(
          slot.offset,
          slot.offset + slot.size,
        );
    expectSame(unpacked, run(graph), { relative: 0 });
  });
});

describe('state in pieces', () => {
  const sizes = [2, 40, 3, 5, 60];
  const length = 110;
  /** Momentum on one vector of all parameters, with its gradient clipped by the norm of the whole. */
  const flatStep: StepFunction = (ops, { weights, velocity, x, rate }) => {
    const [a, b, c, d, e] = ops.split(weights ?? ops.zeros([length]), sizes);
    const gradient = ops.concat1d(
      [a, b, c, d, e].map((piece, at) => ops.mul<tf.Tensor1D>(ops.sin(piece ?? 0), ops.add(x ?? 0, at))),
    );
    const norm = ops.sqrt(ops.sum(ops.square(gradient)));
    const next = ops.add(ops.mul(velocity ?? 0, 0.9), ops.div(gradient, ops.maximum(norm, 1)));
    return {
      norm,
      velocity: next,
      weights: ops.sub(weights ?? 0, ops.mul(next, rate ?? 0)),
      turned: ops.reverse(next),
    };
  };
  const state = { shape: [length], dtype: 'float32', role: 'state' } as const;
  const number = { shape: [], dtype: 'float32', role: 'hyper' } as const;
  const whole = optimize(
    trace('flat', flatStep, { weights: state, velocity: state, x: number, rate: number }),
  );
  const { graphs, pieces } = separateState({ flat: whole }, 20);
  const parted = graphs.flat ?? whole;
  const numbers: Readonly<Record<string, Float32Array>> = {
    weights: Float32Array.from({ length }, (_, at) => Math.cos(at)),
    velocity: Float32Array.from({ length }, (_, at) => Math.sin(at)),
    x: Float32Array.of(0.5),
    rate: Float32Array.of(0.1),
  };

  test('has the numbers of the whole, whatever reads it', () => {
    const results = interpret(parted, (name) => {
      const piece = pieces.find((one) => one.name === name);
      const size = parted.inputs.find((input) => input.name === name)?.value.shape[0] ?? 0;
      return piece === undefined
        ? (numbers[name] ?? new Float32Array())
        : (numbers[piece.of] ?? new Float32Array()).slice(piece.from, piece.from + size);
    });
    const joined: Record<string, Float32Array> = {
      weights: new Float32Array(length),
      velocity: new Float32Array(length),
    };
    for (const [name, values] of Object.entries(results)) {
      const piece = pieces.find((one) => one.name === name);
      if (piece === undefined) joined[name] = values as Float32Array;
      else joined[piece.of]?.set(values, piece.from);
    }
    expectSame(
      joined,
      interpret(whole, (name) => numbers[name] ?? new Float32Array()),
      { relative: 1e-6 },
    );
  });

  test('large tensors stand alone, small ones together', () => {
    const shapes = parted.inputs.flatMap(({ role, value }) => (role === 'state' ? [value.shape] : []));
    expect(shapes).toEqual([[2], [40], [8], [60], [2], [40], [8], [60]]);
  });
});

describe('state that is written over itself', () => {
  const state = { shape: [4], dtype: 'float32', role: 'state' } as const;
  const overwritten = (...steps: readonly StepFunction[]): string[] => {
    const graphs = steps.map((step, at) => [String(at), trace('case', step, { m: state, w: state, x: { ...state, role: 'batch' } })] as const); // prettier-ignore
    return [...overwrittenState(Object.fromEntries(graphs))];
  };
  const moved: StepFunction = (ops, { m, x }) => ({ m: ops.add(ops.mul(m ?? 0, 0.9), x ?? 0) });

  test('is what optimizers keep beside the weights, and never a weight', () => {
    const found = overwrittenState({ train: optimize(graph) });
    const beside = graph.inputs.filter(
      ({ name, role }) => role === 'state' && /^(first|second):|\/running|^count$/u.test(name),
    );
    expect(beside.length).toBeGreaterThan(20);
    expect([...found].sort()).toEqual(beside.map(({ name }) => name).sort());
  });

  test('is read by the arithmetic alone that makes its next value', () => {
    expect(overwritten(moved)).toEqual(['m']);
    expect(
      overwritten((ops, { m, w, x }) => ({ m: ops.mul(m ?? 0, w ?? 0), w: ops.sub(w ?? 0, x ?? 0) })),
    ).toEqual(['m']);
    const also = (ops: typeof tf, m: tf.Tensor, x: tf.Tensor): Record<string, tf.Tensor>[] => [
      { y: ops.square(m) },
      { y: m },
      { y: ops.gather(m, ops.tensor1d([1], 'int32')) },
      { y: ops.mul(ops.mul(m, 0.9), x) },
    ];
    for (const at of [0, 1, 2, 3]) {
      const step: StepFunction = (ops, inputs) => ({
        ...moved(ops, inputs),
        ...also(ops, inputs.m ?? ops.scalar(0), inputs.x ?? ops.scalar(0))[at],
      });
      expect(overwritten(step), `reader ${at}`).toEqual([]);
    }
  });

  test('is so in all graphs that change it', () => {
    const reversed: StepFunction = (ops, { m }) => ({ m: ops.reverse(m ?? 0) });
    expect(overwritten(moved, reversed)).toEqual([]);
    expect(overwritten(moved, (ops, { m }) => ({ y: ops.reverse(m ?? 0) }))).toEqual(['m']);
    expect(overwritten((_ops, { m, x }) => ({ m: m ?? 0, y: x ?? 0 }) as never)).toEqual([]);
  });
});

describe('what a pass does', () => {
  const of = (step: StepFunction): StepGraph =>
    deadCode.apply(trace('case', step, { x: { shape: [2, 3], dtype: 'float32', role: 'batch' } }));
  const x = (inputs: Parameters<StepFunction>[1]): tf.Tensor => inputs.x ?? tf.scalar(0);

  test('dead code drops what no output needs', () => {
    expect(kernels(of((ops, inputs) => (ops.exp(x(inputs)), { y: ops.neg(x(inputs)) })))).toEqual(['Neg']);
  });

  test('identities drop x·1, x+0, x/1, double negation, views of views and casts to the own type', () => {
    const step = of((ops, inputs) => {
      const same = ops.div(ops.add(ops.mul(ops.neg(ops.neg(x(inputs))), 1), 0), 1);
      return {
        y: ops.exp(
          ops.cast(ops.reshape(ops.transpose(ops.transpose(ops.reshape(same, [3, 2]))), [2, 3]), 'float32'),
        ),
      };
    });
    expect(kernels(deadCode.apply(identities.apply(identities.apply(step))))).toEqual(['Exp']);
  });

  test('identities keep an operand that the neutral element would have broadcast', () => {
    const step = of((ops, inputs) => ({ y: ops.mul(ops.sum(x(inputs)), ops.ones([4])) }));
    expect(kernels(identities.apply(step))).toContain('Multiply');
  });

  test('a common subexpression is computed once, whichever way its operands stand', () => {
    const step = of((ops, inputs) => ({
      y: ops.sub(ops.mul(x(inputs), ops.exp(x(inputs))), ops.mul(ops.exp(x(inputs)), x(inputs))),
    }));
    expect(kernels(commonSubexpressions.apply(step))).toEqual(['Exp', 'Multiply', 'Sub']);
  });

  test('the sign of a rectified value is taken after the rectification, which is its only reader then', () => {
    const before = of((ops, { x }) => {
      const shifted = ops.add(x ?? 0, 1);
      return { y: ops.relu(shifted), mask: ops.step(shifted) };
    });
    const after = activations.apply(before);
    const rectified = after.nodes.find(({ kernel }) => kernel === 'Relu')?.outputs[0];
    expect(after.nodes.find(({ kernel }) => kernel === 'Step')?.inputs[0]?.id).toBe(rectified?.id);
    expect(kernels(after)).toEqual(kernels(before));
  });

  test.each<[string, number, number, 'valid' | 'same']>([
    ['tile', 2, 2, 'valid'],
    ['overlap', 3, 2, 'same'],
  ])(
    'the slope of a rectification is taken after the pool whose windows %s, on fewer numbers',
    (_what, window, stride, pad) => {
      const shape = [2, 6, 6, 3] as const;
      const step: StepFunction = (ops, { x }) => ({
        dx: ops.grad((x: tf.Tensor) =>
          ops.sum(ops.sin(ops.maxPool(ops.relu(x) as tf.Tensor4D, window, stride, pad))),
        )(x ?? ops.zeros([...shape])),
      });
      const traced = trace('pool', step, { x: { shape, dtype: 'float32', role: 'batch' } });
      const before = optimize(traced, [deadCode, identities, activations]);
      const after = deadCode.apply(rectifiedPools.apply(before));
      const sizes = (graph: StepGraph): (number | undefined)[] =>
        graph.nodes.filter(({ kernel }) => kernel === 'Step').map(({ outputs }) => outputs[0]?.shape[1]);
      expect([sizes(before), sizes(after)]).toEqual([[6], [3]]);
      // Windows that are nowhere above zero, and some whose largest number stands in them twice.
      const given = (): Float32Array =>
        Float32Array.from(
          { length: 216 },
          (_, at) => Math.round(4 * Math.sin(at * at)) / 2 - (at % 7 < 4 ? 3 : 0),
        );
      expectSame(interpret(after, given), interpret(before, given), { relative: 0 });
    },
  );

  test('the gradient of a pool that is read elsewhere too is left as it is', () => {
    const step: StepFunction = (ops, { x }) => {
      const rectified = ops.relu(x ?? ops.zeros([1, 4, 4, 1]));
      const gradient = ops.grad((map: tf.Tensor) =>
        ops.sum(ops.sin(ops.maxPool(map as tf.Tensor4D, 2, 2, 'valid'))),
      )(rectified);
      return { gradient, masked: ops.mul(gradient, ops.step(rectified)) };
    };
    const graph = trace('pool', step, { x: { shape: [1, 4, 4, 1], dtype: 'float32', role: 'batch' } });
    expect(kernels(rectifiedPools.apply(graph))).toEqual(kernels(graph));
  });

  test.each([
    ['pixels', [1, 2], 2, true],
    ['images and pixels', [0, 1, 2], 2, true],
    ['all numbers', undefined, 2, true],
    ['rows alone', [1], 2, false],
    ['pixels of windows that overlap', [1, 2], 1, false],
  ] as const)('a pool gradient summed over %s', (_name, axes, stride, shortened) => {
    const shape = [2, 6, 6, 3];
    const step: StepFunction = (ops, { x }) => ({
      sum: ops.sum(
        ops.grad((map: tf.Tensor) => ops.sum(ops.sin(ops.maxPool(map as tf.Tensor4D, 2, stride, 'valid'))))(
          x ?? ops.zeros(shape),
        ),
        axes === undefined ? axes : [...axes],
      ),
    });
    const before = trace('pool', step, { x: { shape, dtype: 'float32', role: 'batch' } });
    const after = deadCode.apply(poolSums.apply(before));
    expect(kernels(after).includes('MaxPoolGrad')).toBe(!shortened);
    const given = (): Float32Array =>
      Float32Array.from({ length: 216 }, (_, at) => Math.round(4 * Math.sin(at * at)));
    expectSame(interpret(after, given), interpret(before, given), { relative: 1e-6, absolute: 1e-6 });
  });

  test('the same arithmetic on all pieces of a vector is done on the vector', () => {
    const step: StepFunction = (ops, { x }) => {
      const [a, b, c] = ops.split(ops.reshape(x ?? ops.zeros([6]), [6]), [1, 2, 3]);
      const moved = [a, b, c].map((piece, at) =>
        ops.add(ops.mul(piece ?? 0, 0.9), ops.mul(ops.exp(piece ?? 0), at + 1)),
      );
      return { y: ops.concat1d(moved as tf.Tensor1D[]) };
    };
    const before = of(step);
    const after = deadCode.apply(joinedVectors.apply(before));
    expect(kernels(after).toSorted()).toEqual([
      'Add',
      'Concat',
      'Exp',
      'Exp',
      'Exp',
      'Multiply',
      'Multiply',
      'Reshape',
      'SplitV',
    ]);
    const given = (): Float32Array => Float32Array.of(1, -2, 0.5, 3, 0, -1);
    expectSame(interpret(after, given), interpret(before, given), { relative: 1e-7 });
  });

  test('pieces that are read elsewhere too, or lie in another order, are left as they are', () => {
    const turned = of((ops, { x }) => {
      const [a, b] = ops.split(ops.reshape(x ?? ops.zeros([6]), [6]), [3, 3]);
      const [first, second] = [b, a].map((piece) => ops.mul<tf.Tensor1D>(piece ?? 0, 2));
      return {
        y: ops.concat1d([first ?? ops.tensor1d([]), second ?? ops.tensor1d([])]),
        first: first ?? ops.scalar(0),
      };
    });
    expect(kernels(joinedVectors.apply(turned))).toEqual(kernels(turned));
  });

  test('what depends on constants alone is computed once', () => {
    const step = of((ops, inputs) => ({
      y: ops.add(x(inputs), ops.exp(ops.mul(ops.tensor1d([1, 2, 3]), 2))),
    }));
    expect(kernels(constantFolding.apply(step)).filter((kernel) => kernel !== 'Add')).toEqual([]);
  });

  test('the gradient of a mean stays one number until it meets a full tensor', () => {
    const step = of((ops, inputs) => ({ y: ops.grad((a: tf.Tensor) => ops.mean(a))(x(inputs)) }));
    const sizes = optimize(step, [broadcasts, identities, deadCode])
      .nodes.filter(({ kernel }) => kernel !== 'BroadcastTo')
      .map(({ outputs }) => outputs[0]?.shape.length);
    expect(Math.max(0, ...sizes.map((rank) => rank ?? 0))).toBeLessThanOrEqual(2);
    expect(kernels(optimize(step))).not.toContain('Tile');
  });
});
