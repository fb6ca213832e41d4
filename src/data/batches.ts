import { permutation, randomStream } from '../random/random.ts';
import type { Split } from '../protocol/records.ts';
import { augmentation, type View } from './augment.ts';
import type { Dataset, DataSplit } from './dataset.ts';
import type { AugmentSettings } from './settings.ts';

export interface BatchOptions {
  readonly batchSize: number;
  /** Of order and augmentation. */
  readonly seed: number;
  /** False: the order of the split. */
  readonly shuffle: boolean;
  readonly augment: readonly AugmentSettings[];
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
  #order: { readonly epoch: number; readonly positions: Int32Array } | null = null;

  constructor(dataset: Dataset, split: Split, options: BatchOptions) {
    this.#split = dataset.splits[split];
    this.#options = options;
    this.batchSize = options.batchSize;
    this.count = Math.ceil(this.#split.count / options.batchSize);
    const [height, width, channels] = dataset.shape;
    this.#size = height * width * channels;
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
    return { inputs: this.#inputs, labels, indices, mask, count };
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

function filler(dataset: Dataset, split: DataSplit, options: BatchOptions): Fill {
  const [height, width, channels] = dataset.shape;
  const { pixels } = split.samples;
  const { mean, deviation } = dataset.normalization;
  const draw = augmentation(options.augment, options.seed);
  const view: View = { top: 0, left: 0, mirrored: false };
  const bytes = pixels instanceof Uint8Array;
  const scale = deviation.map((value) => 1 / (bytes ? 255 * value : value));
  const shift = mean.map((value, c) => -value / (deviation[c] ?? 1));
  return (out, at, epoch, sample) => {
    draw(view, epoch, sample);
    const source = (split.positions[sample] ?? 0) * height * width * channels;
    let to = at;
    for (let y = 0; y < height; y++) {
      const row = y + view.top;
      for (let x = 0; x < width; x++) {
        const column = (view.mirrored ? width - 1 - x : x) + view.left;
        const inside = row >= 0 && row < height && column >= 0 && column < width;
        const from = source + (row * width + column) * channels;
        for (let c = 0; c < channels; c++) {
          out[to++] = (inside ? (pixels[from + c] ?? 0) : 0) * (scale[c] ?? 1) + (shift[c] ?? 0);
        }
      }
    }
  };
}
