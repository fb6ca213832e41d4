import type { Attribute, DType } from '../graph.ts';

export interface TensorType {
  readonly shape: readonly number[];
  readonly dtype: DType;
}

/** What a kernel is called with. */
export interface KernelCall {
  readonly kernel: string;
  readonly inputs: readonly TensorType[];
  readonly inputNames: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** Shapes and types of a kernel's outputs. */
export type ShapeRule = (call: KernelCall) => readonly TensorType[];

/** An input by the kernel's own name for it. */
export function inputOf(call: KernelCall, name: string): TensorType {
  const input = call.inputs[call.inputNames.indexOf(name)];
  if (input === undefined) throw new Error(`${call.kernel} has no input "${name}"`);
  return input;
}

export function firstInput(call: KernelCall): TensorType {
  const input = call.inputs[0];
  if (input === undefined) throw new Error(`${call.kernel} was called without inputs`);
  return input;
}
