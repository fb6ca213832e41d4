import { permutation, randomStream } from '../random/random.ts';
import type { Split } from '../protocol/records.ts';
import { augmentation, type View } from './augment.ts';
import type { Dataset, DataSplit } from './dataset.ts';
import { degrading, type Degrade } from './degradation.ts';
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
  /** Only so many drawings of the augmentation, shown in turns epoch by epoch; left out: each epoch has its own. */
  readonly drawings?: number;
  /** Of the augmentation, where it is not that of the order. */
  readonly augmentSeed?: number;
}

/** What one step is fed. The last batch of an epoch may be partly empty: zeros with mask 0 after `count` samples. */
export interface Batch {
  /** `[batchSize, height, width, channels]`, normalised. Overwritten by the next batch: copy it to keep it. */
  readonly inputs: Float32Array;
  /** As `inputs`: the images that are to be answered; null where the answer is a class. */
  readonly targets: Float32Array | null;
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
  /** Which drawing of the augmentation it shows. */
  readonly drawing: number;
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
  readonly #degrade: Degrade | null;
  /** The images before they were made poor; empty where they stay what they are. */
  readonly #targets: Float32Array;
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
    const { degradation } = dataset;
    this.#degrade = degradation === undefined ? null : degrading(degradation, dataset.shape);
    this.#targets = new Float32Array(this.#degrade === null ? 0 : options.batchSize * this.#size);
    this.#fill = filler(dataset, this.#split, options);
  }

  /** @param index from 0 to below `count` */
  batch(epoch: number, index: number): Batch {
    if (!Number.isInteger(index) || index < 0 || index >= this.count) {
      throw new RangeError(`batch ${index} of ${this.count}`);
    }
    const batch = this.show(this.samples(epoch, index), this.drawing(epoch));
    const [height, width] = this.#shape;
    const mixture = this.#mixing?.at(epoch * this.count + index, batch.count, [height, width]) ?? null;
    if (mixture === null) return batch;
    mix(this.#inputs, this.#unmixed, mixture, this.#shape);
    return { ...batch, mixture };
  }

  /** Which drawing of the augmentation an epoch shows. */
  drawing(epoch: number): number {
    const { drawings } = this.#options;
    return drawings === undefined ? epoch : epoch % drawings;
  }

  /** Which samples of the split stand in a batch, in order. */
  samples(epoch: number, index: number): Int32Array {
    return this.#orderOf(epoch).slice(index * this.batchSize, (index + 1) * this.batchSize);
  }

  /** These samples, at most as many as a batch has, as one drawing of the augmentation shows them, unmixed. */
  show(samples: Int32Array, drawing: number): Batch {
    const size = this.batchSize;
    const count = samples.length;
    const labels = new Int32Array(size);
    const indices = new Int32Array(size);
    const mask = new Float32Array(size).fill(1, 0, count);
    const shown = this.#degrade === null ? this.#inputs : this.#targets;
    for (let i = 0; i < count; i++) {
      const sample = samples[i] ?? 0;
      indices[i] = sample;
      labels[i] = this.#split.labels[sample] ?? 0;
      this.#fill(shown, i * this.#size, drawing, sample);
    }
    shown.fill(0, count * this.#size);
    this.#degrade?.(shown, this.#inputs, count);
    this.#inputs.fill(0, count * this.#size);
    const targets = this.#degrade === null ? null : this.#targets;
    return { inputs: this.#inputs, targets, labels, indices, mask, count, drawing, mixture: null };
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
type Fill = (out: Float32Array, at: number, drawing: number, sample: number) => void;

function filler(dataset: Dataset, split: DataSplit, options: BatchOptions): Fill {
  const [height, width, channels] = dataset.shape;
  const draw = augmentation(options.augment, options.augmentSeed ?? options.seed, options.view);
  const view: View = { top: 0, left: 0, mirrored: false };
  const { black, picture } = rowWriters(split.samples.pixels, channels, dataset.normalization);
  return (out, at, drawing, sample) => {
    draw(view, drawing, sample);
    const { top, left, mirrored } = view;
    const position = split.positions[sample] ?? 0;
    // Column x shows column `start + step · x` of the picture: between `from` and `until`, elsewhere there is none.
    const [start, step] = mirrored ? [width - 1 + left, -1] : [left, 1];
    const from = Math.min(width, Math.max(0, mirrored ? start - width + 1 : -start));
    const until = Math.max(from, Math.min(width, mirrored ? start + 1 : width - start));
    for (let y = 0; y < height; y++) {
      const [to, row] = [at + y * width * channels, y + top];
      if (row < 0 || row >= height) {
        black(out, to, width);
        continue;
      }
      black(out, to, from);
      const source = (position * height + row) * width + start + step * from;
      picture(out, to + from * channels, source, step, until - from);
      black(out, to + until * channels, width - until);
    }
  };
}

/** Writes pixels of a row one after another, from `to` on: black ones, or those of a picture from pixel `source` on. */
interface RowWriters {
  readonly black: (out: Float32Array, to: number, count: number) => void;
  readonly picture: (out: Float32Array, to: number, source: number, step: number, count: number) => void;
}

/** (v - mean) / deviation of every value; black is v = 0. Bytes are looked up, floats computed. One loop a channel: short loops are dear. */
function rowWriters(
  pixels: Uint8Array | Float32Array,
  channels: number,
  { mean, deviation }: Dataset['normalization'],
): RowWriters {
  const normalized = (value: number, channel: number) =>
    (value - (mean[channel] ?? 0)) / (deviation[channel] ?? 1);
  const dark = Float32Array.from({ length: channels }, (_, c) => normalized(0, c));
  const black: RowWriters['black'] = (out, to, count) => {
    for (let i = 0; i < count * channels; i++) out[to + i] = dark[i % channels] ?? 0;
  };
  if (!(pixels instanceof Uint8Array)) {
    const picture: RowWriters['picture'] = (out, to, source, step, count) => {
      for (let c = 0; c < channels; c++)
        for (let x = 0; x < count; x++)
          out[to + x * channels + c] = normalized(pixels[(source + step * x) * channels + c] ?? 0, c);
    };
    return { black, picture };
  }
  const tables = Array.from({ length: channels }, (_, c) =>
    Float32Array.from({ length: 256 }, (_value, byte) => normalized(byte / 255, c)),
  );
  const picture: RowWriters['picture'] = (out, to, source, step, count) => {
    for (const [c, table] of tables.entries()) writeChannel(out, to + c, pixels, source * channels + c, step * channels, table, count, channels); // prettier-ignore
  };
  return { black, picture };
}

function writeChannel(
  out: Float32Array,
  to: number,
  pixels: Uint8Array,
  from: number,
  step: number,
  table: Float32Array,
  count: number,
  channels: number,
): void {
  for (let x = 0; x < count; x++) {
    out[to] = table[pixels[from] ?? 0] ?? 0;
    to += channels;
    from += step;
  }
}
