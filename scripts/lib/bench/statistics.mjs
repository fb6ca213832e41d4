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
 * Growth between two steps, by the medians of what was seen around each: a single peak (a collection of garbage yet to
 * come) does not count.
 *
 * @param {{ step: number, value: number }[]} samples
 * @param {{ from: number, to: number, window: number }} steps
 * @returns {number | undefined} undefined where nothing was seen around one of the steps
 */
export function growth(samples, { from, to, window }) {
  const around = (step) =>
    samples.filter((sample) => Math.abs(sample.step - step) <= window).map(({ value }) => value);
  const [before, after] = [around(from), around(to)];
  return before.length === 0 || after.length === 0 ? undefined : median(after) - median(before);
}

/**
 * The power p by which values grow with work, values ~ workᵖ: the slope of the line through their logarithms by least
 * squares.
 *
 * @param {number[]} work above zero, not all alike
 * @param {number[]} values above zero, as many
 */
export function power(work, values) {
  const x = work.map(Math.log);
  const y = values.map(Math.log);
  const mean = (numbers) => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  const [meanX, meanY] = [mean(x), mean(y)];
  const covariance = x.reduce((sum, value, i) => sum + (value - meanX) * (y[i] - meanY), 0);
  return covariance / x.reduce((sum, value) => sum + (value - meanX) ** 2, 0);
}

/** @param {number[]} values above zero, at least one */
export function geometricMean(values) {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}
