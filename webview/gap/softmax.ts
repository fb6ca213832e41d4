import { fromJsonNumber } from '../../src/protocol/panel-content.ts';
import type { JsonNumber } from '../../src/protocol/records.ts';

/** log softmax(z / T) of a row of logits. */
export function softenedLog(logits: readonly JsonNumber[], temperature: number): number[] {
  const scaled = logits.map((value) => fromJsonNumber(value) / temperature);
  const top = scaled.reduce((most, value) => Math.max(most, value), -Infinity);
  const log = top + Math.log(scaled.reduce((sum, value) => sum + Math.exp(value - top), 0));
  return scaled.map((value) => value - log);
}

/** −Σ p log p, nats; `log` holds log p. */
export function entropyOf(log: readonly number[]): number {
  return -log.reduce((sum, value) => sum + (value === -Infinity ? 0 : Math.exp(value) * value), 0);
}

/** KL(p ‖ q) = Σ p (log p − log q), nats. */
export function divergenceOf(p: readonly number[], q: readonly number[]): number {
  return p.reduce((sum, value, k) => {
    const share = Math.exp(value);
    return share === 0 ? sum : sum + share * (value - (q[k] ?? Number.NaN));
  }, 0);
}
