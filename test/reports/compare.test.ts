import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { comparisonCsv } from '../../src/reports/comparison-csv.ts';
import { statisticsTable, studentsTable, verdictSentences } from '../../src/reports/comparison-tables.ts';
import { compareRuns } from '../../src/reports/compare-runs.ts';
import { MadeRuns, CONFIG } from './made-runs.ts';

let made: MadeRuns;
beforeEach(() => {
  made = new MadeRuns();
});
afterEach(() => made.dispose());

const problem = (code: string, text: RegExp) =>
  expect.objectContaining({
    problem: expect.objectContaining({ code, message: expect.stringMatching(text) as string }) as unknown,
  }) as unknown;

/** Two-sided, two degrees of freedom, in closed form: 1 − |t| / √(2 + t²). */
const closed = (t: number) => 1 - Math.abs(t) / Math.sqrt(2 + t * t);

describe('a comparison of runs', () => {
  it('pairs by seed, in whatever order, with the interval and the probability of paired t', () => {
    const first = made.add({ id: 'first', student: [0.96, 0.95, 0.97] });
    const second = made.add({ id: 'second', student: [0.99, 0.965, 0.97], seeds: [3, 1, 2] });
    const { comparisons, test, level } = compareRuns([first, second]);
    // By seed 1, 2, 3: 0.965 − 0.96, 0.97 − 0.95, 0.99 − 0.97.
    const differences = [0.5, 2, 2];
    const mean = 1.5;
    const deviation = Math.sqrt(differences.reduce((sum, one) => sum + (one - mean) ** 2, 0) / 2);
    const error = deviation / Math.sqrt(3);
    const [only] = comparisons;
    expect({ test, level, pairs: only?.best.pairs }).toEqual({ test: 'paired t', level: 0.95, pairs: 3 });
    expect(only?.best.difference).toBeCloseTo(mean, 9);
    expect(only?.best.interval?.[0]).toBeCloseTo(mean - 4.30265273 * error, 6);
    expect(only?.best.interval?.[1]).toBeCloseTo(mean + 4.30265273 * error, 6);
    expect(only?.best.p).toBeCloseTo(closed(mean / error), 9);
    expect(only?.last?.difference).toBeCloseTo(mean, 9);
    expect(only?.best).toMatchObject({ verdict: 'INCONCLUSIVE', adjusted: 'INCONCLUSIVE' });
    expect(only?.best.seedsToDecide).toBeGreaterThan(3);
  });

  it('tells the best from the last epoch', () => {
    const first = made.add({ id: 'a', student: [0.9, 0.91, 0.92], last: [0.9, 0.91, 0.92] });
    const second = made.add({ id: 'b', student: [0.95, 0.96, 0.97], last: [0.9, 0.91, 0.92] });
    const [only] = compareRuns([first, second]).comparisons;
    expect(only?.best.difference).toBeCloseTo(5, 9);
    expect(only?.last?.difference).toBeCloseTo(0, 9);
  });

  it('compares what chose the weights of all, else accuracy, and always what is asked for', () => {
    const by = (selectBy: string) => CONFIG.replace('train:\n', `train:\n  selectBy: ${selectBy}\n`);
    const first = made.add({ id: 'a', student: [0.9, 0.91, 0.92], config: by('calibrationError') });
    const second = made.add({ id: 'b', student: [0.95, 0.96, 0.97], config: by('calibrationError') });
    const other = made.add({ id: 'c', student: [0.95, 0.96, 0.97] });
    expect(compareRuns([first, second]).metric.name).toBe('calibrationError');
    expect(compareRuns([first, second], { metric: '' }).metric.name).toBe('calibrationError');
    expect(compareRuns([first, other]).metric.name).toBe('accuracy');
    expect(compareRuns([first, second], { metric: 'loss' }).metric.name).toBe('loss');
  });

  it('corrects for the number of students, and says what one alone would have been', () => {
    const reference = made.add({ id: 'a', student: [0.9, 0.9, 0.9] });
    const lucky = made.add({ id: 'b', student: [0.91, 0.913, 0.908] });
    const others = Array.from({ length: 8 }, (_, at) =>
      made.add({ id: `z${at}`, student: [0.897, 0.903, 0.901] }),
    );
    const report = compareRuns([reference, lucky, ...others]);
    const [first] = report.comparisons;
    expect(report.test).toBe('paired t, Holm over 9 students');
    expect(first?.best).toMatchObject({ verdict: 'BEATS', adjusted: 'INCONCLUSIVE' });
    expect(first?.best.adjustedP).toBeCloseTo(9 * (first?.best.p ?? NaN), 12);
    expect(verdictSentences(report)[0]).toContain('Alone it would be BEATS; among 9 comparisons');
  });

  it('takes the statistics that the configs ask for, where they agree', () => {
    const config = `${CONFIG}compare: { statistics: { test: wilcoxon, level: 0.9 } }\n`;
    const values = [0.9, 0.91, 0.92, 0.93, 0.94];
    const better = values.map((one, at) => one + 0.01 + at * 0.001);
    const [a, b] = [
      made.add({ id: 'a', student: values, config }),
      made.add({ id: 'b', student: better, config }),
    ];
    const report = compareRuns([a, b]);
    expect(report).toMatchObject({ test: 'Wilcoxon signed rank', level: 0.9 });
    expect(report.comparisons[0]?.best).toMatchObject({ verdict: 'BEATS', p: 2 / 32 });
    const other = made.add({ id: 'c', student: better });
    expect(compareRuns([a, other])).toMatchObject({
      test: 'paired t',
      level: 0.95,
      remarks: [expect.stringContaining('different statistics')],
    });
  });

  it('compares with the same student alone where that is asked for', () => {
    const run = made.add({ id: 'a', student: [0.96, 0.961, 0.962], alone: [0.95, 0.951, 0.9521] });
    const report = compareRuns([run], { toBaseline: true });
    expect(report.contenders.map(({ student }) => student)).toEqual(['baseline', 'student']);
    expect(report.comparisons[0]?.best.verdict).toBe('BEATS');
    expect(report.contenders[1]?.verdict?.verdict).toBe('BEATS');
  });

  it('takes a metric of which less is better', () => {
    const [a, b] = [
      made.add({ id: 'a', student: [0.9, 0.91, 0.92] }),
      made.add({ id: 'b', student: [0.95, 0.9601, 0.9699] }),
    ];
    const report = compareRuns([a, b], { metric: 'loss' });
    expect(report.metric).toEqual({ name: 'loss', unit: 'nats', better: 'lower' });
    expect(report.comparisons[0]?.best).toMatchObject({ verdict: 'BEATS', unit: 'nats' });
  });

  it('names the settings that differ, and who is nowhere worse and somewhere better', () => {
    const a = made.add({ id: 'a', student: [0.9], parameters: 100, latency: 0.1 });
    const b = made.add({
      id: 'b',
      student: [0.95],
      parameters: 100,
      latency: 0.05,
      config: CONFIG.replace('temperature: 4', 'temperature: 8'),
    });
    const report = compareRuns([a, b]);
    expect(report.settings).toEqual([{ key: 'distill.match[kd].temperature', values: [4, 8] }]);
    expect(report.dominated).toEqual([1, null]);
    expect(studentsTable(report).rows.map((row) => row.at(-1))).toEqual(['behind 2', 'front']);
    // One pair decides nothing, and says what would.
    expect(statisticsTable(report).rows[0]).toContain('none');
    expect(verdictSentences(report)[0]).toContain('run at least 3');
  });

  it('refuses runs of other data, and says what differs', () => {
    const a = made.add({ id: 'a', student: [0.9] });
    const other = made.add({
      id: 'b',
      student: [0.95],
      config: CONFIG.replace('fraction: 0.1', 'fraction: 0.2').replace('seed: 1', 'seed: 7'),
      change: { dataHash: 'data-2' },
    });
    expect(() => compareRuns([a, other])).toThrow(
      problem('KD5051', /a and b .*data\.validation\.fraction is 0\.1 and 0\.2; train\.seed is 1 and 7/),
    );
    const files = made.add({ id: 'c', student: [0.95], change: { dataHash: 'data-3' } });
    expect(() => compareRuns([a, files])).toThrow(problem('KD5051', /other content/));
  });

  it('refuses what has no results, no seed in common, no such metric, or nothing beside it', () => {
    const a = made.add({ id: 'a', student: [0.9, 0.91] });
    const none = made.add({ id: 'none', student: [], change: { status: 'failed' } });
    const apart = made.add({ id: 'apart', student: [0.9, 0.91], seeds: [8, 9] });
    expect(() => compareRuns([a, none])).toThrow(problem('KD5050', /none has no results/));
    expect(() => compareRuns([a, apart])).toThrow(problem('KD7023', /no seed in common/));
    expect(() => compareRuns([a, a])).toThrow(problem('KD7023', /nothing to compare a with/));
    expect(() => compareRuns([a], { toBaseline: true })).toThrow(problem('KD7023', /no.* baseline/));
    expect(() => compareRuns([a, apart], { metric: 'speed' })).toThrow(problem('KD7022', /speed/));
  });

  it('writes one line a student as CSV, with a column for every seed and every setting that differs', () => {
    const a = made.add({ id: 'a', student: [0.9, 0.92] });
    const b = made.add({
      id: 'b',
      student: [0.95, 0.96],
      name: '=HYPERLINK("x")',
      config: CONFIG.replace('epochs: 8', 'epochs: 9'),
    });
    const [head = '', ...rows] = comparisonCsv(compareRuns([a, b]))
      .trimEnd()
      .split('\r\n');
    const names = head.split(',');
    const cell = (row: string | undefined, name: string) => row?.split(',')[names.indexOf(name)];
    expect(rows).toHaveLength(2);
    expect([cell(rows[0], 'best seed 2'), cell(rows[1], 'best seed 2')]).toEqual(['0.92', '0.96']);
    expect(names.at(-1)).toBe('train.epochs');
    expect(rows.map((row) => row.split(',').at(-1))).toEqual(['8', '9']);
    expect([cell(rows[0], 'difference'), cell(rows[0], 'verdict')]).toEqual(['', '']);
    expect(rows[1]).toContain(`"'=HYPERLINK(""x"")"`);
  });
});
