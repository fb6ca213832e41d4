import { numbersOf } from '../../attributes.ts';
import { onlyInput, onlyOutput } from '../emit.ts';
import type { BlockedEmitter } from './emit.ts';

/** Pixels of a map to the front, and back, as products of tiles want them: blocks are moved as they are. */
export const transpose: BlockedEmitter = (onnx, maps, node) => {
  const [source, output] = [onlyInput(node), onlyOutput(node)];
  const perm = numbersOf(node.attributes, 'perm').join();
  if (source.dtype !== 'float32' || !maps.allows('winograd')) return false;
  if (perm === '1,2,0,3' && maps.has(source)) {
    const [images = 1, height = 1, width = 1, channels = 1] = source.shape;
    if (channels !== maps.width(channels)) return false;
    const blocks = [(images * channels) / maps.size, height * width, maps.size];
    const moved = onnx.transpose(onnx.reshape(maps.get(source), blocks), [1, 0, 2]);
    onnx.define(output, onnx.reshape(moved, output.shape));
    return true;
  }
  if (perm === '2,0,1,3') {
    const [images = 1, height = 1, width = 1, channels = 1] = output.shape;
    if (channels !== maps.width(channels)) return false;
    const pixels = [height * width, (images * channels) / maps.size, maps.size];
    const moved = onnx.transpose(onnx.reshape(onnx.plain(source), pixels), [1, 0, 2]);
    maps.define(output, onnx.reshape(moved, [images, channels, height, width]));
    return true;
  }
  return false;
};
