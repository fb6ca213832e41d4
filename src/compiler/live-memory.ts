import type { StepGraph, Value } from './graph.ts';
import { sizeOf } from './shape.ts';

/** Kernels whose output is their input under another shape. */
const ALIASES = new Set(['Reshape', 'Identity']);

const BYTES = { float32: 4, int32: 4, bool: 1 } as const;

export interface LiveMemory {
  /** Bytes of all values between inputs and outputs that are alive at once, where they are most. */
  readonly peak: number;
  /** The kernels that made those values, and their bytes, largest first. */
  readonly kernels: readonly { readonly kernel: string; readonly bytes: number }[];
}

/**
 * How much memory a graph's own values need in its order of execution: each lives from the node that computes it to the last
 * that reads it, and those that are fetched to the end. A runtime that plans memory well needs no more.
 */
export function liveMemory(graph: StepGraph): LiveMemory {
  const owner = aliasOwners(graph);
  const ownerOf = ({ id }: Value) => owner.get(id) ?? id;
  const lastUse = new Map<number, number>();
  graph.nodes.forEach(({ inputs }, at) => {
    for (const input of inputs) lastUse.set(ownerOf(input), at);
  });
  for (const { value } of graph.outputs) lastUse.set(ownerOf(value), graph.nodes.length);

  const alive = new Map<number, { readonly kernel: string; readonly bytes: number }>();
  let bytes = 0;
  let peak = 0;
  let atPeak: readonly { readonly kernel: string; readonly bytes: number }[] = [];
  graph.nodes.forEach(({ kernel, inputs, outputs }, at) => {
    for (const output of outputs) {
      if (ownerOf(output) !== output.id) continue;
      const made = { kernel, bytes: sizeOf(output.shape) * BYTES[output.dtype] };
      alive.set(output.id, made);
      bytes += made.bytes;
    }
    if (bytes > peak) {
      peak = bytes;
      atPeak = [...alive.values()];
    }
    // What nobody reads again is free, also outputs that nobody ever reads.
    for (const value of [...inputs, ...outputs]) {
      const id = ownerOf(value);
      const dead = alive.get(id);
      if (dead === undefined || (lastUse.get(id) ?? at) > at) continue;
      alive.delete(id);
      bytes -= dead.bytes;
    }
  });
  return { peak, kernels: byKernel(atPeak) };
}

/** For each value that is another's under a new shape, whose it is. */
function aliasOwners({ nodes }: StepGraph): ReadonlyMap<number, number> {
  const owners = new Map<number, number>();
  for (const { kernel, inputs, outputs } of nodes) {
    const [input] = inputs;
    const [output] = outputs;
    if (!ALIASES.has(kernel) || input === undefined || output === undefined) continue;
    owners.set(output.id, owners.get(input.id) ?? input.id);
  }
  return owners;
}

function byKernel(values: readonly { readonly kernel: string; readonly bytes: number }[]) {
  const sums = new Map<string, number>();
  for (const { kernel, bytes } of values) sums.set(kernel, (sums.get(kernel) ?? 0) + bytes);
  return [...sums].map(([kernel, bytes]) => ({ kernel, bytes })).sort((a, b) => b.bytes - a.bytes);
}
