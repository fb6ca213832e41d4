import { describe, expect, it } from 'vitest';
import { withBook, withoutBook } from '../../scripts/lib/bench/book.mjs';
import { requireSameWork } from '../../scripts/lib/bench/contest.mjs';
import { storedPage } from '../../scripts/lib/bench/page.mjs';
import { isMissed, row } from '../../scripts/lib/bench/rows.mjs';
import { matches, meaningless, merge } from '../../scripts/lib/bench/store.mjs';
import { meansOf } from '../../scripts/lib/bench/summary.mjs';
import { BATCHES, NETWORKS } from '../../scripts/lib/bench/workloads.mjs';

const measured = (date: string) => ({
  ...{ date, machine: 'two cores', command: 'npm run bench', versions: ['torch 2'] },
});
const step = (name: string, ours: number, peer = 10) =>
  row({ name, unit: 'ms', target: 1.3 }, [ours], { name: 'PyTorch 2 eager', values: [peer] });
const nothing = { rows: [], notRun: [] };

describe('the stored table', () => {
  it('renews the rows that were measured and keeps all others with their own date', () => {
    const first = merge(
      nothing,
      { rows: [step('step/a/64/onnx', 9), step('step/b/64/onnx', 9)], notRun: [] },
      measured('2026-01-01'),
    );
    const second = merge(first, { rows: [step('step/a/64/onnx', 8)], notRun: [] }, measured('2026-02-02'));
    const known = Object.fromEntries(second.rows.map((one) => [one.name, [one.ours, one.measured.date]]));
    expect(known).toEqual({ 'step/a/64/onnx': [8, '2026-02-02'], 'step/b/64/onnx': [9, '2026-01-01'] });
  });

  it('holds a name either as measured or as not run, whichever came last', () => {
    const why = { name: 'gpu', why: 'no GPU' };
    const without = merge(nothing, { rows: [], notRun: [why] }, measured('2026-01-01'));
    const ran = merge(without, { rows: [step('gpu', 5)], notRun: [] }, measured('2026-02-02'));
    expect(ran).toMatchObject({ rows: [{ name: 'gpu' }], notRun: [] });
    expect(merge(ran, { rows: [], notRun: [why] }, measured('2026-03-03'))).toEqual(without);
  });

  it('does not say of an executor that has rows that it has none', () => {
    const why = { name: 'all rows of tensorflow', why: 'it is not installed' };
    const none = merge(nothing, { rows: [step('step/a/64/onnx', 9)], notRun: [why] }, measured('2026-01-01'));
    expect(none.notRun).toEqual([why]);
    const some = merge(none, { rows: [step('step/a/64/tensorflow', 9)], notRun: [] }, measured('2026-02-02'));
    expect(some.notRun).toEqual([]);
    expect(merge(some, { rows: [], notRun: [why] }, measured('2026-03-03')).notRun).toEqual([]);
  });

  it('forgets why a peer once failed when its work is measured again', () => {
    const failed = { name: 'step/a/64 JAX 1 jit', why: 'out of memory' };
    const other = { name: 'step/a/640 JAX 1 jit', why: 'out of memory' };
    const before = merge(nothing, { rows: [], notRun: [failed, other] }, measured('2026-01-01'));
    const again = { rows: [step('step/a/64/onnx', 9)], notRun: [] };
    expect(merge(before, again, measured('2026-02-02'), ['step/a/64']).notRun).toEqual([other]);
  });

  it('is renewed where the pattern stands at the start of a part of the name', () => {
    const name = 'first-step/resnet8/64/onnx';
    const meant = [undefined, 'first-step', 'first-step/resnet8', 'resnet8', '64/onnx', 'onnx', name];
    expect(meant.filter((pattern) => !matches(name, pattern))).toEqual([]);
    expect(['step', 'resnet8/128', 'net8', '4/onnx'].filter((pattern) => matches(name, pattern))).toEqual([]);
  });

  it('is renewed where one of several patterns is meant', () => {
    const names = ['step/resnet8/64/onnx', 'kd-epoch/book/onnx', 'busy/resnet8/64/onnx'];
    const meant = (patterns: string): string[] => names.filter((name) => matches(name, patterns));
    expect(meant('step/resnet8,kd-epoch')).toEqual(names.slice(0, 2));
    expect(meant('busy,')).toEqual(names.slice(2));
    expect(meaningless('busy,epoch,step', names)).toEqual(['epoch']);
    expect(meaningless(undefined, names)).toEqual([]);
  });

  it('shows the rows of books and of estimates, each with what it is compared with', () => {
    const live = { name: 'live teacher', values: [20] };
    const rows = [
      row({ name: 'book/epoch/logits/onnx', unit: 'ms', target: null }, [10], live),
      row({ name: 'book/waiting/maps/onnx', unit: '%', target: 5 }, [6]),
      row({ name: 'estimate/mnist', unit: '%', target: 20 }, [7]),
      row({ name: 'something/new', unit: 'ms', target: null }, [3]),
    ];
    const page = storedPage(merge(nothing, { rows, notRun: [] }, measured('2026-01-01')));
    expect(page).toContain('| book/epoch/logits/onnx | 10.0 ms | 20.0 ms (live teacher) | x0.500');
    expect(page).toContain('MISSED: <= 5 %');
    expect(page).toContain('| estimate/mnist | 7.00 % |');
    expect(page).toMatch(/## Others\n\n.*\n.*\n\| something\/new \| 3\.00 ms/);
  });

  it('names missed targets, what did not run and why, and where the figures come from', () => {
    const rows = [step('step/slow/64/onnx', 20), step('step/fast/64/onnx', 5)];
    const stored = merge(nothing, { rows, notRun: [{ name: 'gpu', why: 'no GPU' }] }, measured('2026-01-01'));
    const page = storedPage(stored);
    expect(page).toContain('**Missed targets:** `step/slow/64/onnx`.');
    expect(page).toMatch(/step\/slow\/64\/onnx \| 20\.0 ms \| 10\.0 ms \(PyTorch 2 eager\) \| x2\.00/);
    expect(page).toContain('met: <= x1.3');
    expect(page).toContain('`gpu`: no GPU');
    expect(page).toMatch(/2026-01-01.*npm run bench.*two cores.*torch 2/);
  });
});

describe('what follows from the rows', () => {
  const works = NETWORKS.flatMap((network) => BATCHES.map((batch) => `step/${network}/${batch}/onnx`));

  it('takes the geometric mean of the ratios only where every network was measured', () => {
    const rows = works.map((name, index) => step(name, index % 2 === 0 ? 5 : 20));
    const mean = meansOf(rows, ['onnx']).rows.find(({ name }) => name === 'step/geometric-mean/onnx');
    expect(mean?.ours).toBeCloseTo(1);
    expect(mean).toMatchObject({ low: 0.5, high: 2, target: 1 });
    const { notRun } = meansOf(rows.slice(1), ['onnx']);
    expect(notRun).toContainEqual({
      name: 'step/geometric-mean/onnx',
      why: 'needs rows beside a peer for mlp/64',
    });
  });

  it('compares with a target by the ratio where there is a peer, else by the value', () => {
    expect(isMissed(step('a', 13))).toBe(false);
    expect(isMissed(step('a', 14))).toBe(true);
    expect(isMissed(row({ name: 'b', unit: 'MB', target: 30 }, [31]))).toBe(true);
    expect(isMissed(row({ name: 'b', unit: 'MB', target: null }, [31]))).toBe(false);
  });
});

describe('an epoch of ten students', () => {
  const trained = (milliseconds: number[]) => ({ milliseconds, losses: [], waitShare: 0 });

  it('takes ten epochs from a book and the writing of the one view that all of them see', () => {
    const book = { ...trained([900, 1100]), bytes: 1, buildMilliseconds: 6000 };
    const outcome = { views: 3, book, live: trained([2000, 2000]) };
    expect(withBook(outcome)).toBe(12);
    expect(withoutBook(outcome)).toBe(20);
  });
});

describe('equal work', () => {
  it('is proven by equal numbers up to rounding', () => {
    expect(() => requireSameWork([4.5, -0.001], [4.5001, -0.0011])).not.toThrow();
  });

  it('is refused where numbers differ, are missing or are not finite', () => {
    expect(() => requireSameWork([4.5, 4.2], [4.5, 4.3])).toThrow(/that is other work/);
    expect(() => requireSameWork([4.5, 4.2], [4.5])).toThrow(/that is other work/);
    expect(() => requireSameWork([4.5, 4.2], [4.5, NaN])).toThrow(/that is other work/);
  });
});
