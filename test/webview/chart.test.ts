import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Line } from '../../webview/curves/line.ts';
import { SOLID } from '../../webview/curves/line.ts';
import type { LinePoint } from '../../webview/curves/points.ts';
import { LinePoints } from '../../webview/curves/points.ts';
import { pointsAt, placesOf } from '../../webview/chart/probe.ts';
import { Projection } from '../../webview/chart/projection.ts';
import { ALL, fittedY, moved, rangesOf, wholeX, zoomed } from '../../webview/chart/ranges.ts';
import { SvgPen } from '../../webview/chart/svg-pen.ts';
import { csvOf } from '../../webview/chart/table.ts';
import { nearestIndex, pathOf } from '../../webview/chart/trace.ts';

const AREA = { left: 40, top: 10, right: 440, bottom: 210 };
const line = (points: readonly LinePoint[], more: Partial<Line> = {}): Line => ({
  id: 'a',
  group: 'g',
  name: 'a',
  label: 'a',
  role: 'main',
  color: 'blue',
  marker: 'circle',
  dash: SOLID,
  points: LinePoints.of(points),
  ...more,
});
const pointsOf = (ys: readonly number[], x = (index: number) => index): LinePoint[] =>
  ys.map((y, index) => ({ x: x(index), y, epoch: 0 }));
const source = (...lines: readonly Line[]) => ({ lines, references: [], isLogarithmic: false });

describe('from values to pixels', () => {
  test.each([false, true])('and back is where one came from (logarithmic: %s)', (isLogarithmic) => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 99, noNaN: true }), (value) => {
        const projection = new Projection({ x: [0, 100], y: [0.01, 100], isLogarithmic }, AREA);
        expect(projection.valueAtX(projection.x(value))).toBeCloseTo(value, 9);
        expect(projection.valueAtY(projection.y(value)) / value).toBeCloseTo(1, 9);
      }),
      { seed: 3, numRuns: 100 },
    );
  });

  test('a larger picture has the same scale', () => {
    const projection = new Projection({ x: [0, 10], y: [0, 1], isLogarithmic: false }, AREA);
    const wide = projection.widened(0.5);
    expect(wide.ranges.x).toEqual([-5, 15]);
    expect(wide.x(5) - wide.x(4)).toBeCloseTo(projection.x(5) - projection.x(4), 9);
    expect(wide.area).toEqual({ left: 0, top: 0, right: 800, bottom: 200 });
  });

  test('nothing at or below zero has a place on a logarithmic axis', () => {
    const projection = new Projection({ x: [0, 1], y: [0.1, 1], isLogarithmic: true }, AREA);
    expect(projection.y(0)).toBeNaN();
    expect(projection.y(-1)).toBeNaN();
  });
});

/** Lowest and highest pixel of each column through which a path goes, lines between points included. */
function covered(path: Float32Array): Map<number, readonly [number, number]> {
  const columns = new Map<number, readonly [number, number]>();
  for (let index = 0; index < path.length; index += 2) {
    const [x, y] = [path[index] ?? NaN, path[index + 1] ?? NaN];
    if (Number.isNaN(y)) continue;
    const column = Math.floor(x);
    const [low, high] = columns.get(column) ?? [y, y];
    columns.set(column, [Math.min(low, y), Math.max(high, y)]);
  }
  return columns;
}

describe('a line with more points than pixels', () => {
  const value = fc.oneof(
    { weight: 20, arbitrary: fc.double({ min: -1, max: 1, noNaN: true }) },
    { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Infinity) },
  );

  test('covers in each column what all its points cover, by points that were recorded', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 2_000, maxLength: 4_000 }), (ys) => {
        const all = pointsOf(ys);
        const projection = new Projection({ x: [0, ys.length - 1], y: [-1, 1], isLogarithmic: false }, AREA);
        const dense = pathOf(LinePoints.of(all), projection);
        const plain = Float32Array.from(
          all.flatMap(({ x, y }) => [projection.x(x), Number.isFinite(y) ? projection.y(y) : NaN]),
        );
        expect(dense.length).toBeLessThan(plain.length);
        expect(covered(dense)).toEqual(covered(plain));
        const recorded = new Set(
          Array.from({ length: plain.length / 2 }, (_, i) => `${plain[2 * i]} ${plain[2 * i + 1]}`),
        );
        for (let index = 0; index < dense.length; index += 2) {
          const isBreak = Number.isNaN(dense[index + 1]);
          expect(isBreak || recorded.has(`${dense[index]} ${dense[index + 1]}`)).toBe(true);
        }
      }),
      { seed: 4, numRuns: 20 },
    );
  });

  test('is broken where a value is no finite number', () => {
    const ys = Array.from({ length: 4_000 }, (_, index) => (index === 2_000 ? Number.NaN : 0.5));
    const projection = new Projection({ x: [0, 3_999], y: [0, 1], isLogarithmic: false }, AREA);
    const path = pathOf(LinePoints.of(pointsOf(ys)), projection);
    expect([...path].filter(Number.isNaN).length).toBeGreaterThan(0);
  });
});

test('the nearest point that has a value is found as by looking at each', () => {
  const xs = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(xs, fc.boolean(), fc.double({ min: -5, max: 55, noNaN: true }), (places, isSorted, x) => {
      const ordered = isSorted ? [...places].sort((a, b) => a - b) : places;
      const all = ordered.map((place, index) => ({ x: place, y: index % 3 === 1 ? NaN : index, epoch: 0 }));
      const found = all[nearestIndex(LinePoints.of(all), x)];
      const distances = all.filter(({ y }) => Number.isFinite(y)).map((point) => Math.abs(point.x - x));
      expect(found === undefined ? Infinity : Math.abs(found.x - x)).toBe(Math.min(Infinity, ...distances));
    }),
    { seed: 5, numRuns: 300 },
  );
});

describe('the part of a chart that is shown', () => {
  const lines = [line(pointsOf([1, 2, 3, 4, 5, 100]))];

  test('is all of it at first, with some room above', () => {
    expect(wholeX(lines)).toEqual([0, 5]);
    const { x, y } = rangesOf(source(...lines), ALL);
    expect(x).toEqual([0, 5]);
    expect(y[0]).toBe(0);
    expect(y[1]).toBeGreaterThan(100);
  });

  test('fits its values, with the points to which the lines lead', () => {
    const [low, high] = fittedY(source(...lines), [1, 2.5]);
    expect(low).toBeLessThan(2);
    expect(high).toBeGreaterThan(4);
    expect(high).toBeLessThan(5);
  });

  test('never leaves the whole, however one zooms and moves', () => {
    const step = fc.record({
      factor: fc.constantFrom(0.5, 0.8, 1.25, 2),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      by: fc.double({ min: -200, max: 200, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const whole = [0, 100] as const;
        let range: readonly [number, number] = whole;
        for (const { factor, share, by } of steps) {
          const around = range[0] + share * (range[1] - range[0]);
          range = zoomed(range, whole, factor, around) ?? whole;
          range = moved(range, whole, by);
          expect(range[0]).toBeGreaterThanOrEqual(-1e-9);
          expect(range[1]).toBeLessThanOrEqual(100 + 1e-9);
          expect(range[1]).toBeGreaterThan(range[0]);
        }
      }),
      { seed: 6, numRuns: 200 },
    );
  });

  test('zooms around the place that is pointed at', () => {
    const range = zoomed([0, 100], [0, 100], 0.5, 20);
    expect(range).toEqual([10, 60]);
    expect(zoomed([10, 60], [0, 100], 4, 20)).toBeNull();
  });

  test.each([
    ['gigantic values', [1.7e308, -1.7e308]],
    ['values that do not differ', [3, 3]],
    ['no value at all', [NaN, Infinity]],
    ['values next to each other', [1e16, 1e16 + 2]],
  ])('has ends that are finite and differ, for %s', (_, ys) => {
    for (const isLogarithmic of [false, true]) {
      const [low, high] = fittedY({ ...source(line(pointsOf(ys))), isLogarithmic }, [0, 1]);
      expect(Number.isFinite(high - low)).toBe(true);
      expect(high).toBeGreaterThan(low);
      if (isLogarithmic) expect(low).toBeGreaterThan(0);
    }
  });
});

test('keys go to every place where a line that counts has a value', () => {
  const behind = line(pointsOf([9, 9, 9, 9]), { role: 'background' });
  const lines = [line(pointsOf([1, NaN, 3])), line(pointsOf([5, 6], (index) => index * 3)), behind];
  expect(placesOf(lines)).toEqual([0, 2, 3]);
  expect(pointsAt(lines, 0).map(({ point }) => point.y)).toEqual([1, 5]);
  expect(pointsAt(lines, 1)).toEqual([]);
});

describe('the files of a chart', () => {
  test('CSV has the recorded values with all digits, and what was made of them', () => {
    const smoothed = line([{ x: 10, y: 0.5, raw: 1 / 3, epoch: 1 }], {
      label: '=HYPERLINK("x"), train',
      band: {
        kind: 'range',
        xs: Float64Array.of(10),
        lows: Float64Array.of(0.25),
        highs: Float64Array.of(0.75),
      },
    });
    const raw = line([{ x: 10, y: 1 / 3, epoch: 1 }], { id: 'a raw', role: 'background' });
    const csv = csvOf({
      ...source(raw, smoothed),
      references: [{ label: 'teacher', color: 'purple', value: 0.9 }],
      xLabel: 'Step',
      xText: String,
      yText: String,
      tickText: String,
      pointTitle: String,
      title: '',
      summary: '',
    });
    expect(csv.split('\r\n')).toEqual([
      'line,Step,epoch,value,smoothed,low,high',
      `"'=HYPERLINK(""x""), train",10,2,0.3333333333333333,0.5,0.25,0.75`,
      'teacher,,,0.9',
      '',
    ]);
  });

  test('SVG holds hostile text as text, without characters that XML forbids', () => {
    const pen = new SvgPen();
    const letters = { color: '#fff"/><script>', size: 12, family: 'a"b', align: 'start' } as const;
    pen.text(`<script>alert(1)</script>\u0000\uD800&`, 1, 2, letters);
    pen.line(Float32Array.of(0, 0, NaN, NaN, 1, 1, 2, 2), {
      color: 'rgba(1, 2, 3, 0.4)',
      width: 1,
      dash: [2, 3],
    });
    const file = pen.file(10, 10, '</title><script>');
    expect(file).not.toMatch(/<script/u);
    expect(file).not.toMatch(/[\u0000\uD800]/u);
    expect(file).toContain('d="M0 0M1 1L2 2"');
    expect(file).toContain('stroke="rgb(1, 2, 3)" stroke-opacity="0.4"');
  });
});
