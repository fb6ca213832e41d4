import { describe, expect, it } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import type { Lesson } from '../../src/training/lesson.ts';
import { answerNames, heardBy } from '../../src/training/say.ts';

const TEMPERATURE = 2;
/** Answers of two teachers to two samples of two classes, as probabilities at the temperature. */
const SAID = {
  sure: [
    [0.9, 0.1],
    [0.9, 0.1],
  ],
  torn: [
    [0.5, 0.5],
    [0.3, 0.7],
  ],
};
const MAPS = { sure: [1, 2], torn: [5, 10] };
const NAMES = Object.keys(SAID) as (keyof typeof SAID)[];

/** What a term hears: probabilities at its temperature, and the map of the layer that it compares, a number a sample. */
function heard(combine: Lesson['combine'], more: Readonly<Record<string, tf.Tensor>> = {}) {
  const lesson = {
    id: 'kd',
    speakers: NAMES.map((instance) => ({ instance, kind: 'frozen' })),
    combine,
    term: {
      method: { needs: { logits: true } },
      settings: { pairs: [{ teacher: 'last', student: 'last' }], layers: [] },
      plain: { temperature: TEMPERATURE },
    },
  } as unknown as Lesson;
  const inputs = Object.fromEntries(
    NAMES.flatMap((name) => {
      const names = answerNames(name);
      const logits = tf.mul(tf.log(tf.tensor2d(SAID[name])), TEMPERATURE);
      return [
        [names.logits, logits],
        [names.layer('last'), tf.tensor2d(MAPS[name], [2, 1])],
      ];
    }),
  );
  const sides = heardBy(tf, lesson, new Map(), { ...inputs, ...more }, '');
  return sides.map(({ logits, maps }) => ({
    answers: [...tf.softmax(tf.div(logits, TEMPERATURE)).dataSync()].map((p) => Number(p.toFixed(4))),
    map: [...(maps[0]?.dataSync() ?? [])].map((value) => Number(value.toFixed(4))),
  }));
}

describe('what a term hears of two teachers', () => {
  it('is the mean of their softened probabilities, and of their maps', () => {
    expect(heard({ kind: 'average' })).toEqual([{ answers: [0.7, 0.3, 0.6, 0.4], map: [3, 6] }]);
  });

  it('is their sum by fixed shares', () => {
    // 3/4 · 0.9 + 1/4 · 0.5 = 0.8 and 3/4 · 0.9 + 1/4 · 0.3 = 0.75
    expect(heard({ kind: 'weights', weights: [0.75, 0.25] })).toEqual([
      { answers: [0.8, 0.2, 0.75, 0.25], map: [2, 4] },
    ]);
  });

  it.each(['random', 'byScore'] as const)('is one alone where %s leaves it all the share', (kind) => {
    const combine = (kind === 'random' ? { kind } : { kind, power: 1 }) as Lesson['combine'];
    const [torn] = heard(combine, { 'shares/kd': tf.tensor1d([0, 1]) });
    expect(torn).toEqual({ answers: [0.5, 0.5, 0.3, 0.7], map: [5, 10] });
  });

  it('follows, sample by sample, who gives the true label more', () => {
    // Quality is that of answers at temperature 1: softmax(2 · log p) = p² / Σ p².
    const quality = (p: number) => p ** 2 / (p ** 2 + (1 - p) ** 2);
    const [first, second] = [quality(0.9), quality(0.5)];
    const [third, fourth] = [quality(0.1), quality(0.7)];
    const [one, two] = [first / (first + second), third / (third + fourth)];
    const [found] = heard({ kind: 'byQuality' }, { labels: tf.tensor1d([0, 1], 'int32') });
    const expected = [one * 0.9 + (1 - one) * 0.5, two * 0.9 + (1 - two) * 0.3];
    expect(found?.answers[0]).toBeCloseTo(expected[0] ?? NaN, 3);
    expect(found?.answers[2]).toBeCloseTo(expected[1] ?? NaN, 3);
    expect(found?.map[0]).toBeCloseTo(one * 1 + (1 - one) * 5, 3);
  });

  it('is each by itself where the term wants to hear them so', () => {
    expect(heard({ kind: 'each' }).map(({ map }) => map)).toEqual([MAPS.sure, MAPS.torn]);
  });
});
