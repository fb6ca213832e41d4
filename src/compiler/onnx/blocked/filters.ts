import type { Value } from '../../graph.ts';
import type { OnnxBuilder } from '../builder.ts';
import { blockSides, interleaved, swapped, type BlockedMaps } from './maps.ts';

/** A block of a filter by its place: `[filters / B, channels / B, tap]`; null is a block of zeros. */
export type FilterBlock = readonly [number, number, number] | null;

/**
 * `[height, width, channels, filters]` in blocks: `[filters / B, channels / B, taps, B, B]`, filters innermost.
 *
 * @param few the channels are an image's: `[filters / B, channels, taps, B]`
 */
export function blockedFilter(onnx: OnnxBuilder, maps: BlockedMaps, filter: Value, few = false): string {
  return onnx.memo(`blocked-filter${filter.id}${few ? ' of few channels' : ''}`, () => {
    const { size } = maps;
    const [height = 1, width = 1, inner = 1, outer = 1] = filter.shape;
    const [channels, filters] = [few ? inner : maps.width(inner), maps.width(outer)];
    const source = filled(onnx, onnx.plain(filter), channels - inner, filters - outer);
    const shape = [filters, channels, height, width];
    if (few) {
      const split = onnx.reshape(source, [height * width, channels, filters / size, size]);
      return onnx.reshape(onnx.transpose(split, [2, 1, 0, 3]), shape);
    }
    // In two passes, of which the first runs on all threads and the second moves whole blocks: one pass takes three times as long.
    const inBlocks = interleaved(onnx, source, [1, height * width, channels, filters]);
    const split = [filters / size, height * width, channels / size, size ** 2];
    return onnx.reshape(onnx.transpose(onnx.reshape(inBlocks, split), [0, 2, 1, 3]), shape);
  });
}

/** A filter with so many channels and filters of zeros behind its own. */
function filled(onnx: OnnxBuilder, filter: string, channels: number, filters: number): string {
  if (channels === 0 && filters === 0) return filter;
  return onnx.op('Pad', [filter, onnx.integers([0, 0, 0, 0, 0, 0, channels, filters]), onnx.scalar(0)]);
}

/** A filter with channels and filters swapped, made of the given blocks in this order. */
export function swappedFilter(
  onnx: OnnxBuilder,
  maps: BlockedMaps,
  filter: Value,
  blocks: readonly FilterBlock[],
  shape: readonly number[],
): string {
  const { size } = maps;
  const [height = 1, width = 1, inner = 1, outer = 1] = filter.shape;
  const [channels, filters] = [maps.width(inner), maps.width(outer)];
  const count = (height * width * channels * filters) / size ** 2;
  const turned = onnx.memo(`swapped-filter${filter.id}`, () =>
    onnx.reshape(swapped(onnx, blockedFilter(onnx, maps, filter), [count, size, ...blockSides(size)]), [
      count,
      size ** 2,
    ]),
  );
  const source = blocks.includes(null)
    ? onnx.memo(`padded-filter${filter.id}`, () => {
        const zeros = onnx.initializer([1, size ** 2], new Float32Array(size ** 2), 'float32');
        return onnx.op('Concat', [turned, zeros], { axis: 0 });
      })
    : turned;
  const places = blocks.map((block) =>
    block === null ? count : (block[0] * (channels / size) + block[1]) * height * width + block[2],
  );
  return onnx.reshape(onnx.op('Gather', [source, onnx.integers(places)], { axis: 0 }), shape);
}
