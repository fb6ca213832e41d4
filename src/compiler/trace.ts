import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { UserError } from '../protocol/errors.ts';
import { callSiteOf, withDeepStack } from './call-site.ts';
import type { StepGraph, TensorSpec, Value } from './graph.ts';
import { Recorder } from './recorder.ts';
import { sameShape } from './shape.ts';
import { releaseTape, tf, withBackend } from './tfjs.ts';
import { registerTracingKernels, TRACING_BACKEND, untraceable } from './trace-kernels.ts';
import { isTensor, TracingBackend, withoutRandomDraws } from './tracing-backend.ts';

/** An ordinary TensorFlow.js function; it may differentiate (`ops.grads`, `ops.customGrad`) and must not read values. */
export type StepFunction = (
  ops: typeof tf,
  inputs: Readonly<Record<string, Tensor>>,
) => Readonly<Record<string, Tensor>>;

/**
 * Records one run of `step` as a graph. An output that carries the name of a state input is that state's new value.
 *
 * @param name for messages and for the executor's log
 * @throws UserError KD6001 a tensor value was read, KD6002 a tensor type that a step cannot have, KD6003 a kernel that
 * cannot be compiled, KD6004 a random draw, KD6005 an operation refused its arguments, KD6006 an output that does not fit,
 * KD6007 a variable that is no input
 */
export function trace(
  name: string,
  step: StepFunction,
  specs: Readonly<Record<string, TensorSpec>>,
): StepGraph {
  const recorder = new Recorder();
  const backend = new TracingBackend(recorder);
  const inputs = Object.entries(specs).map(([key, spec]) => ({
    name: key,
    role: spec.role,
    value: recorder.value(spec),
  }));
  const outputs = underTracing(backend, name, () => {
    const tensors = Object.fromEntries(
      inputs.map((input) => [input.name, placeholder(backend, input.value)]),
    );
    const results = step(tf, tensors);
    if (backend.deferredError !== null) throw backend.deferredError;
    return Object.entries(results).map(([key, tensor]) => ({
      name: key,
      value: outputValue(backend, name, key, tensor, specs[key]),
    }));
  });
  return { name, inputs, constants: recorder.constants, nodes: recorder.nodes, outputs };
}

/** Runs `action` on the tracing backend and leaves TensorFlow.js as it was: backend, tensors and variables. */
function underTracing<T>(backend: TracingBackend, name: string, action: () => T): T {
  const engine = tf.engine();
  registerTracingKernels();
  engine.registerBackend(TRACING_BACKEND, () => backend, 0);
  const variables = new Set(Object.keys(engine.registeredVariables));
  try {
    return withBackend(TRACING_BACKEND, () => {
      engine.startScope(name);
      try {
        return withDeepStack(() => withoutRandomDraws(action));
      } catch (error) {
        releaseTape();
        throw readable(name, error);
      } finally {
        engine.endScope();
        for (const [key, variable] of Object.entries(engine.registeredVariables))
          if (!variables.has(key)) variable.dispose();
      }
    });
  } finally {
    engine.removeBackend(TRACING_BACKEND);
  }
}

function placeholder(backend: TracingBackend, value: Value): Tensor {
  const info: TensorInfo = backend.tensorOf(value);
  return tf.engine().makeTensorFromTensorInfo(info, backend);
}

function outputValue(
  backend: TracingBackend,
  step: string,
  name: string,
  tensor: unknown,
  spec: TensorSpec | undefined,
): Value {
  if (!isTensor(tensor)) {
    throw unfit(`output "${name}" of ${step} is not a tensor`, 'Return a record of tensors, synchronously.');
  }
  const value = backend.graphValue(tensor);
  if (spec?.role !== 'state' || (sameShape(spec.shape, value.shape) && spec.dtype === value.dtype))
    return value;
  throw unfit(
    `the new value of state "${name}" in ${step} is ${value.dtype} [${value.shape.join(', ')}], its old one ${spec.dtype} [${spec.shape.join(', ')}]`,
    'The state of a step keeps its shape and type.',
  );
}

function unfit(message: string, help: string): UserError {
  return new UserError({ code: 'KD6006', message, help });
}

/** What TensorFlow.js says of wrong arguments, with the line that passed them. */
function readable(name: string, error: unknown): unknown {
  if (error instanceof UserError || !(error instanceof Error)) return error;
  const missing = /Kernel '(\w+)' not registered for backend '[^']*'(.*)/.exec(error.message);
  // What follows is what others had to add, for instance the term.
  if (missing?.[1] !== undefined) return untraceable(missing[1], callSiteOf(error), missing[2]);
  const site = callSiteOf(error).describe();
  const problem = {
    code: 'KD6005',
    message: `tracing ${name} failed: ${error.message}${site === null ? '' : ` (${site})`}`,
    help: 'An operation got tensors that do not fit together; the line above says where.',
  };
  return new UserError(problem, { cause: error });
}
