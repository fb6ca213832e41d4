/** Where a layer is active, `[height, width]` row-major. */
export interface Energy {
  readonly height: number;
  readonly width: number;
  readonly values: Float64Array;
}

/** Share of the energy that lies in the crucial region. */
export const CRUCIAL_SHARE = 0.5;

/**
 * Attention of a map: how strong all channels are at each place.
 *
 *     A_hw = Σ_c F_hwc²        F: [height, width, channels]
 *
 * Source: Zagoruyko and Komodakis 2017, section 3.1, F²_sum. What is compared does not change with a factor, so the norm that
 * the paper divides by is left to whoever draws it.
 *
 * @param map of one sample, from `from` on
 */
export function attentionEnergy(
  map: Float32Array,
  from: number,
  [height, width, channels]: readonly [number, number, number],
): Energy {
  const values = new Float64Array(height * width);
  let at = from;
  for (let place = 0; place < values.length; place++) {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += (map[at++] ?? NaN) ** 2;
    values[place] = sum;
  }
  return { height, width, values };
}

/**
 * The mean over the windows of a coarser grid, as adaptive average pooling has it: rows ⌊i·H/h⌋ to ⌈(i+1)·H/h⌉, columns alike. A
 * side that is no longer than asked for stays as it is.
 */
export function pooled({ height, width, values }: Energy, rows: number, columns: number): Energy {
  const [h, w] = [Math.min(rows, height), Math.min(columns, width)];
  if (h === height && w === width) return { height, width, values };
  const result = new Float64Array(h * w);
  for (let i = 0; i < h; i++) {
    const [top, bottom] = [Math.floor((i * height) / h), Math.ceil(((i + 1) * height) / h)];
    for (let j = 0; j < w; j++) {
      const [left, right] = [Math.floor((j * width) / w), Math.ceil(((j + 1) * width) / w)];
      let sum = 0;
      for (let y = top; y < bottom; y++)
        for (let x = left; x < right; x++) sum += values[y * width + x] ?? NaN;
      result[i * w + j] = sum / ((bottom - top) * (right - left));
    }
  }
  return { height: h, width: w, values: result };
}

/**
 * The crucial region: the fewest places that together hold half of the energy, the strongest first, of equals the first.
 * Ascending; empty where nothing is active. Inferred: it stands for the distinctive areas that a trained detector marks in Shen
 * et al. 2024, and needs no detector.
 */
export function crucialPlaces({ values }: Energy, share = CRUCIAL_SHARE): number[] {
  const total = values.reduce((sum, value) => sum + value, 0);
  if (!(total > 0) || !Number.isFinite(total)) return [];
  const order = Array.from(values.keys()).sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || a - b);
  const chosen: number[] = [];
  let held = 0;
  for (const place of order) {
    if (held >= share * total) break;
    chosen.push(place);
    held += values[place] ?? 0;
  }
  return chosen.sort((a, b) => a - b);
}

/** Overlap of two regions, 0..1: |A ∩ B| / |A ∪ B| (Jaccard); 0 where both are empty. */
export function overlapOf(one: readonly number[], other: readonly number[]): number {
  const places = new Set(one);
  const common = other.filter((place) => places.has(place)).length;
  const all = one.length + other.length - common;
  return all === 0 ? 0 : common / all;
}
