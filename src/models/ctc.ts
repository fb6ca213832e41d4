import type * as tf from '@tensorflow/tfjs-core';

type Ops = typeof tf;

/** Symbol of the frames that say nothing. */
export const BLANK = 0;

/** Stands for log 0: far below any path, and finite, so that nothing becomes NaN. */
const NEVER = -1e9;

/** A word as symbols from 1 on. */
export type Word = readonly number[];

/** Frames that a word needs at least: one a symbol, and a blank between two that are alike. */
export function framesNeeded(word: Word): number {
  return word.length + word.filter((symbol, at) => at > 0 && word[at - 1] === symbol).length;
}

/**
 * How likely each of some words is, under the connectionist temporal classification of Graves et al. 2006:
 *
 *     log p(w) = log Σ_{π ∈ B⁻¹(w)} Πₜ Pₜ(πₜ)          P = softmax(frames), B: repeats collapse, blanks go
 *
 * by the forward recursion over the word with blanks around each symbol, ext = (∅, w₁, ∅, w₂, ..., ∅), in log space,
 *
 *     α₁(s) = log P₁(ext_s), s ≤ 2;    αₜ(s) = log Pₜ(ext_s) + log Σ exp αₜ₋₁(s, s − 1, and s − 2 where ext_s ≠ ∅, ext_s₋₂)
 *     log p(w) = log (exp α_T(S) + exp α_T(S − 1))
 *
 * unrolled over the frames, for all words at once. The loss of a sample of word w is −log p(w); its gradient is that of the forward and
 * backward recursion, by automatic differentiation.
 *
 * @param frames `[batch, 1, frames, symbols]`, before softmax, symbol 0 the blank
 * @returns `[batch, words]`, in nats
 */
export function wordScores(ops: Ops, frames: tf.Tensor4D, words: readonly Word[]): tf.Tensor2D {
  const [batch, , count, symbols] = frames.shape;
  const table = tableOf(words);
  const states = table.length;
  const logs = ops.logSoftmax(ops.reshape(frames, [batch, count, symbols]));
  const symbolsOfStates = ops.tensor1d(table.symbols, 'int32');
  const emitted = (frame: number) => {
    const row = ops.reshape(ops.slice(logs, [0, frame, 0], [batch, 1, symbols]), [batch, symbols]);
    return ops.reshape(ops.gather(row, symbolsOfStates, 1), [batch, words.length, states]);
  };
  const mask = (values: readonly number[]) => ops.tensor3d([...values], [1, words.length, states]);
  const [begins, jumps, ends] = [mask(table.begins), mask(table.jumps), mask(table.ends)];
  let alpha = ops.add<tf.Tensor3D>(emitted(0), begins);
  for (let frame = 1; frame < count; frame++) {
    const from = [alpha, shiftedBy(ops, alpha, 1), ops.add<tf.Tensor3D>(shiftedBy(ops, alpha, 2), jumps)];
    alpha = ops.add(logSum(ops, ops.stack(from, 3), 3), emitted(frame));
  }
  return logSum(ops, ops.add(alpha, ends), 2) as tf.Tensor2D;
}

/** `log Σ exp x` over an axis; the largest entry stands still, which changes neither value nor gradient. */
function logSum(ops: Ops, x: tf.Tensor, axis: number): tf.Tensor {
  const still = ops.customGrad((given) => {
    const held = given as tf.Tensor;
    return { value: ops.max(held, axis, true), gradFunc: () => ops.zerosLike(held) };
  });
  const largest = still(x);
  const sum = ops.log(ops.sum(ops.exp(ops.sub(x, largest)), axis));
  return ops.add(sum, ops.reshape(largest, sum.shape));
}

/** Each state holds what the one `by` before it held. */
function shiftedBy(ops: Ops, alpha: tf.Tensor3D, by: number): tf.Tensor3D {
  const [batch, words, states] = alpha.shape;
  if (states <= by) return ops.fill([batch, words, states], NEVER);
  const kept = ops.slice(alpha, [0, 0, 0], [batch, words, states - by]);
  return ops.concat([ops.fill<tf.Rank.R3>([batch, words, by], NEVER), kept], 2);
}

/** The states of all words, padded to the longest; masks are 0 where something may be and `NEVER` where not. */
function tableOf(words: readonly Word[]) {
  const length = 2 * Math.max(0, ...words.map((word) => word.length)) + 1;
  const each = (of: (word: Word, state: number) => number) =>
    words.flatMap((word) => Array.from({ length }, (_, state) => of(word, state)));
  const symbolAt = (word: Word, state: number) =>
    state % 2 === 1 ? (word[(state - 1) / 2] ?? BLANK) : BLANK;
  const when = (allowed: boolean) => (allowed ? 0 : NEVER);
  return {
    length,
    symbols: each(symbolAt),
    begins: each((word, state) => when(state === 0 || (state === 1 && word.length > 0))),
    jumps: each((word, state) => {
      const symbol = symbolAt(word, state);
      return when(symbol !== BLANK && symbol !== symbolAt(word, state - 2));
    }),
    ends: each((word, state) => when(state === 2 * word.length || state === 2 * word.length - 1)),
  };
}
