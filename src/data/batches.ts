import { permutation, randomStream } from '../random/random.ts';
import type { Split } from '../protocol/records.ts';
import { augmentation, type View } from './augment.ts';
import type { Dataset, DataSplit } from './dataset.ts';
import { mix, Mixing, type Mixture } from './mixing.ts';
import type { AugmentSettings, MixingSettings } from './settings.ts';

export interface BatchOptions {
  readonly batchSize: number;
  /** Of order and augmentation. */
  readonly seed: number;
  /** False: the order of the split. */
  readonly shuffle: boolean;
  readonly augment: readonly AugmentSettings[];
  /** Sets the augmentation of a second view apart; its order is the same. */
  readonly view?: string;
  /** Left out: samples are not mixed. */
  readonly mixing?: readonly MixingSettings[];
}

/** What one step is fed. The last batch of an epoch may be partly empty: zeros with mask 0 after `count` samples. */
export interface Batch {
  /** `[batchSize, height, width, channels]`, normalised. Overwritten by the next batch: copy it to keep it. */
  readonly inputs: Float32Array;
  /** `[batchSize]`, class indices. */
  readonly labels: Int32Array;
  /** `[batchSize]`, position of each sample in its split. */
  readonly indices: Int32Array;
  /** `[batchSize]`, 1 for a sample, 0 for padding. */
  readonly mask: Float32Array;
  /** Samples in this batch. */
  readonly count: number;
  /** Null where each sample is itself alone. */
  readonly mixture: Mixture | null;
}

/**
 * The batches of a split. Any batch can be asked for at any time: it depends on seed, epoch and index alone, so a run that
 * is resumed in the middle of an epoch sees what it would have seen.
 */
export class Batches {
  /** Batches an epoch. */
  readonly count: number;
  readonly batchSize: number;
  readonly #split: DataSplit;
  readonly #options: BatchOptions;
  readonly #fill: Fill;
  readonly #inputs: Float32Array;
  readonly #size: number;
  readonly #shape: Dataset['shape'];
  readonly #mixing: Mixing | null;
  /** The batch before it was mixed. */
  readonly #unmixed: Float32Array;
  #order: { readonly epoch: number; readonly positions: Int32Array } | null = null;

  constructor(dataset: Dataset, split: Split, options: BatchOptions) {
    this.#split = dataset.splits[split];
    this.#options = options;
    this.batchSize = options.batchSize;
    this.count = Math.ceil(this.#split.count / options.batchSize);
    const [height, width, channels] = dataset.shape;
    this.#size = height * width * channels;
    this.#shape = dataset.shape;
    const { mixing = [], seed } = options;
    this.#mixing = mixing.length === 0 ? null : new Mixing(mixing, seed);
    this.#unmixed = new Float32Array(this.#mixing === null ? 0 : options.batchSize * this.#size);
    this.#inputs = new Float32Array(options.batchSize * this.#size);
    this.#fill = filler(dataset, this.#split, options);
  }

  /** @param index from 0 to below `count` */
  batch(epoch: number, index: number): Batch {
    if (!Number.isInteger(index) || index < 0 || index >= this.count) {
      throw new RangeError(`batch ${index} of ${this.count}`);
    }
    const size = this.batchSize;
    const order = this.#orderOf(epoch);
    const count = Math.min(size, order.length - index * size);
    const labels = new Int32Array(size);
    const indices = new Int32Array(size);
    const mask = new Float32Array(size).fill(1, 0, count);
    for (let i = 0; i < count; i++) {
      const sample = order[index * size + i] ?? 0;
      indices[i] = sample;
      labels[i] = this.#split.labels[sample] ?? 0;
      this.#fill(this.#inputs, i * this.#size, epoch, sample);
    }
    this.#inputs.fill(0, count * this.#size);
    const [height, width] = this.#shape;
    const mixture = this.#mixing?.at(epoch * this.count + index, count, [height, width]) ?? null;
    if (mixture !== null) mix(this.#inputs, this.#unmixed, mixture, this.#shape);
    return { inputs: this.#inputs, labels, indices, mask, count, mixture };
  }

  #orderOf(epoch: number): Int32Array {
    if (this.#order?.epoch === epoch) return this.#order.positions;
    const { count } = this.#split;
    const positions = this.#options.shuffle
      ? permutation(randomStream(this.#options.seed, 'order'), epoch, count)
      : Int32Array.from({ length: count }, (_, i) => i);
    this.#order = { epoch, positions };
    return positions;
  }
}

/** Writes one sample, augmented and normalised, to `out` from `at` on. */
type Fill = (out: Float32Array, at: number, epoch: number, sample: number) => void;

const OUTSIDE = -1;

function filler(dataset: Dataset, split: DataSplit, options: BatchOptions): Fill {
  const [height, width, channels] = dataset.shape;
  const draw = augmentation(options.augment, options.seed, options.view);
  const view: View = { top: 0, left: 0, mirrored: false };
  const sources = new Int32Array(height * width);
  const writePixels = pixelWriter(split.samples.pixels, channels, dataset.normalization);
  return (out, at, epoch, sample) => {
    draw(view, epoch, sample);
    findSources(sources, view, height, width);
    writePixels(out, at, sources, (split.positions[sample] ?? 0) * height * width);
  };
}

/** For each pixel of a view, which pixel of the picture it shows, or `OUTSIDE`. */
function findSources(sources: Int32Array, view: View, height: number, width: number): void {
  let to = 0;
  for (let y = 0; y < height; y++) {
    const row = y + view.top;
    const rowInside = row >= 0 && row < height;
    for (let x = 0; x < width; x++) {
      const column = (view.mirrored ? width - 1 - x : x) + view.left;
      sources[to++] = rowInside && column >= 0 && column < width ? row * width + column : OUTSIDE;
    }
  }
}

type PixelWriter = (out: Float32Array, at: number, sources: Int32Array, first: number) => void;

/** (v - mean) / deviation of every value; what lies outside is black, v = 0. Bytes are looked up, floats computed. */
function pixelWriter(
  pixels: Uint8Array | Float32Array,
  channels: number,
  { mean, deviation }: Dataset['normalization'],
): PixelWriter {
  const normalized = (value: number, channel: number) =>
    (value - (mean[channel] ?? 0)) / (deviation[channel] ?? 1);
  const black = Float32Array.from({ length: channels }, (_, c) => normalized(0, c));
  const write =
    (valueAt: (index: number, channel: number) => number): PixelWriter =>
    (out, at, sources, first) => {
      let to = at;
      for (const source of sources) {
        const from = (first + source) * channels;
        for (let c = 0; c < channels; c++)
          out[to++] = source === OUTSIDE ? (black[c] ?? 0) : valueAt(from + c, c);
      }
    };
  if (!(pixels instanceof Uint8Array)) return write((index, c) => normalized(pixels[index] ?? 0, c));
  const table = Float32Array.from({ length: 256 * channels }, (_, i) =>
    normalized((i % 256) / 255, Math.floor(i / 256)),
  );
  return write((index, c) => table[256 * c + (pixels[index] ?? 0)] ?? 0);
}
