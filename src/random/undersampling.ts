import { permutation, randomStream } from './random.ts';

/** Which columns of an image's spectrum are measured. */
export interface Undersampling {
  /** Columns of the spectrum for each one that is kept: 4 keeps a quarter of them. */
  readonly acceleration: number;
  /** Share of all columns, about frequency 0, that is kept in any case. */
  readonly centre: number;
  readonly seed: number;
}

/**
 * The columns of a spectrum that a Cartesian measurement keeps, 1 or 0, by their frequency 0, 1, ..., width − 1 (the upper half are
 * the negative ones): those about 0, and as many others, drawn at random, as the acceleration leaves. Frequency 0 is always kept.
 *
 *     kept = max(1, round(width / acceleration), round(centre · width))
 */
export function keptColumns(width: number, { acceleration, centre, seed }: Undersampling): readonly number[] {
  const central = Math.min(width, Math.max(1, Math.round(centre * width)));
  const count = Math.max(central, Math.min(width, Math.round(width / acceleration)));
  const columns = new Array<number>(width).fill(0);
  // 0, −1, 1, −2, 2, ...
  for (let at = 0; at < central; at++) {
    const frequency = at % 2 === 1 ? -(at + 1) / 2 : at / 2;
    columns[(frequency + width) % width] = 1;
  }
  let missing = count - central;
  for (const column of permutation(randomStream(seed, 'undersampling'), 0, width)) {
    if (missing === 0) break;
    if (columns[column] === 1) continue;
    columns[column] = 1;
    missing -= 1;
  }
  return columns;
}

/**
 * What is left of a row of a real image when only some columns of its spectrum are kept: x ↦ Re F⁻¹(m ⊙ F x) is a circular convolution,
 *
 *     c_j = 1/W Σ_k m_k cos(2π k j / W)          x′_i = Σ_j c_{(i − j) mod W} x_j
 *
 * @returns c, `[width]`; c_j = c_{W − j}
 */
export function rowFilter(kept: readonly number[]): Float64Array {
  const width = kept.length;
  return Float64Array.from({ length: width }, (_, j) => {
    const sum = kept.reduce(
      (total, m, k) => total + m * Math.cos((2 * Math.PI * ((k * j) % width)) / width),
      0,
    );
    return sum / width;
  });
}
