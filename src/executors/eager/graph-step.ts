import type { Tensor } from '@tensorflow/tfjs-core';
import { evaluateNode } from '../../compiler/evaluate.ts';
import type { StepGraph, TensorSpec } from '../../compiler/graph.ts';
import { useCounts } from '../../compiler/passes/rewrite.ts';
import type { EagerStep } from '../executor.ts';

/** A graph as a function that runs its nodes in order, kernel by kernel. */
export function graphStep(graph: StepGraph, evaluate: typeof evaluateNode = evaluateNode): EagerStep {
  const specs: Record<string, TensorSpec> = {};
  for (const { name, role, value } of graph.inputs)
    specs[name] = { shape: value.shape, dtype: value.dtype, role };
  const uses = useCounts(graph);
  return {
    specs,
    step: (ops, inputs) => {
      const remaining = new Map(uses);
      const tensors = new Map<number, Tensor>();
      // Handles of their own, since each is freed after its last use.
      for (const { name, value } of graph.inputs) {
        const given = inputs[name];
        if (given !== undefined) tensors.set(value.id, ops.clone(given));
      }
      for (const { value, data } of graph.constants)
        tensors.set(value.id, ops.tensor(data, [...value.shape], value.dtype));
      const tensorOf = (id: number): Tensor => {
        const tensor = tensors.get(id);
        if (tensor === undefined) throw new Error(`value ${id} is used before it is computed`);
        return tensor;
      };
      for (const node of graph.nodes) {
        const outputs = evaluate(
          node,
          node.inputs.map(({ id }) => tensorOf(id)),
          ops,
        );
        for (const [at, output] of outputs.entries()) {
          const id = node.outputs[at]?.id;
          if (id !== undefined) tensors.set(id, output);
        }
        release(
          node.inputs.map(({ id }) => id),
          remaining,
          tensors,
        );
      }
      return Object.fromEntries(graph.outputs.map(({ name, value }) => [name, tensorOf(value.id)]));
    },
  };
}

/** Frees tensors after their last use, so that memory follows the live values and not the whole step. */
function release(
  used: readonly number[],
  remaining: Map<number, number>,
  tensors: Map<number, Tensor>,
): void {
  for (const id of used) {
    const left = (remaining.get(id) ?? 1) - 1;
    remaining.set(id, left);
    if (left > 0) continue;
    tensors.get(id)?.dispose();
    tensors.delete(id);
  }
}
