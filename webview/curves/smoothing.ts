import { LinePoints } from './points.ts';

const known = new WeakMap<LinePoints, { readonly weight: number; readonly points: LinePoints }>();

/**
 * Exponential moving average without the bias of its beginning, over the points as they are drawn:
 *
 *     m_n = w · m_(n-1) + (1 - w) · y_n,   m_0 = 0,   smoothed_n = m_n / (1 - w^n)
 *
 * (Kingma and Ba 2015, section 3). Each point keeps what was recorded; what is no finite number stays as it is and is passed over.
 * @param weight w, 0 to below 1
 */
export function smoothed(points: LinePoints, weight: number): LinePoints {
  const before = known.get(points);
  if (before?.weight === weight) return before.points;
  let [mean, left] = [0, 1];
  const ys = points.ys.map((y) => {
    if (!Number.isFinite(y)) return y;
    mean = weight * mean + (1 - weight) * y;
    left *= weight;
    return mean / (1 - left);
  });
  const { xs, epochs } = points;
  const made = new LinePoints({ xs, ys, epochs, raws: points.ys });
  known.set(points, { weight, points: made });
  return made;
}
