import type { Value } from '../../graph.ts';
import { axisSize } from '../../shape.ts';
import type { OnnxBuilder } from '../builder.ts';
import { BLOCKED, type OnnxAttribute } from '../model.ts';
import type { BlockedForm, Blocks } from './forms.ts';

/** Channels that lie side by side in memory: 16 with AVX-512, 8 with AVX2. */
export type BlockSize = 8 | 16;

/** A convolution that is not written yet, so that what follows it can become a part of it. */
export interface DeferredConvolution {
  readonly kind: 'convolution';
  readonly x: string;
  readonly filter: string;
  /** One number a channel, or empty. */
  readonly bias: string;
  /** A map of the result's shape that is added, or empty. */
  readonly sum: string;
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** The element-wise product of two blocked maps; its channel sums need not have it in memory. */
export interface DeferredProduct {
  readonly kind: 'product';
  readonly left: string;
  readonly right: string;
}

/** Row phases of a map of twice the height and width, each with its column phases as channels; null for zeros. */
export interface DeferredPhases {
  readonly kind: 'phases';
  readonly rows: readonly [DeferredConvolution | null, DeferredConvolution | null];
  readonly join: (rows: readonly (string | null)[]) => string;
}

export type Deferred = DeferredConvolution | DeferredProduct | DeferredPhases;

/**
 * The maps of a step that exist as blocks of channels, `[batch, channels / B, height, width, B]` in memory and declared
 * `[batch, channels, height, width]`, as the convolution kernels of ONNX Runtime want them.
 */
export class BlockedMaps {
  readonly size: BlockSize;
  readonly #forms: ReadonlySet<BlockedForm>;
  readonly #onnx: OnnxBuilder;
  readonly #uses: ReadonlyMap<number, number>;
  readonly #names = new Map<number, string>();
  readonly #deferred = new Map<number, Deferred>();

  /** Values that are nowhere negative. */
  readonly #rectified = new Set<number>();

  /** @param uses how often each value is read */
  constructor(onnx: OnnxBuilder, { size, forms }: Blocks, uses: ReadonlyMap<number, number>) {
    this.#onnx = onnx;
    this.size = size;
    this.#forms = forms;
    this.#uses = uses;
  }

  /** True where the step may be written so. */
  allows(form: BlockedForm): boolean {
    return this.#forms.has(form);
  }

  /** Notes that a value is nowhere negative. */
  rectify(value: Value): void {
    this.#rectified.add(value.id);
  }

  isRectified(value: Value): boolean {
    return this.#rectified.has(value.id);
  }

  /** True where the value can be read as blocks without moving its numbers. */
  has(value: Value): boolean {
    return this.#names.has(value.id) || this.#deferred.has(value.id);
  }

  /** Channels as blocks hold them: what the last block lacks is filled with zeros, which every form here keeps. */
  width(channels: number): number {
    return Math.ceil(channels / this.size) * this.size;
  }

  /** One number a channel, with zeros for the channels that fill the last block. */
  vector(name: string, channels: number): string {
    return this.#filled(name, 1, channels);
  }

  /** The numbers of real channels, which are those of the last of `rank` axes. */
  unfilled(name: string, rank: number, channels: number): string {
    if (channels === this.width(channels)) return name;
    const [start, end, axis] = [0, channels, rank - 1].map((number) => this.#onnx.integers([number]));
    return this.#onnx.op('Slice', [name, start ?? '', end ?? '', axis ?? '']);
  }

  #filled(name: string, rank: number, channels: number): string {
    const lack = this.width(channels) - channels;
    if (lack === 0) return name;
    const pads = Array.from({ length: 2 * rank }, (_, at) => (at === 2 * rank - 1 ? lack : 0));
    return this.#onnx.op('Pad', [name, this.#onnx.integers(pads), this.#onnx.scalar(0)]);
  }

  define(value: Value, name: string): void {
    this.#names.set(value.id, name);
  }

  /** Writes the value at its only reader, or at once where it has several. */
  defer(value: Value, deferred: Deferred): void {
    if ((this.#uses.get(value.id) ?? 0) === 1) this.#deferred.set(value.id, deferred);
    else this.define(value, write(this.#onnx, deferred));
  }

  /** What a value will be made by, if it is not written yet. */
  deferred(value: Value): Deferred | null {
    return this.#deferred.get(value.id) ?? null;
  }

  /** The value as blocks; numbers that lie otherwise are moved, once. */
  get(value: Value): string {
    const known = this.#names.get(value.id);
    if (known !== undefined) return known;
    const deferred = this.#deferred.get(value.id);
    const made = deferred === undefined ? this.#fromPlain(value) : write(this.#onnx, deferred);
    this.#deferred.delete(value.id);
    this.#names.set(value.id, made);
    return made;
  }

  write(deferred: Deferred): string {
    return write(this.#onnx, deferred);
  }

  /** The step's own layout of a map that exists as blocks. */
  toPlain(value: Value): string {
    const source = this.get(value);
    if (value.dtype === 'float32') {
      const at = { channels: axisSize(value.shape, 3), channels_last: 1 };
      return this.#onnx.op('ReorderOutput', [source], at, BLOCKED);
    }
    const [batch, blocks, pixels] = this.#extents(value);
    const split = this.#onnx.reshape(source, [batch, blocks, pixels, this.size]);
    return this.#onnx.reshape(this.#onnx.transpose(split, [0, 2, 1, 3]), value.shape);
  }

  toChannelsFirst(value: Value): string {
    const at = { channels: axisSize(value.shape, 3), channels_last: 0 };
    return this.#onnx.op('ReorderOutput', [this.get(value)], at, BLOCKED);
  }

  #fromPlain(value: Value): string {
    const [batch = 1, height = 1, width = 1, channels = 1] = value.shape;
    const source = this.#filled(this.#onnx.plain(value), 4, channels);
    const shape = [batch, this.width(channels), height, width];
    if (height * width === 1) return this.#onnx.reshape(source, shape);
    if (value.dtype === 'float32')
      return this.#onnx.op('ReorderInput', [source], { channels_last: 1 }, BLOCKED);
    const [, blocks, pixels] = this.#extents(value);
    const split = this.#onnx.reshape(source, [batch, pixels, blocks, this.size]);
    return this.#onnx.reshape(this.#onnx.transpose(split, [0, 2, 1, 3]), shape);
  }

  #extents({ shape }: Value): [number, number, number] {
    const [batch = 1, height = 1, width = 1, channels = 1] = shape;
    return [batch, this.width(channels) / this.size, height * width];
  }
}

function write(onnx: OnnxBuilder, deferred: Deferred): string {
  if (deferred.kind === 'product') return onnx.op('Mul', [deferred.left, deferred.right]);
  if (deferred.kind === 'phases')
    return deferred.join(deferred.rows.map((row) => (row === null ? null : write(onnx, row))));
  const { x, filter, bias, sum, attributes } = deferred;
  const inputs = sum !== '' ? [x, filter, bias, sum] : bias !== '' ? [x, filter, bias] : [x, filter];
  return onnx.op('Conv', inputs, attributes, BLOCKED);
}

/** A convolution in blocks; the attributes that are not given are those of a 1x1 window. */
export function convolve(
  x: string,
  filter: string,
  attributes: Readonly<Record<string, OnnxAttribute>>,
): DeferredConvolution {
  const all = {
    strides: [1, 1],
    dilations: [1, 1],
    pads: [0, 0, 0, 0],
    kernel_shape: [1, 1],
    group: 1,
    ...attributes,
  };
  return { kind: 'convolution', x, filter, bias: '', sum: '', attributes: all };
}

/** Ones as the filter of a channel-wise 1x1 convolution of so many channels in blocks, which copies, pads or subsamples. */
export function identityFilter(onnx: OnnxBuilder, channels: number): string {
  return onnx.memo(`ones${channels}`, () =>
    onnx.initializer([channels, 1, 1, 1], new Float32Array(channels).fill(1), 'float32'),
  );
}

/** Swaps the inner axes of `[count, B, rows]` to `[count, rows, B]`, on all threads. */
export function swapped(
  onnx: OnnxBuilder,
  source: string,
  shape: readonly [number, number, number, number],
): string {
  return onnx.op('ReorderInput', [onnx.reshape(source, shape)], {}, BLOCKED);
}

/** Swaps the middle axes of `[count, places, groups, B]`, given as `[count, a, b, groups · B]` with `a · b` places. */
export function interleaved(
  onnx: OnnxBuilder,
  source: string,
  shape: readonly [number, number, number, number],
): string {
  return onnx.op('ReorderInput', [onnx.reshape(source, shape)], { channels_last: 1 }, BLOCKED);
}

/** A block of `B` numbers as height and width, which the reordering kernels want as multiples of four. */
export function blockSides(size: BlockSize): readonly [number, number] {
  return size === 16 ? [4, 4] : [2, 4];
}
