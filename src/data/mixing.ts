import { symmetricBeta } from '../random/beta.ts';
import { permutation, randomStream, uniformAt, type RandomStream } from '../random/random.ts';
import type { MixingSettings } from './settings.ts';

/** How the samples of one batch are mixed with one another. */
export interface Mixture {
  /** `[count]`, position in the batch of the sample that each one is mixed with. */
  readonly partners: Int32Array;
  /** What of each mixed sample is its own, at least one half: its label is the one that weighs more. */
  readonly share: number;
  /** The rows and columns that come from the partner; null: every pixel is a weighted mean. */
  readonly box: Box | null;
}

interface Box {
  readonly top: number;
  readonly left: number;
  /** One beyond the last row and column. */
  readonly bottom: number;
  readonly right: number;
}

/**
 * What is mixed in a batch, a function of seed and number of the batch alone; null where it stays as it is. At most one of
 * the settings acts on a batch, with its probability.
 *
 *     mixup    x̃ = λ x + (1 − λ) x′                      λ ~ Beta(α, α)        (Zhang et al. 2018)
 *     cutmix   x̃ = x outside, x′ inside of a box of area (1 − λ) of the image at a random place, cut off at the edges; λ is
 *              then what the cut box leaves              λ ~ Beta(α, α)        (Yun et al. 2019)
 *
 * Partners are a random permutation of the batch. Where λ < ½ the two change places, which changes nothing in
 * distribution: so `labels` name the larger part.
 *
 * @param shape height and width
 * @param batch number of the batch, counted over all epochs
 */
export class Mixing {
  readonly #settings: readonly MixingSettings[];
  readonly #streams: Readonly<Record<'choice' | 'share' | 'order' | 'box', RandomStream>>;

  constructor(settings: readonly MixingSettings[], seed: number) {
    this.#settings = settings;
    const stream = (name: string) => randomStream(seed, `mix/${name}`);
    this.#streams = {
      choice: stream('choice'),
      share: stream('share'),
      order: stream('order'),
      box: stream('box'),
    };
  }

  at(batch: number, count: number, shape: readonly [number, number]): Mixture | null {
    const settings = this.#choose(batch);
    if (settings === null) return null;
    const { share: shares, order } = this.#streams;
    const partners = permutation(order, batch, count);
    const drawn = symmetricBeta(shares, batch, settings.alpha);
    if (settings.kind === 'mixup') return { partners, share: Math.max(drawn, 1 - drawn), box: null };
    const box = this.#box(batch, drawn, shape);
    const area = ((box.bottom - box.top) * (box.right - box.left)) / (shape[0] * shape[1]);
    return { partners, share: 1 - area, box };
  }

  #choose(batch: number): MixingSettings | null {
    const drawn = uniformAt(this.#streams.choice, batch, 0);
    let sum = 0;
    for (const settings of this.#settings) {
      sum += settings.probability;
      if (drawn < sum) return settings;
    }
    return null;
  }

  #box(batch: number, share: number, [height, width]: readonly [number, number]): Box {
    // A share below one half would let the pasted part weigh more.
    const side = Math.sqrt(1 - Math.max(share, 1 - share));
    const [halfHeight, halfWidth] = [Math.floor((height * side) / 2), Math.floor((width * side) / 2)];
    const { box } = this.#streams;
    const row = Math.floor(uniformAt(box, batch, 0) * height);
    const column = Math.floor(uniformAt(box, batch, 1) * width);
    return {
      top: Math.max(0, row - halfHeight),
      left: Math.max(0, column - halfWidth),
      bottom: Math.min(height, row + halfHeight),
      right: Math.min(width, column + halfWidth),
    };
  }
}

/**
 * Mixes the samples of a batch in place.
 *
 * @param inputs `[at least count, height, width, channels]`
 * @param before a buffer of the same length, overwritten
 */
export function mix(
  inputs: Float32Array,
  before: Float32Array,
  { partners, share, box }: Mixture,
  [height, width, channels]: readonly [number, number, number],
): void {
  before.set(inputs);
  const size = height * width * channels;
  const own = Math.fround(share);
  const other = Math.fround(1 - share);
  partners.forEach((partner, n) => {
    const [to, from] = [n * size, partner * size];
    if (box === null) {
      for (let i = 0; i < size; i++)
        inputs[to + i] = own * (before[to + i] ?? 0) + other * (before[from + i] ?? 0);
      return;
    }
    for (let row = box.top; row < box.bottom; row++) {
      const first = (row * width + box.left) * channels;
      const last = (row * width + box.right) * channels;
      inputs.set(before.subarray(from + first, from + last), to + first);
    }
  });
}
