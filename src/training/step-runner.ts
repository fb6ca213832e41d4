import type * as tf from '@tensorflow/tfjs-core';
import type { NumericArray, TensorSpec } from '../compiler/graph.ts';
import { trace } from '../compiler/trace.ts';
import type { Executor } from '../executors/executor.ts';
import type { Ops } from '../methods/method.ts';
import type { StepFunction } from './step-function.ts';

/** Runs a step function once, on whatever stands behind it. */
export type StepRunner = (
  name: string,
  step: StepFunction,
  specs: Readonly<Record<string, TensorSpec>>,
  feeds: Readonly<Record<string, NumericArray>>,
) => Promise<Readonly<Record<string, NumericArray>>>;

/** Plain TensorFlow.js, operation by operation, on its active backend: the reference. */
export function eagerRunner(ops: Ops): StepRunner {
  return (_name, step, specs, feeds) => {
    const results: Record<string, NumericArray> = {};
    ops.tidy(() => {
      const inputs: Record<string, tf.Tensor> = {};
      for (const [name, { shape, dtype }] of Object.entries(specs)) {
        inputs[name] = ops.tensor(feeds[name] as tf.TypedArray, [...shape], dtype);
      }
      for (const [name, tensor] of Object.entries(step(ops, inputs))) {
        results[name] = tensor.dataSync<'float32' | 'int32' | 'bool'>().slice();
      }
    });
    return Promise.resolve(results);
  };
}

/** Traced into a graph, lowered and run by an executor: as training runs. */
export function tracedRunner(executor: Executor): StepRunner {
  return async (name, step, specs, feeds) => {
    const program = await executor.load({ step: trace(name, step, specs) }, {});
    try {
      return await program.run('step', feeds);
    } finally {
      await program.dispose();
    }
  };
}
