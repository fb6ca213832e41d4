import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Curve, MAX_BUCKETS, type CurvePoint } from '../../src/protocol/thinning.ts';

const value = fc.oneof(fc.double({ min: -1e6, max: 1e6 }), fc.constantFrom(Number.NaN, Infinity, -Infinity));
/** Steps that never go back, with gaps and repetitions. */
const curve = fc
  .array(fc.record({ gap: fc.integer({ min: 0, max: 40 }), value }), { maxLength: 3 * MAX_BUCKETS })
  .map((parts) => {
    let step = 0;
    return parts.map(({ gap, value: y }): CurvePoint => ({
      step: (step += gap),
      epoch: Math.floor(step / 500),
      time: step / 7,
      value: y,
    }));
  });

function thin(points: readonly CurvePoint[]): readonly CurvePoint[] {
  const made = new Curve();
  for (const point of points) made.append(point);
  return made.points();
}

test('a short curve is kept point by point', () => {
  const points = Array.from({ length: MAX_BUCKETS }, (_, step) => ({
    step: step * 10,
    epoch: 0,
    time: step,
    value: Math.sin(step),
  }));
  expect(thin(points)).toEqual(points);
});

test('what is kept was recorded, in its order, with the ends and the extremes', () => {
  fc.assert(
    fc.property(curve, (points) => {
      const kept = thin(points);
      expect(kept.length).toBeLessThanOrEqual(5 * MAX_BUCKETS);
      let at = -1;
      for (const point of kept) {
        at = points.findIndex(
          (one, index) => index > at && one.step === point.step && Object.is(one.value, point.value),
        );
        expect(at).not.toBe(-1);
      }
      expect(kept[0]).toEqual(points[0]);
      expect(kept.at(-1)).toEqual(points.at(-1));
      const finite = (all: readonly CurvePoint[]) => all.map((point) => point.value).filter(Number.isFinite);
      expect(Math.max(...finite(kept))).toBe(Math.max(...finite(points)));
      expect(Math.min(...finite(kept))).toBe(Math.min(...finite(points)));
      expect(kept.some((point) => !Number.isFinite(point.value))).toBe(
        points.some((point) => !Number.isFinite(point.value)),
      );
    }),
    { numRuns: 60, seed: 1 },
  );
});

test('a curve that grew from a thinned beginning equals the curve thinned at once', () => {
  fc.assert(
    fc.property(curve, fc.double({ min: 0, max: 1, noNaN: true }), (points, share) => {
      const cut = Math.floor(points.length * share);
      expect(thin([...thin(points.slice(0, cut)), ...points.slice(cut)])).toEqual(thin(points));
    }),
    { numRuns: 100, seed: 2 },
  );
});

test('columns are taken as their points are one by one, and those handed out stay as they are', () => {
  fc.assert(
    fc.property(curve, fc.double({ min: 0, max: 1, noNaN: true }), (points, share) => {
      const cut = Math.floor(points.length * share);
      const made = new Curve();
      expect(made.appendColumns(columnsOf(points.slice(0, cut)))).toBe(0);
      const handedOut = made.columns();
      const before = structuredClone(handedOut);
      expect(made.appendColumns(columnsOf(points.slice(cut)))).toBe(0);
      expect(made.points()).toEqual(thin(points));
      expect(handedOut).toEqual(before);
      expect(made.columns()).toBe(made.columns());
      expect(made.columns().steps).toHaveLength(made.columns().length);
    }),
    { numRuns: 100, seed: 3 },
  );
  const back = columnsOf([5, 4, 5].map((step) => ({ step, epoch: 0, time: 0, value: step })));
  expect(new Curve().appendColumns(back)).toBe(1);
});

function columnsOf(points: readonly CurvePoint[]) {
  return {
    steps: Float64Array.from(points, ({ step }) => step),
    epochs: Float64Array.from(points, ({ epoch }) => epoch),
    times: Float64Array.from(points, ({ time }) => time),
    values: Float64Array.from(points, (point) => point.value),
  };
}

test('a point that lies before the last one is refused', () => {
  const made = new Curve();
  expect(made.append({ step: 5, epoch: 0, time: 0, value: 1 })).toBe(true);
  expect(made.append({ step: 4, epoch: 0, time: 0, value: 2 })).toBe(false);
  expect(made.append({ step: 5, epoch: 0, time: 0, value: 3 })).toBe(true);
  expect(made.points().map((point) => point.value)).toEqual([1, 3]);
});

test('a million points take little: each is taken once and the curve stays small', () => {
  const made = new Curve();
  for (let step = 0; step < 1_000_000; step += 1)
    made.append({ step, epoch: 0, time: 0, value: (step * 7919) % 1000 });
  expect(made.points().length).toBeLessThanOrEqual(5 * MAX_BUCKETS);
  expect(made.points().length).toBeGreaterThan(MAX_BUCKETS / 2);
});
