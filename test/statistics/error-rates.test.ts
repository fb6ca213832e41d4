import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { normal, randomStream, uniform } from '../../src/random/random.ts';
import { compareAll } from '../../src/statistics/comparison.ts';
import { judge, judgeAll, type SeedPair } from '../../src/statistics/verdict.ts';
import { counts } from '../support/counts.ts';
import { binomialBounds, signedRankTail, tCritical, tPower } from './expected-rates.ts';

/** Simulated experiments of each effect and number of seeds. */
const EXPERIMENTS = counts({ test: 2_000, soak: 100_000 });
/** Of shares that are as they should be, so many would be called wrong, on either side. The draws are fixed: none is by chance. */
const FALSE_ALARM = 1e-6;
const SEEDS = [3, 5, 8, 10, 20];
/** True differences, in standard deviations of a paired difference. */
const EFFECTS = [0, 0.3, 0.5, 1, 2];
const ALPHA = 0.05;
const OUTPUT = join('test', 'output', 'statistics');

/** What came out, to be read. */
const figures: Record<string, { share: number; expected: number | string }> = {};
afterAll(() => {
  mkdirSync(OUTPUT, { recursive: true });
  const text = JSON.stringify({ experiments: EXPERIMENTS, figures }, null, 2);
  writeFileSync(join(OUTPUT, 'error-rates.json'), `${text}\n`);
});

/** That so many of the experiments agree with a probability, as closely as their number can tell. */
function expectShare(what: string, found: number, probability: number, experiments = EXPERIMENTS): void {
  figures[what] = { share: found / experiments, expected: probability };
  const { least, most } = binomialBounds(experiments, probability, FALSE_ALARM);
  expect(found, what).toBeGreaterThanOrEqual(least);
  expect(found, what).toBeLessThanOrEqual(most);
}

/** That the true share is no larger, as far as their number can tell. */
function expectAtMost(what: string, found: number, probability: number, experiments = EXPERIMENTS): void {
  figures[what] = { share: found / experiments, expected: `at most ${probability}` };
  expect(found, what).toBeLessThanOrEqual(binomialBounds(experiments, probability, FALSE_ALARM).most);
}

/** Standard normal values of each experiment: a function of its name and number. */
function drawn(name: string, experiment: number, count: number): Float32Array {
  return normal(randomStream(20261126, `error rates/${name}`), experiment, new Float32Array(count));
}

/** Accuracies of a student and of its baseline under each seed, which differ by so many points. */
function pairsOf(differences: ArrayLike<number>, own?: ArrayLike<number>): SeedPair[] {
  return Array.from(differences, (difference, seed) => {
    const baseline = 0.8 + (own?.[seed] ?? 0) / 100;
    return { seed, student: baseline + difference / 100, baseline };
  });
}

function tally(experiments: number, word: (experiment: number) => string): Record<string, number> {
  const found: Record<string, number> = { BEATS: 0, 'NO BEATS': 0, INCONCLUSIVE: 0 };
  for (let n = 0; n < experiments; n++) {
    const one = word(n);
    found[one] = (found[one] ?? 0) + 1;
  }
  return found;
}

describe('verdicts of the paired t test', () => {
  describe.each(SEEDS)('over %d seeds', (seeds) => {
    const critical = tCritical(seeds, ALPHA / 2);

    it.each(EFFECTS)(
      'are spoken as often as the noncentral t distribution says, for an effect of %d',
      (effect) => {
        const name = `t/${seeds} seeds/effect ${effect}`;
        const found = tally(EXPERIMENTS, (n) => {
          // The baseline has a spread of its own, which pairing takes away.
          const values = drawn(name, n, 2 * seeds);
          const differences = values.subarray(0, seeds).map((value) => effect + value);
          return judge(pairsOf(differences, values.subarray(seeds))).verdict;
        });
        const better = tPower(effect, seeds, critical);
        const worse = tPower(-effect, seeds, critical);
        if (effect === 0) expect(better).toBeCloseTo(ALPHA / 2, 9);
        expectShare(`${name}/BEATS`, found['BEATS'] ?? 0, better);
        expectShare(`${name}/NO BEATS`, found['NO BEATS'] ?? 0, worse);
        expectShare(`${name}/INCONCLUSIVE`, found['INCONCLUSIVE'] ?? 0, 1 - better - worse);
      },
    );
  });
});

describe('verdicts of the signed rank test', () => {
  const differencesFrom: Record<string, (name: string, n: number, count: number) => number[]> = {
    normal: (name, n, count) => Array.from(drawn(name, n, count)),
    // Laplace: tails so heavy that t is no longer exact.
    'heavy-tailed': (name, n, count) =>
      Array.from(
        uniform(randomStream(20261126, name), n, new Float32Array(count)),
        (u) => Math.sign(u - 0.5) * -Math.log1p(-2 * Math.abs(u - 0.5) * (1 - 2 ** -24)),
      ),
  };

  it.each([
    [6, 'normal'],
    [8, 'normal'],
    [10, 'normal'],
    [8, 'heavy-tailed'],
  ])(
    'over %d seeds without an effect are wrong as often as the signs allow, whatever the distribution (%s)',
    (seeds, shape) => {
      const name = `signed rank/${seeds} seeds/${shape}`;
      const differences = differencesFrom[shape];
      if (differences === undefined) throw new Error(`no distribution is called ${shape}`);
      const found = tally(
        EXPERIMENTS,
        (n) => judge(pairsOf(differences(name, n, seeds)), { test: 'wilcoxon' }).verdict,
      );
      const tail = signedRankTail(seeds, ALPHA / 2);
      expect(tail).toBeLessThanOrEqual(ALPHA / 2);
      expectShare(`${name}/BEATS`, found['BEATS'] ?? 0, tail);
      expectShare(`${name}/NO BEATS`, found['NO BEATS'] ?? 0, tail);
    },
  );
});

describe('verdicts of several students', () => {
  const STUDENTS = 5;
  const SEEDS_EACH = 8;
  const LARGE = 8;

  /** The word of each student, by both ways of the product, which must agree. */
  function words(students: readonly SeedPair[][]): readonly string[] {
    const compared = compareAll(students).map(({ adjusted }) => adjusted);
    const judged = judgeAll(students.map((pairs, at) => ({ name: String(at), pairs })));
    expect(judged.map(({ verdict }) => verdict.verdict)).toEqual(compared);
    return compared;
  }

  it.each([0, 2, 4])(
    'name one that has no effect as often as stated, where %d others have a large one (Holm)',
    (others) => {
      const name = `Holm/${STUDENTS} students/${others} with an effect`;
      let [wrong, missed] = [0, 0];
      for (let n = 0; n < EXPERIMENTS; n++) {
        const values = drawn(name, n, STUDENTS * SEEDS_EACH);
        const found = words(
          Array.from({ length: STUDENTS }, (_, student) =>
            pairsOf(
              values
                .subarray(student * SEEDS_EACH, (student + 1) * SEEDS_EACH)
                .map((value) => value + (student < others ? LARGE : 0)),
            ),
          ),
        );
        if (found.slice(others).some((word) => word !== 'INCONCLUSIVE')) wrong++;
        if (found.slice(0, others).some((word) => word !== 'BEATS')) missed++;
      }
      // Those with an effect being found, the k others are judged as if they were alone, the first of them at α / k.
      const without = STUDENTS - others;
      expectShare(`${name}/any other named`, wrong, 1 - (1 - ALPHA / without) ** without);
      expect(missed).toBe(0);
    },
  );

  it('are wrong no more often than stated where all are compared with the same baselines', () => {
    const name = `Holm/${STUDENTS} students/one baseline`;
    const wrong = tally(EXPERIMENTS, (n) => {
      const values = drawn(name, n, (STUDENTS + 1) * SEEDS_EACH);
      const baselines = values.subarray(STUDENTS * SEEDS_EACH);
      const found = words(
        Array.from({ length: STUDENTS }, (_, student) =>
          Array.from({ length: SEEDS_EACH }, (_value, seed) => ({
            seed,
            student: 0.8 + (values[student * SEEDS_EACH + seed] ?? 0) / 100,
            baseline: 0.8 + (baselines[seed] ?? 0) / 100,
          })),
        ),
      );
      return found.every((word) => word === 'INCONCLUSIVE') ? 'none' : 'some';
    });
    expectAtMost(`${name}/any named`, wrong['some'] ?? 0, ALPHA);
  });
});

describe('the number of seeds that would decide', () => {
  /** Differences of exactly this mean and a spread of 1. */
  const exactly = (mean: number, count: number) =>
    pairsOf(
      Array.from(
        { length: count },
        (_, at) => mean + (at % 2 === 0 ? 1 : -1) * Math.sqrt((count - 1) / count),
      ),
    );

  it.each([0.2, 0.3, 0.5, 0.8])(
    'decides every second experiment whose true effect is the one that was seen (%d)',
    (effect) => {
      const name = `seeds to decide/effect ${effect}`;
      const needed = judge(exactly(effect, 4)).seedsToDecide ?? NaN;
      const power = tPower(effect, needed, tCritical(needed, ALPHA / 2));
      // One seed more or less moves it by a few points where there are few.
      expect(power).toBeGreaterThan(0.5);
      expect(tPower(effect, needed - 1, tCritical(needed - 1, ALPHA / 2))).toBeLessThan(0.52);
      const found = tally(
        EXPERIMENTS,
        (n) => judge(pairsOf(drawn(name, n, needed).map((value) => effect + value))).verdict,
      );
      expectShare(`${name}/${needed} seeds/BEATS`, found['BEATS'] ?? 0, power);
    },
  );

  it.each([3, 5])(
    'of new seeds is wrong as often as stated; beside the %d that led to it, far more often',
    (pilot) => {
      const name = `seeds to decide/no effect/pilot of ${pilot}`;
      const most = 100;
      let [early, on, fresh, together] = [0, 0, 0, 0];
      for (let n = 0; n < EXPERIMENTS; n++) {
        const values = drawn(name, n, most + pilot);
        const first = judge(pairsOf(values.subarray(0, pilot)));
        if (first.verdict !== 'INCONCLUSIVE') early++;
        const needed = first.seedsToDecide ?? null;
        if (first.verdict !== 'INCONCLUSIVE' || needed === null || needed > most) continue;
        on++;
        if (judge(pairsOf(values.subarray(pilot, pilot + needed))).verdict !== 'INCONCLUSIVE') fresh++;
        if (judge(pairsOf(values.subarray(0, needed))).verdict !== 'INCONCLUSIVE') together++;
      }
      expectShare(`${name}/at the first look`, early, ALPHA);
      expectShare(`${name}/of new seeds`, fresh, ALPHA, on);
      figures[`${name}/first look or together`] = {
        share: (early + together) / EXPERIMENTS,
        expected: 'twice as stated',
      };
      // What the advice to take other seeds rests on.
      expect(early + together).toBeGreaterThan(binomialBounds(EXPERIMENTS, 1.25 * ALPHA, FALSE_ALARM).most);
    },
  );

  it('is judged at the level that was asked for', () => {
    const name = 't/5 seeds/level 0.99';
    const wrong = tally(EXPERIMENTS, (n) => judge(pairsOf(drawn(name, n, 5)), { level: 0.99 }).verdict);
    expectShare(`${name}/any`, EXPERIMENTS - (wrong['INCONCLUSIVE'] ?? 0), 0.01);
  });
});
