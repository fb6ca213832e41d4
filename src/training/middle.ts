export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** 0 of none. */
export function median(values: readonly number[]): number {
  const sorted = inOrder(values);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? upper) + upper) / 2;
}

/**
 * The mean of the middle half, 0 of none: nearer than the median to what many take together, and as little misled by one that was
 * held up.
 */
export function midmean(values: readonly number[]): number {
  const sorted = inOrder(values);
  const cut = sorted.length >> 2;
  if (cut === 0) return median(values);
  const kept = sorted.slice(cut, sorted.length - cut);
  return sum(kept) / kept.length;
}

function inOrder(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}
