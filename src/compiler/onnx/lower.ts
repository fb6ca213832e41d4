import { UserError } from '../../protocol/errors.ts';
import type { GraphNode, StepGraph } from '../graph.ts';
import { useCounts } from '../passes/rewrite.ts';
import { winograd } from '../passes/winograd.ts';
import { accumulate, accumulations, type Accumulation } from './accumulation.ts';
import { arrayEmitters } from './arrays.ts';
import { blockedEmitters, pairedPools, servesBlocks } from './blocked/index.ts';
import type { Blocks } from './blocked/forms.ts';
import { OnnxBuilder } from './builder.ts';
import { elementwiseEmitters } from './elementwise.ts';
import type { Emitter } from './emit.ts';
import type { KernelLimits } from './limits.ts';
import { linearEmitters } from './linear.ts';
import { elementType, type OnnxModel } from './model.ts';
import { poolingEmitters } from './pooling.ts';
import { reductionEmitters } from './reductions.ts';

const EMITTERS: Readonly<Record<string, Emitter>> = {
  ...elementwiseEmitters,
  ...reductionEmitters,
  ...arrayEmitters,
  ...linearEmitters,
  ...poolingEmitters,
};

/** Names of all kernels that have an ONNX form. */
export const EMITTED_KERNELS: ReadonlySet<string> = new Set(Object.keys(EMITTERS));

/**
 * A step as an ONNX model with the same inputs and outputs, in the step's own layout; an output that is called like an
 * input has a mark behind its name.
 *
 * @param blocks writes convolutions and what surrounds them on blocks of channels, where that serves the step
 * @param limits of the provider's kernels, to write around
 * @param asMade outputs that have the shape in which they are made, whatever the step's own: the same numbers, and no copy
 * @throws UserError KD6020 for a kernel that has no ONNX form
 */
export function lowerToOnnx(
  given: StepGraph,
  blocks: Blocks | null = null,
  limits: KernelLimits = {},
  asMade: ReadonlySet<string> = new Set(),
): OnnxModel {
  const onBlocks = blocks !== null && servesBlocks(given, blocks.size) ? blocks : null;
  const graph = onBlocks === null ? given : onlyOnBlocks(given, onBlocks);
  const blocked = onBlocks === null ? null : { blocks: onBlocks, uses: useCounts(graph) };
  const onnx = new OnnxBuilder(blocked, limits);
  for (const { name, value } of graph.inputs)
    onnx.define(value, onnx.input(name, elementType(value.dtype), value.shape));
  for (const { value, data } of graph.constants) onnx.constant(value, data);
  // Providers with limits keep to what they were compared in.
  const sums = Object.keys(limits).length === 0 ? accumulations(graph) : new Map<GraphNode, Accumulation>();
  for (const node of graph.nodes) {
    const sum = sums.get(node);
    if (sum === undefined) emit(onnx, node);
    else accumulate(onnx, node, sum);
  }
  for (const { name, value } of graph.outputs) {
    const result = { name: onnx.plain(value), shape: value.shape };
    const written = asMade.has(name) ? onnx.made(result.name, result.shape) : result;
    onnx.output(outputName(graph, name), elementType(value.dtype), written.shape, written.name);
  }
  return onnx.model(graph.name);
}

/** What gains on the processor alone. */
function onlyOnBlocks(graph: StepGraph, blocks: Blocks): StepGraph {
  const paired = pairedPools(graph, blocks);
  return blocks.forms.has('winograd') ? winograd().apply(paired) : paired;
}

/** ONNX wants every name once, so an output that is called like an input gets a mark. */
function outputName(graph: StepGraph, name: string): string {
  return graph.inputs.some((input) => input.name === name) ? `${name}'` : name;
}

function emit(onnx: OnnxBuilder, node: GraphNode): void {
  try {
    if (onnx.maps !== null && blockedEmitters[node.kernel]?.(onnx, onnx.maps, node) === true) return;
    const emitter = EMITTERS[node.kernel];
    if (emitter === undefined) throw new Error('it has no ONNX form');
    emitter(onnx, node);
  } catch (error) {
    if (error instanceof UserError || !(error instanceof Error)) throw error;
    throw unloweredKernel(node, error.message, error);
  }
}

function unloweredKernel(node: GraphNode, reason: string, cause?: Error): UserError {
  const site = node.site?.describe() ?? null;
  const problem = {
    code: 'KD6020',
    message: `${node.kernel}${site === null ? '' : ` (${site})`} cannot run on ONNX Runtime: ${reason}`,
    help: 'The step runs on the eager executor instead, which is much slower; express it by other operations to compile it.',
  };
  return new UserError(problem, { cause });
}
