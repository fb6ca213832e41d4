import type { StepGraph } from '../../graph.ts';
import { axisSize } from '../../shape.ts';
import { inputAt, onlyOutput } from '../emit.ts';
import { convolution, inputGradient } from './convolution.ts';
import { elementwiseEmitters } from './elementwise.ts';
import type { BlockedEmitter } from './emit.ts';
import { filterGradient } from './filter-gradient.ts';
import type { BlockSize } from './maps.ts';
import { poolingEmitters } from './pooling.ts';
import { reductionEmitters } from './reductions.ts';

export const blockedEmitters: Readonly<Record<string, BlockedEmitter>> = {
  ...elementwiseEmitters,
  ...reductionEmitters,
  ...poolingEmitters,
  Conv2D: convolution,
  Conv2DBackpropInput: inputGradient,
  Conv2DBackpropFilter: filterGradient,
};

/**
 * True where blocks serve the step as a whole: its filters come in whole blocks, its images too where filters are trained,
 * and no channel-wise convolution, whose gradients have no blocked form, would force maps to and fro.
 */
export function servesBlocks(graph: StepGraph, size: BlockSize): boolean {
  let convolutions = 0;
  for (const node of graph.nodes) {
    if (node.kernel.startsWith('DepthwiseConv2d')) return false;
    if (node.kernel === 'Conv2DBackpropFilter' && axisSize(inputAt(node, 'x').shape, 0) % size !== 0)
      return false;
    if (node.kernel !== 'Conv2D') continue;
    if (axisSize(onlyOutput(node).shape, 3) % size !== 0) return false;
    convolutions++;
  }
  return convolutions > 0;
}
