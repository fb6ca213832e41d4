import { framesNeeded, type Word } from './ctc.ts';
import type { LayerOperation, Shape } from './description.ts';

/** Why an operation cannot take these inputs; the caller adds the layer's name. */
export interface Misfit {
  readonly message: string;
  readonly help: string;
}
type Inferred = { readonly shape: Shape } | { readonly misfit: Misfit };
type Window = Extract<LayerOperation, { kind: 'conv2d' | 'maxPool' | 'averagePool' }>;

/** `32x32x3`. */
export function shapeText(shape: Shape): string {
  return shape.join('x');
}

export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** How many inputs an operation reads: least and most. */
export function inputCounts(kind: LayerOperation['kind']): readonly [number, number] {
  if (kind === 'input') return [0, 0];
  if (kind === 'gate') return [1, Number.POSITIVE_INFINITY];
  if (kind === 'dataConsistency') return [2, 2];
  return kind === 'add' || kind === 'concat' ? [2, Number.POSITIVE_INFINITY] : [1, 1];
}

/** Shape of an operation's output for one sample, from the shapes of its inputs. */
export function inferShape(operation: LayerOperation, inputs: readonly Shape[]): Inferred {
  const [first = []] = inputs;
  switch (operation.kind) {
    case 'input':
      return { shape: operation.shape };
    case 'conv2d':
      return convolve(operation, first);
    case 'maxPool':
    case 'averagePool':
      return slide(operation, first, first[2] ?? 0);
    case 'dense':
      return first.length === 1
        ? { shape: [operation.units] }
        : misfit(
            `reads a map of ${shapeText(first)}, but needs a vector`,
            'Put flatten or globalAveragePool before it.',
          );
    case 'batchNorm':
    case 'activation':
    case 'dropout':
      return { shape: first };
    case 'globalAveragePool': {
      const channels = first[2];
      return channels === undefined ? needsMap(first) : { shape: [channels] };
    }
    case 'flatten':
      return { shape: [sizeOf(first)] };
    case 'reshape':
      return sizeOf(first) === sizeOf(operation.shape)
        ? { shape: operation.shape }
        : misfit(
            `reads ${shapeText(first)}, which does not fill ${shapeText(operation.shape)}`,
            'Give a shape with as many numbers.',
          );
    case 'resize': {
      const channels = first[2];
      return channels === undefined ? needsMap(first) : { shape: [...operation.size, channels] };
    }
    case 'add':
      return addShapes(inputs);
    case 'gate':
      return inputs.length === operation.experts
        ? addShapes(inputs)
        : misfit(
            `mixes ${operation.experts} experts, but reads ${inputs.length} layers`,
            'Name one layer an expert.',
          );
    case 'concat':
      return concatShapes(inputs);
    case 'ctcWords':
      return spell(operation.words, first);
    case 'dataConsistency':
      return consistent(operation.columns, inputs);
  }
}

/** One score a word; each word must find room in the frames. */
function spell(words: readonly Word[], frames: Shape): Inferred {
  const [height, count = 0, symbols = 0] = frames;
  if (frames.length !== 3 || height !== 1) return needsMap(frames);
  const long = words.findIndex((word) => framesNeeded(word) > count);
  if (long >= 0)
    return misfit(
      `reads ${count} frames, and the name of class ${long} needs ${framesNeeded(words[long] ?? [])}`,
      'Name a map with more columns: an earlier stage, or wider images.',
    );
  return words.some((word) => word.some((symbol) => symbol < 1 || symbol >= symbols))
    ? misfit(`spells words by more symbols than the ${symbols} of its frames`, 'Give it a filter a symbol.')
    : { shape: [words.length] };
}

/** Both images of one shape, as wide as the spectrum. */
function consistent(columns: readonly number[], inputs: readonly Shape[]): Inferred {
  const added = addShapes(inputs);
  if ('misfit' in added) return added;
  const [, width, channels] = added.shape;
  if (channels === undefined) return needsMap(added.shape);
  return width === columns.length
    ? added
    : misfit(
        `keeps columns of a spectrum of ${columns.length}, but reads images that are ${width ?? 0} wide`,
        'Give a 0 or 1 for each column.',
      );
}

function misfit(message: string, help: string): Inferred {
  return { misfit: { message, help } };
}

function needsMap(shape: Shape): Inferred {
  return misfit(
    `reads a vector of ${shapeText(shape)}, but needs a map [height, width, channels]`,
    'Put it before the layer that flattens.',
  );
}

function convolve(operation: Extract<LayerOperation, { kind: 'conv2d' }>, input: Shape): Inferred {
  const channels = input[2];
  if (channels === undefined) return needsMap(input);
  if (channels % operation.groups !== 0 || operation.filters % operation.groups !== 0) {
    return misfit(
      `has ${operation.groups} groups, which do not divide its ${channels} input channels and ${operation.filters} filters`,
      'Choose a number of groups that divides both.',
    );
  }
  return slide(operation, input, operation.filters);
}

/** Height and width of a sliding window's output: floor((input + padding - window) / stride) + 1, or ceil(input / stride). */
function slide(operation: Window, input: Shape, channels: number): Inferred {
  const [height, width] = input;
  if (input.length !== 3 || height === undefined || width === undefined) return needsMap(input);
  const padding = operation.padding;
  if (padding === 'same') {
    return {
      shape: [Math.ceil(height / operation.strides[0]), Math.ceil(width / operation.strides[1]), channels],
    };
  }
  const [top, bottom, left, right] = padding === 'valid' ? [0, 0, 0, 0] : padding;
  const rows = height + top + bottom;
  const columns = width + left + right;
  if (rows < operation.size[0] || columns < operation.size[1]) {
    return misfit(
      `has a window of ${shapeText(operation.size)}, larger than its padded input of ${rows}x${columns}`,
      'Use larger images, fewer strides before this layer, or a smaller window.',
    );
  }
  return {
    shape: [
      Math.floor((rows - operation.size[0]) / operation.strides[0]) + 1,
      Math.floor((columns - operation.size[1]) / operation.strides[1]) + 1,
      channels,
    ],
  };
}

function addShapes(inputs: readonly Shape[]): Inferred {
  const [first = []] = inputs;
  const different = inputs.find((shape) => shapeText(shape) !== shapeText(first));
  return different === undefined
    ? { shape: first }
    : misfit(
        `adds ${shapeText(first)} and ${shapeText(different)}`,
        'Bring both to one shape, for instance by a 1x1 convolution with the same stride.',
      );
}

function concatShapes(inputs: readonly Shape[]): Inferred {
  const [first = []] = inputs;
  const leading = shapeText(first.slice(0, -1));
  const different = inputs.find(
    (shape) => shape.length !== first.length || shapeText(shape.slice(0, -1)) !== leading,
  );
  if (different !== undefined) {
    return misfit(
      `joins ${shapeText(first)} and ${shapeText(different)} along their channels`,
      'Bring both to one height and width.',
    );
  }
  const channels = inputs.reduce((sum, shape) => sum + (shape.at(-1) ?? 0), 0);
  return { shape: [...first.slice(0, -1), channels] };
}
