import { trace } from '../compiler/trace.ts';
import type { StepGraph } from '../compiler/graph.ts';
import type { tf } from '../compiler/tfjs.ts';
import { UserError } from '../protocol/errors.ts';
import { largestDifference, wave } from './compare.ts';
import type { Executor, Fetches } from './executor.ts';
import { interpreter } from './interpreter.ts';

/** Largest difference from the reference, as a share of the largest value in the tensor. */
const TOLERANCE = 1e-4;
const STEPS = 2;
const BATCH = 2;

/**
 * Trains a tiny convolutional net for two steps on an executor and on the reference, and compares the loss and every
 * parameter. An executor that computes something else is refused before it can spoil a run.
 *
 * @returns null where it agrees, else the reason for refusing it
 */
export async function selfTest(executor: Executor): Promise<string | null> {
  try {
    const graph = testStep();
    const [actual, expected] = [await results(executor, graph), await results(interpreter, graph)];
    for (const [name, wanted] of Object.entries(expected)) {
      const difference = largestDifference(actual[name], wanted);
      if (!(difference <= TOLERANCE))
        return `its self-test gave a wrong ${name} (off by ${difference.toExponential(1)} of the largest value)`;
    }
    return null;
  } catch (error) {
    return error instanceof UserError
      ? error.problem.message
      : `its self-test failed: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Convolutions at stride 1 and 2, pooling, a dense layer, softmax cross-entropy, and a step of gradient descent. */
function testStep(): StepGraph {
  const step = (ops: typeof tf, inputs: Readonly<Record<string, tf.Tensor>>): Record<string, tf.Tensor> => {
    const { x, labels, first, second, dense } = inputs as Record<
      'x' | 'labels' | 'first' | 'second' | 'dense',
      tf.Tensor
    >;
    const loss = (a: tf.Tensor, b: tf.Tensor, c: tf.Tensor): tf.Scalar => {
      const h = ops.relu(ops.conv2d(x as tf.Tensor4D, a as tf.Tensor4D, 1, 'same'));
      const pooled = ops.maxPool(ops.conv2d(h, b as tf.Tensor4D, 2, 'same'), 2, 2, 'valid');
      const logits = ops.matMul(ops.reshape(pooled, [BATCH, -1]), c);
      return ops.neg(ops.mean(ops.sum(ops.mul(ops.oneHot(labels, 3), ops.logSoftmax(logits)), 1)));
    };
    const { value, grads } = ops.valueAndGrads(loss)([first, second, dense]);
    const next = [first, second, dense].map((weight, at) =>
      ops.sub(weight, ops.mul(grads[at] ?? weight, 0.1)),
    );
    return { loss: value, first: next[0] ?? first, second: next[1] ?? second, dense: next[2] ?? dense };
  };
  return trace('self-test', step, {
    x: { shape: [BATCH, 8, 8, 3], dtype: 'float32', role: 'batch' },
    labels: { shape: [BATCH], dtype: 'int32', role: 'batch' },
    first: { shape: [3, 3, 3, 4], dtype: 'float32', role: 'state' },
    second: { shape: [3, 3, 4, 8], dtype: 'float32', role: 'state' },
    dense: { shape: [32, 3], dtype: 'float32', role: 'state' },
  });
}

async function results(executor: Executor, graph: StepGraph): Promise<Fetches> {
  const state = { first: wave(108, 0.3), second: wave(288, 0.2), dense: wave(96, 0.2) };
  const program = await executor.load({ graph }, state);
  try {
    let fetches: Fetches = {};
    for (let at = 0; at < STEPS; at++) {
      fetches = await program.run('graph', { x: wave(BATCH * 192, 1 + at), labels: Int32Array.of(at, 2) });
    }
    return { ...fetches, ...(await program.readState()) };
  } finally {
    await program.dispose();
  }
}
