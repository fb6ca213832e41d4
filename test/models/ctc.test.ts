import { describe, expect, it } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import { framesNeeded, wordScores, type Word } from '../../src/models/ctc.ts';

/** Every way through the frames that collapses to the word, by definition. */
function byEnumeration(probabilities: readonly (readonly number[])[], word: Word): number {
  const symbols = probabilities[0]?.length ?? 0;
  const paths = symbols ** probabilities.length;
  let sum = 0;
  for (let path = 0; path < paths; path++) {
    const said = probabilities.map((_, frame) => Math.floor(path / symbols ** frame) % symbols);
    const collapsed = said.filter((symbol, frame) => symbol !== 0 && symbol !== said[frame - 1]);
    if (collapsed.join() !== word.join()) continue;
    sum += said.reduce((product, symbol, frame) => product * (probabilities[frame]?.[symbol] ?? NaN), 1);
  }
  return Math.log(sum);
}

const framesOf = (...batch: number[][][]) =>
  tf.reshape<tf.Rank.R4>(tf.log(tf.tensor3d(batch)), [batch.length, 1, batch[0]?.length ?? 0, -1]);

describe('scores of words', () => {
  it('are log(1 − .6 · .7) for "a" over two frames with blanks at .6 and .7', () => {
    const scores = wordScores(tf, framesOf([[0.6, 0.4], [0.7, 0.3]]), [[1]]); // prettier-ignore
    expect(scores.dataSync()[0]).toBeCloseTo(-0.544727, 5);
  });

  it('are those of the sum over all paths, for words of any length and with repeats, all at once', () => {
    const words: Word[] = [[1], [2, 1], [1, 1], [1, 2, 1], [2], [3, 3], []];
    for (const count of [1, 2, 3, 4]) {
      const logits = tf.randomNormal<tf.Rank.R4>([3, 1, count, 4], 0, 2, 'float32', count);
      const rows = tf.softmax(tf.reshape<tf.Rank.R3>(logits, [3, count, 4])).arraySync();
      const fitting = words.filter((word) => framesNeeded(word) <= count);
      const scores = wordScores(tf, logits, fitting).arraySync();
      rows.forEach((row, n) =>
        fitting.forEach((word, w) =>
          expect(scores[n]?.[w], `${word.join()} in ${count}`).toBeCloseTo(byEnumeration(row, word), 4),
        ),
      );
    }
  });

  it('of all words that fit into the frames add up to the probability 1', () => {
    const every: Word[] = [[], [1], [2], [1, 2], [2, 1], [1, 2, 1], [2, 1, 2], [1, 1], [2, 2]];
    const scores = wordScores(tf, tf.randomNormal([2, 1, 3, 3], 0, 1, 'float32', 4), every);
    for (const sum of tf.sum(tf.exp(scores), 1).dataSync()) expect(sum).toBeCloseTo(1, 5);
  });

  it('have the slope of the difference quotient', () => {
    const words: Word[] = [[1, 2], [2, 2], [3]];
    const frames = tf.randomNormal<tf.Rank.R4>([2, 1, 5, 4], 0, 1, 'float32', 2);
    const along = tf.randomNormal<tf.Rank.R4>([2, 1, 5, 4], 0, 1, 'float32', 3);
    const weights = tf.tensor2d([[1, -2, 0.5], [0.3, 1, 1]]); // prettier-ignore
    const of = (x: tf.Tensor) => tf.sum<tf.Scalar>(tf.mul(wordScores(tf, x as tf.Tensor4D, words), weights));
    const step = 5e-3;
    const [up, down] = [1, -1].map((sign) => of(tf.add(frames, tf.mul(along, sign * step))).dataSync()[0]);
    const slope = tf.sum(tf.mul(tf.grad(of)(frames), along)).dataSync()[0] ?? NaN;
    expect(slope).toBeCloseTo(((up ?? NaN) - (down ?? NaN)) / (2 * step), 2);
  });

  it('have a gradient that adds up to 0 over the symbols of each frame', () => {
    const frames = tf.randomNormal<tf.Rank.R4>([1, 1, 4, 3], 0, 1, 'float32', 6);
    const slope = tf.grad((x: tf.Tensor) => tf.sum(wordScores(tf, x as tf.Tensor4D, [[1, 2]])))(frames);
    for (const sum of tf.sum(slope, 3).dataSync()) expect(sum).toBeCloseTo(0, 5);
  });

  it('are finite where a path is all but impossible', () => {
    const frames = tf.tensor4d([80, -80, 0, 80, -80, 0, 80, -80, 0], [1, 1, 3, 3]);
    const [score] = wordScores(tf, frames, [[1]]).dataSync();
    // One of three frames says it.
    expect(score).toBeCloseTo(-160 + Math.log(3), 3);
  });

  it('need a frame a symbol, and one between two that are alike', () => {
    expect([[], [1], [1, 2, 3], [1, 1], [2, 2, 2]].map(framesNeeded)).toEqual([0, 1, 3, 3, 5]);
  });
});
