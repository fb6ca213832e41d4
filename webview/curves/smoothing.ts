import type { LinePoint } from './line.ts';

const known = new WeakMap<
  readonly LinePoint[],
  { readonly weight: number; readonly points: readonly LinePoint[] }
>();

/**
 * Exponential moving average without the bias of its beginning, over the points as they are drawn:
 *
 *     m_n = w · m_(n-1) + (1 - w) · y_n,   m_0 = 0,   smoothed_n = m_n / (1 - w^n)
 *
 * (Kingma and Ba 2015, section 3). Each point keeps what was recorded; what is no finite number stays as it is and is passed over.
 * @param weight w, 0 to below 1
 */
export function smoothed(points: readonly LinePoint[], weight: number): readonly LinePoint[] {
  const before = known.get(points);
  if (before?.weight === weight) return before.points;
  let [mean, left] = [0, 1];
  const made = points.map((point): LinePoint => {
    if (!Number.isFinite(point.y)) return { ...point, raw: point.y };
    mean = weight * mean + (1 - weight) * point.y;
    left *= weight;
    return { ...point, y: mean / (1 - left), raw: point.y };
  });
  known.set(points, { weight, points: made });
  return made;
}
