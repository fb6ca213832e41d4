/** @param {number[]} values at least one */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Ours over the peer, round by round: what disturbs a machine disturbs both of one round, and leaves their ratio alone.
 *
 * @param {number[]} ours one value a round
 * @param {number[]} peer one value a round, in the same order
 * @returns {{ ratio: number, low: number, high: number }} median, smallest and largest of the paired ratios
 */
export function pairedRatio(ours, peer) {
  const ratios = ours.slice(0, peer.length).map((value, round) => value / peer[round]);
  return { ratio: median(ratios), low: Math.min(...ratios), high: Math.max(...ratios) };
}

/**
 * The peer that is fastest in `value`, by the median over its rounds.
 *
 * @template T
 * @param {Map<string, T[]>} peers rounds of each peer
 * @param {(round: T) => number} value
 * @returns {string | undefined} its name; undefined where there is no peer
 */
export function fastest(peers, value) {
  const medians = [...peers].map(([name, rounds]) => ({ name, time: median(rounds.map(value)) }));
  return medians.sort((a, b) => a.time - b.time)[0]?.name;
}

/**
 * Growth over a series by the medians of its second and its last quarter: start-up is over in the first, and single peaks
 * (a collection of garbage yet to come) do not count.
 *
 * @param {number[]} values in order of time, at least four
 */
export function growth(values) {
  const quarter = values.length >> 2;
  return median(values.slice(-quarter)) - median(values.slice(quarter, 2 * quarter));
}
