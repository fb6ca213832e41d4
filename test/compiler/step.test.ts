import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { NumericArray } from '../../src/compiler/graph.ts';
import { trace } from '../../src/compiler/trace.ts';
import { interpreter } from '../../src/executors/interpreter.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { residualStep, type TrainingStep } from './residual-net.ts';
import { compiled, expectSame, tf, useCpu } from './support.ts';

beforeAll(useCpu);

const STEPS = 4;
const SIZE = { batch: 4, size: 8, width: 4, classes: 5, blocksPerStage: 1 };

/** The step run directly by TensorFlow.js, without being traced. */
function eagerStep(
  training: TrainingStep,
  state: Readonly<Record<string, NumericArray>>,
  batch: Readonly<Record<string, NumericArray>>,
): Record<string, NumericArray> {
  const values = { ...state, ...batch, ...training.hyper };
  return tf.tidy(() => {
    const inputs = Object.fromEntries(
      Object.entries(training.specs).map(([name, { shape, dtype }]): [string, Tensor] => [
        name,
        tf.tensor(values[name] ?? [], [...shape], dtype),
      ]),
    );
    return Object.fromEntries(
      Object.entries(training.step(tf, inputs)).map(([name, tensor]) => [
        name,
        tensor.dataSync().slice() as NumericArray,
      ]),
    );
  });
}

describe.each(['momentum', 'adam'] as const)(
  'a residual net trained with %s for several steps',
  (optimizer) => {
    test('has the loss and every parameter of eager TensorFlow.js', async () => {
      const training = residualStep(SIZE, optimizer);
      const graph = trace('train', training.step, training.specs);
      const program = await onnxCpu({ threads: 1, spinning: false }).load({ train: graph }, training.state);
      let expected: Record<string, NumericArray> = { ...training.state };
      for (let at = 0; at < STEPS; at++) {
        const { loss, ...state } = eagerStep(training, expected, training.batch(at));
        const fetched = await program.run('train', { ...training.batch(at), ...training.hyper });
        expectSame(fetched, { loss: loss ?? new Float32Array() }, { relative: 1e-5 });
        expected = { ...expected, ...state };
      }
      expectSame(await program.readState(), expected, { relative: 0, ofLargest: 1e-4, absolute: 1e-7 });
      await program.dispose();
    });

    test('has the same numbers on the interpreter', async () => {
      const training = residualStep({ ...SIZE, batch: 2, size: 4, stages: 2 }, optimizer);
      const program = await interpreter.load(
        { train: trace('train', training.step, training.specs) },
        training.state,
      );
      const { loss, ...state } = eagerStep(training, training.state, training.batch(0));
      const fetched = await program.run('train', { ...training.batch(0), ...training.hyper });
      expectSame(
        { ...fetched, ...(await program.readState()) },
        { loss: loss ?? new Float32Array(), ...state },
        { relative: 1e-6, ofLargest: 1e-6 },
      );
    });
  },
);

test('the gradient of average pooling with padding agrees with finite differences', async () => {
  const values = Float32Array.from({ length: 25 }, (_, at) => Math.sin(at * 1.3));
  const loss = (ops: typeof tf, x: Tensor): Tensor =>
    ops.sum(ops.square(ops.avgPool(x as Tensor4D, 3, 2, 'same')));
  const given = { x: { shape: [1, 5, 5, 1], values } };
  const { gradient } = await compiled(
    (ops, { x }) => ({ gradient: ops.grad((a: Tensor) => loss(ops, a))(x ?? ops.scalar(0)) }),
    given,
  );
  const at = (index: number, step: number): number => {
    const moved = values.slice();
    moved[index] = (moved[index] ?? 0) + step;
    return loss(tf, tf.tensor(moved, [1, 5, 5, 1])).dataSync()[0] ?? NaN;
  };
  for (const index of [0, 4, 12, 23]) {
    expect(gradient?.[index]).toBeCloseTo((at(index, 1e-2) - at(index, -1e-2)) / 2e-2, 3);
  }
});
