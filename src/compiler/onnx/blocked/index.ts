import type { StepGraph } from '../../graph.ts';
import { inputAt, onlyOutput } from '../emit.ts';
import { convolution, inputGradient, readsAsImage } from './convolution.ts';
import { elementwiseEmitters } from './elementwise.ts';
import type { BlockedEmitter } from './emit.ts';
import { filterGradient } from './filter-gradient.ts';
import type { BlockSize } from './maps.ts';
import { pairedPoolEmitters } from './paired-pools.ts';
import { transpose } from './pixels.ts';
import { poolingEmitters } from './pooling.ts';
import { reductionEmitters } from './reductions.ts';

export { pairedPools } from './paired-pools.ts';

export const blockedEmitters: Readonly<Record<string, BlockedEmitter>> = {
  ...elementwiseEmitters,
  ...reductionEmitters,
  ...poolingEmitters,
  ...pairedPoolEmitters,
  Conv2D: convolution,
  Conv2DBackpropInput: inputGradient,
  Conv2DBackpropFilter: filterGradient,
  Transpose: transpose,
};

/** How many times the multiply-adds of the plain form may be done on blocks that are filled up: measured to gain still. */
const MOST_FILLING = 4;

/**
 * True where blocks serve the step as a whole: filling them up does not multiply the work too often, and no channel-wise
 * convolution, whose gradients have no blocked form, would force maps to and fro.
 */
export function servesBlocks(graph: StepGraph, size: BlockSize): boolean {
  const whole = (count: number): number => Math.ceil(count / size) * size;
  let [plain, filled] = [0, 0];
  for (const node of graph.nodes) {
    if (node.kernel.startsWith('DepthwiseConv2d')) return false;
    const trains = node.kernel === 'Conv2DBackpropFilter';
    if (node.kernel !== 'Conv2D' && !trains) continue;
    const [map, filter] = trains
      ? [inputAt(node, 'dy'), onlyOutput(node)]
      : [onlyOutput(node), inputAt(node, 'filter')];
    const [images = 1, rows = 1, columns = 1, filters = 1] = map.shape;
    const [height = 1, width = 1, channels = 1] = filter.shape;
    const work = rows * columns * height * width;
    plain += work * images * channels * filters;
    const inner = readsAsImage(channels, size) ? channels : whole(channels);
    filled += work * (trains ? whole(images) : images) * inner * whole(filters);
  }
  return plain > 0 && filled <= MOST_FILLING * plain;
}
