import { crucialPlaces, overlapOf, pooled, type Energy } from '../../measures/attention.ts';
import type { AttentionMap } from '../../protocol/gap-report.ts';

/** Longest side of a map in a record; larger maps are averaged down. */
const LONGEST_SIDE = 16;

/** Attention of one sample as a record holds it: bytes of the strongest place, and the crucial region. */
export function attentionMap(energy: Energy): AttentionMap {
  const small = pooled(energy, LONGEST_SIDE, LONGEST_SIDE);
  const top = small.values.reduce((most, value) => Math.max(most, value), 0);
  const bytes = Uint8Array.from(small.values, (value) => (top > 0 ? Math.round((value / top) * 255) : 0));
  return {
    height: small.height,
    width: small.width,
    energy: Buffer.from(bytes).toString('base64'),
    crucial: crucialPlaces(small),
  };
}

/**
 * Mean overlap of the crucial regions of both over the samples, 0..1, on the coarser of the two grids. 0 without samples.
 */
export function meanOverlap(teacher: readonly Energy[], student: readonly Energy[]): number {
  const overlaps = student.map((own, n) => {
    const other = teacher[n] ?? own;
    const rows = Math.min(own.height, other.height, LONGEST_SIDE);
    const columns = Math.min(own.width, other.width, LONGEST_SIDE);
    return overlapOf(crucialPlaces(pooled(own, rows, columns)), crucialPlaces(pooled(other, rows, columns)));
  });
  return overlaps.reduce((sum, value) => sum + value, 0) / Math.max(1, overlaps.length);
}
