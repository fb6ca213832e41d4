/**
 * Which points no other point beats: another one dominates a point where it is at least as good in every goal and better in one.
 * A goal that either of two points lacks (NaN) is left out between them.
 *
 *     a dominates b:  ∀g: aᵍ ≥ bᵍ  and  ∃g: aᵍ > bᵍ     (less is better: signs turned)
 *
 * @param points of each point one value a goal
 * @param better of each goal
 * @returns of each point the index of one that dominates it, the first; null where none does
 */
export function dominators(
  points: readonly (readonly number[])[],
  better: readonly ('higher' | 'lower')[],
): readonly (number | null)[] {
  const gains = (a: readonly number[], b: readonly number[]) =>
    better.map((side, goal) => {
      const gain = (a[goal] ?? NaN) - (b[goal] ?? NaN);
      return side === 'higher' ? gain : -gain;
    });
  const dominates = (a: readonly number[], b: readonly number[]) => {
    const known = gains(a, b).filter((gain) => !Number.isNaN(gain));
    return known.length > 0 && known.every((gain) => gain >= 0) && known.some((gain) => gain > 0);
  };
  return points.map((point) => {
    const found = points.findIndex((other) => other !== point && dominates(other, point));
    return found === -1 ? null : found;
  });
}
