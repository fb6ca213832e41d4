import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PanelContent } from '../../src/protocol/panel-content.ts';
import type { LineOptions } from '../../webview/curves/lines.ts';
import { linesOf, linesOfRuns } from '../../webview/curves/lines.ts';
import { marksOf } from '../../webview/curves/marks.ts';
import {
  choicesOf,
  decodeChoice,
  defaultChoice,
  encodeChoice,
  nameOfChoice,
} from '../../webview/curves/metric-choice.ts';
import { referencesOf } from '../../webview/curves/references.ts';
import { edgesOf, LinePoints } from '../../webview/curves/points.ts';
import { foldSeeds } from '../../webview/curves/seeds.ts';
import { smoothed } from '../../webview/curves/smoothing.ts';
import type { XAxis } from '../../webview/curves/x-axis.ts';
import { Placings, X_AXES } from '../../webview/curves/x-axis.ts';
import { picturedRun } from '../panel/pictured-run.ts';
import { sampleRun } from '../panel/sample-run.ts';
import { modelOf } from '../panel/support/host-messages.ts';

const contentOf = (options: Parameters<typeof sampleRun>[0]) =>
  PanelContent.from(modelOf(sampleRun(options)).snapshot());
const points = (...values: number[]) => LinePoints.of(values.map((y, x) => ({ x, y, epoch: 0 })));

describe('the mean over seeds', () => {
  test('stands where every seed that has come as far as the furthest has a value', () => {
    const curves = [
      { seed: 1, points: points(1, 2, 3) },
      { seed: 2, points: points(3, 4, 5) },
      { seed: 3, points: points(100) },
    ];
    expect(foldSeeds(curves)).toMatchObject({ count: 2, points: points(2, 3, 4) });
  });

  test('is none of one seed', () => {
    expect(foldSeeds([{ seed: 1, points: points(1) }])).toBeNull();
    expect(foldSeeds([])).toBeNull();
  });

  test('invents no point', () => {
    const curve = fc
      .uniqueArray(fc.integer({ min: 0, max: 30 }))
      .map((steps) => LinePoints.of(steps.sort((a, b) => a - b).map((x) => ({ x, y: x, epoch: 0 }))));
    fc.assert(
      fc.property(fc.array(curve, { maxLength: 4 }), (all) => {
        const mean = foldSeeds(all.map((one, seed) => ({ seed, points: one })));
        for (const { x, y } of mean?.points ?? []) {
          expect(y).toBe(x);
          expect(all.filter((one) => one.xs.includes(x)).length).toBeGreaterThanOrEqual(mean?.count ?? 0);
        }
      }),
      { numRuns: 200, seed: 7 },
    );
  });
});

describe('the band around the mean', () => {
  const curves = [1, 2, 6].map((value, seed) => ({ seed, points: points(value, 3) }));

  test('goes from the lowest to the highest, or one standard deviation (n - 1) to both sides', () => {
    const bands = foldSeeds(curves)?.bands;
    expect([...edgesOf(bands?.range)]).toEqual([
      [0, { low: 1, high: 6 }],
      [1, { low: 3, high: 3 }],
    ]);
    // Deviations from 3: -2, -1, 3; squares 14; 14 / 2 = 7.
    expect(bands?.deviation.lows[0]).toBeCloseTo(3 - Math.sqrt(7), 12);
    expect(bands?.deviation.highs[0]).toBeCloseTo(3 + Math.sqrt(7), 12);
  });

  test('holds the mean, and where x is a time the mean of the times', () => {
    const timed = [10, 14].map((start, seed) => ({
      seed,
      steps: [5, 6],
      points: LinePoints.of([0, 1].map((index) => ({ x: start + index, y: seed, epoch: 0 }))),
    }));
    expect([...(foldSeeds(timed)?.points ?? [])]).toEqual([
      { x: 12, y: 0.5, epoch: 0 },
      { x: 13, y: 0.5, epoch: 0 },
    ]);
  });
});

describe('smoothing', () => {
  const values = fc.array(fc.oneof(fc.double({ min: -5, max: 5, noNaN: true }), fc.constant(NaN)), {
    maxLength: 50,
  });

  test('is the moving average without the bias of its beginning', () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (ys, weight) => {
        const made = smoothed(points(...ys), weight);
        const before: number[] = [];
        ys.forEach((y, index) => {
          if (!Number.isFinite(y)) {
            expect(made.at(index)).toEqual({ x: index, y, epoch: 0, raw: y });
            return;
          }
          before.push(y);
          // The same as a weighted mean: the newest value has weight 1, the one before w, then w², ...
          const weights = before.map((_, place) => weight ** (before.length - 1 - place));
          const sum = before.reduce((total, one, place) => total + one * (weights[place] ?? 0), 0);
          expect(made.at(index)?.y).toBeCloseTo(sum / weights.reduce((a, b) => a + b), 9);
          expect(made.at(index)?.raw).toBe(y);
        });
      }),
      { seed: 9, numRuns: 200 },
    );
  });

  test('keeps a constant, also at its beginning', () => {
    expect(Array.from(smoothed(points(3, 3, 3), 0.9), ({ y }) => Number(y.toFixed(12)))).toEqual([3, 3, 3]);
  });
});

describe('the lines of a chart', () => {
  const content = contentOf({ epochs: 3 });
  const options = (more: Partial<LineOptions> = {}): LineOptions => ({
    seed: null,
    axis: 'step',
    spread: 'seeds',
    smoothing: 0,
    ...more,
  });

  test('of the loss of the student are the total and its terms, each told apart by colour, marker and dash', () => {
    const lines = linesOf(content, { kind: 'terms', phase: 'student' }, options()).filter(
      ({ role }) => role === 'main',
    );
    expect(lines.map(({ name }) => name)).toEqual([
      'total, train',
      'total, validation',
      'ce, train',
      'ce, validation',
      'kd, train',
      'kd, validation',
    ]);
    const looks = lines.map(({ color, marker, dash }) => JSON.stringify([color, marker, dash]));
    expect(new Set(looks).size).toBe(lines.length);
    const shapes = lines.slice(2).map(({ marker, dash }) => JSON.stringify([marker, dash]));
    expect(new Set(shapes).size).toBe(shapes.length);
  });

  test('show each seed behind the mean, or the one chosen, and the teacher always', () => {
    const all = linesOf(content, { kind: 'metric', metric: 'accuracy' }, options());
    expect(
      all.filter(({ group }) => group === '["student","accuracy","train"]').map(({ role }) => role),
    ).toEqual(['background', 'background', 'background', 'main']);
    const one = linesOf(content, { kind: 'metric', metric: 'accuracy' }, options({ seed: 2 }));
    expect(
      one.filter(({ group }) => group === '["student","accuracy","train"]').map(({ label }) => label),
    ).toEqual(['student, train, seed 2']);
    expect(one.some(({ name }) => name === 'teacher, validation')).toBe(true);
  });

  test('hold every recorded value and no other', () => {
    const { metrics } = sampleRun({ epochs: 3 });
    const expected = metrics
      .filter((one) => one.phase === 'baseline' && one.seed === 3 && one.split === 'train')
      .map(({ step, values }) => [step, values['loss']]);
    const [line] = linesOf(content, { kind: 'metric', metric: 'loss' }, options({ seed: 3 })).filter(
      ({ name }) => name === 'baseline, train',
    );
    expect(Array.from(line?.points ?? [], ({ x, y }) => [x, y])).toEqual(expected);
  });

  test('fold seeds into a mean with a band that is named', () => {
    const [mean, ...others] = linesOf(
      content,
      { kind: 'metric', metric: 'accuracy' },
      options({ spread: 'deviation' }),
    ).filter(({ group }) => group === '["student","accuracy","train"]');
    expect(others).toEqual([]);
    expect(mean?.label).toBe('student, train, mean of 3 seeds, ± standard deviation');
    expect(mean?.band?.kind).toBe('deviation');
    expect(mean?.band?.xs).toEqual(mean?.points.xs);
    expect(mean?.band?.xs).toHaveLength(mean?.points.length ?? NaN);
  });

  test('are made once while nothing has come, however many runs are drawn beside them, and anew with the next record', () => {
    const [one, other] = [contentOf({ seeds: [1] }), contentOf({ seeds: [1], id: 'other' })];
    const laid = () =>
      linesOfRuns(
        [
          { id: 'one', name: 'One', content: one },
          { id: 'other', name: 'Other', content: other },
        ],
        { kind: 'metric', metric: 'loss' },
        options(),
      );
    const before = laid();
    const [key] = one.keys().filter(({ metric, split }) => metric === 'loss' && split === 'train');
    expect(key).toBeDefined();
    if (key === undefined) return;
    const step = (one.points(key).at(-1)?.step ?? 0) + 1;
    const [steps, epochs, times, values] = [[step], [99], [0], [0.5]].map((all) => Float64Array.from(all));
    if (!steps || !epochs || !times || !values) return;
    one.add({ series: [{ ...key, steps, epochs, times, values }] });
    const after = laid();
    const of = (lines: readonly { run?: { id: string } }[], id: string) =>
      lines.filter(({ run }) => run?.id === id);
    expect(of(after, 'other')).toEqual(of(before, 'other'));
    of(after, 'other').forEach((line, at) => expect(line).toBe(of(before, 'other')[at]));
    expect(of(after, 'one')).not.toEqual(of(before, 'one'));
    expect(linesOf(one, { kind: 'metric', metric: 'loss' }, options({ smoothing: 0.5 }))).not.toEqual(
      linesOf(one, { kind: 'metric', metric: 'loss' }, options()),
    );
  });

  test('smoothed keep what was recorded: behind them as a line, and in each point', () => {
    const plain = linesOf(content, { kind: 'metric', metric: 'loss' }, options({ seed: 1 }));
    const drawn = linesOf(content, { kind: 'metric', metric: 'loss' }, options({ seed: 1, smoothing: 0.9 }));
    for (const { group, points: recorded } of plain) {
      const [behind, smooth, ...rest] = drawn.filter((line) => line.group === group);
      expect(rest).toEqual([]);
      expect(behind?.role).toBe('background');
      expect(behind?.points).toEqual(recorded);
      expect(smooth?.role).toBe('main');
      expect(smooth?.points.raws).toEqual(recorded.ys);
      expect(smooth?.points).not.toEqual(recorded);
    }
  });

  test('are the same lists of points until the run goes on, so that nothing is drawn twice', () => {
    for (const axis of ['step', 'epoch', 'phaseTime', 'runTime'] as const) {
      const [first, second] = [1, 2].map(() =>
        linesOf(
          content,
          { kind: 'metric', metric: 'loss' },
          options({ axis, smoothing: 0.5, spread: 'range' }),
        ),
      );
      first?.forEach(({ points: one, band }, index) => {
        expect(second?.[index]?.points).toBe(one);
        expect(second?.[index]?.band).toBe(band);
      });
    }
  });

  test('of the test split are one point each', () => {
    const model = modelOf(sampleRun({ seeds: [1], epochs: 2 }));
    model.add({
      metrics: [
        {
          seq: 9_000,
          time: 1,
          phase: 'student',
          seed: 1,
          epoch: 1,
          step: 188,
          split: 'test',
          values: { accuracy: 0.97 },
        },
      ],
    });
    const lines = linesOf(
      PanelContent.from(model.snapshot()),
      { kind: 'metric', metric: 'accuracy' },
      options(),
    );
    const tested = lines.filter(({ name }) => name === 'student, test');
    expect(tested.map((one) => Array.from(one.points, ({ x, y }) => [x, y]))).toEqual([[[188, 0.97]]]);
  });

  test('of a hundred runs are told apart by name, and the first 36 by colour or marker', () => {
    const runs = Array.from({ length: 100 }, (_, index) => ({
      id: `/runs/${index}`,
      name: `run ${index}`,
      content: contentOf({ seeds: [1, 2], epochs: 1, id: `r${index}` }),
    }));
    const lines = linesOfRuns(
      runs,
      { kind: 'metric', metric: 'accuracy' },
      options({ spread: 'range' }),
    ).filter(({ group }) => group === '["student","accuracy","validation"]');
    expect(lines.map(({ run }) => run?.name)).toEqual(runs.map(({ name }) => name));
    expect(new Set(lines.map(({ label }) => label)).size).toBe(100);
    expect(new Set(lines.map(({ id }) => id)).size).toBe(100);
    expect(new Set(lines.slice(0, 36).map(({ color, marker }) => `${color} ${marker}`)).size).toBe(36);
    expect(new Set(lines.slice(0, 6).map(({ color }) => color)).size).toBe(6);
    expect(lines.some(({ band }) => band !== undefined)).toBe(false);
  });
});

describe('the reference lines', () => {
  const content = contentOf({ epochs: 3 });
  const accuracy = { kind: 'metric', metric: 'accuracy' } as const;

  test('are teacher and baseline at what their kept weights reach on validation, over seeds the mean', () => {
    const of = (phase: string) =>
      (content.run.results?.phases ?? [])
        .filter((one) => one.phase === phase)
        .map(({ validation }) => Number(validation['accuracy']));
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    expect(of('baseline')).toHaveLength(3);
    expect(referencesOf(content, accuracy)).toMatchObject([
      { label: 'teacher, best on validation', value: mean(of('teacher')) },
      { label: 'baseline, best on validation', value: mean(of('baseline')) },
    ]);
  });

  test('while the run goes on are the best so far by accuracy, for every metric that all models share', () => {
    const model = modelOf(sampleRun({ seeds: [1], epochs: 1, status: 'running', done: 0 }));
    const validated = [
      { accuracy: 0.5, calibrationError: 0.3 },
      { accuracy: 0.9, calibrationError: 0.2 },
      { accuracy: 0.8, calibrationError: 0.1 },
    ];
    model.add({
      metrics: validated.map((values, index) => ({
        seq: 9_000 + index,
        time: 1,
        phase: 'teacher',
        seed: 1,
        epoch: 1 + index,
        step: 1_000 + index,
        split: 'validation',
        values,
      })),
    });
    const running = PanelContent.from(model.snapshot());
    const teacher = (metric: string) => referencesOf(running, { kind: 'metric', metric })[0]?.value;
    expect(teacher('accuracy')).toBe(0.9);
    expect(teacher('calibrationError')).toBe(0.2);
  });

  test.each(['loss', 'loss/kd', 'learningRate', 'imagesPerSecond', 'gradientShare/kd'])(
    'are none for %s, which is another thing for each model',
    (metric) => {
      expect(referencesOf(content, { kind: 'metric', metric })).toEqual([]);
    },
  );
});

describe('the horizontal axis', () => {
  const content = contentOf({ seeds: [1, 2], epochs: 3, stepsPerEpoch: 50 });
  const job = { phase: 'student', seed: 2 };

  test('in epochs is whole where an epoch ends, and in proportion to the steps between', () => {
    const { x } = new Placings(content, 'epoch').of(job);
    expect([0, 10, 50, 75, 150].map((step) => x({ step, time: 0 }))).toEqual([0, 0.2, 1, 1.5, 3]);
  });

  test('in epochs says nothing of steps before the first epoch has ended', () => {
    const begun = contentOf({ seeds: [1], epochs: 3, stepsPerEpoch: 50, status: 'running', done: 0.1 });
    expect(new Placings(begun, 'epoch').of({ phase: 'teacher', seed: 1 }).x({ step: 20, time: 0 })).toBeNaN();
  });

  test('in time begins with the phase, or with the run', () => {
    const points = content.points({ ...job, split: 'train', metric: 'loss' });
    const told =
      content.events.find(({ phase, seed }) => phase === job.phase && seed === job.seed)?.time ?? 0;
    const began = Math.min(told, points[0]?.time ?? 0);
    const [last] = points.slice(-1);
    if (!last) throw new Error('no point');
    expect(new Placings(content, 'phaseTime').of(job).x(last)).toBe(last.time - began);
    const start = Date.parse(content.run.startedAt ?? '') / 1000;
    expect(new Placings(content, 'runTime').of(job).x(last)).toBe(last.time - start);
    expect(new Placings(content, 'runTime').of(job).x({ step: 1, time: 0 })).toBeNaN();
  });
});

describe('the marks', () => {
  const run = sampleRun({ seeds: [1, 2], epochs: 2 });
  const model = modelOf(run);
  const [at] = run.metrics.filter((one) => one.phase === 'student' && one.seed === 1).slice(5);
  model.add({
    events: [
      {
        type: 'event',
        time: 1,
        kind: 'checkpoint',
        message: 'checkpoint at step 94',
        phase: 'student',
        seed: 1,
        step: 94,
      },
      {
        type: 'event',
        time: 1,
        kind: 'checkpoint',
        message: 'checkpoint at step 94',
        phase: 'student',
        seed: 2,
        step: 94,
      },
      {
        type: 'event',
        time: (at?.time ?? 0) + 0.01,
        kind: 'guard',
        message: 'weak',
        phase: 'student',
        seed: 1,
      },
      { type: 'event', time: 1, kind: 'note', message: 'no mark' },
    ],
  });
  const content = PanelContent.from(model.snapshot());

  test('stand at their step, or at the last one recorded before them', () => {
    const marks = marksOf(content, 'step', null, (phase) => phase === 'student');
    expect(marks.map(({ x, kind, label }) => [x, kind, label])).toEqual([
      [94, 'checkpoint', 'Checkpoint: student, seed 1: checkpoint at step 94 (and 1 more here)'],
      [at?.step, 'guard', 'Guard: student, seed 1: weak'],
    ]);
  });

  test('are those of the seed and the phases that are drawn', () => {
    const marks = marksOf(content, 'step', 2, (phase) => phase === 'student');
    expect(marks.map(({ kind }) => kind)).toEqual(['checkpoint']);
    expect(marksOf(content, 'step', null, () => false)).toEqual([]);
  });

  test('tell of the beginning of a phase in the time of the run, and not where each begins at the left end', () => {
    const beginnings = (axis: XAxis) =>
      marksOf(content, axis, 1, (phase) => phase === 'student').filter(({ kind }) => kind === 'phase');
    const told = run.events.find(({ phase, seed }) => phase === 'student' && seed === 1);
    const start = Date.parse(run.record.startedAt ?? '') / 1000;
    expect(beginnings('runTime').map(({ x, label }) => [x, label])).toEqual([
      [(told?.time ?? NaN) - start, 'Phase: student with seed 1: 2 epochs'],
    ]);
    for (const axis of X_AXES.filter((one) => one !== 'runTime')) expect(beginnings(axis)).toEqual([]);
  });
});

describe('what a chart can show', () => {
  const choices = choicesOf(contentOf({ epochs: 1 }).keys());

  test('begins with the loss of the student and its terms, and the accuracy', () => {
    expect(choices.map(nameOfChoice)).toEqual([
      'loss and its terms, student',
      'accuracy',
      'loss',
      'imagesPerSecond',
      'learningRate',
      'loss/ce',
      'loss/kd',
      'memoryMegabytes',
      'gradient shares, student',
    ]);
    expect(defaultChoice(choices, 0)).toEqual({ kind: 'terms', phase: 'student' });
    expect(defaultChoice(choices, 1)).toEqual({ kind: 'metric', metric: 'accuracy' });
    expect(defaultChoice(choices, 2)).toEqual({ kind: 'metric', metric: 'loss' });
    expect(defaultChoice([], 0)).toBeNull();
  });

  test('are neurons and weights of a phase together, where a run has them', () => {
    const content = PanelContent.from(modelOf(picturedRun({ epochs: 2 })).snapshot());
    const names = choicesOf(content.keys()).map(nameOfChoice);
    expect(names.slice(-4)).toEqual([
      'gradient shares, student',
      'weights of the loss, student',
      'neurons that are left, student',
      'neurons that are left, baseline',
    ]);
    expect(names.filter((name) => name.includes('/') && !name.startsWith('loss/'))).toEqual([]);
    const options = { seed: 2, axis: 'epoch', spread: 'range', smoothing: 0 } as const;
    const lines = linesOf(content, { kind: 'weights', phase: 'student' }, options);
    expect(lines.map(({ name, points: all }) => [name, Array.from(all, ({ x, y }) => [Math.round(x), y])])).toEqual([
      ['ce, train', [[1, 0.5], [2, 1]]],
      ['kd, train', [[1, 0.5], [2, 0]]],
    ]); // prettier-ignore
  });

  test('is remembered as text, whatever a metric is called', () => {
    const metric = fc.string().map((name) => ({ kind: 'metric' as const, metric: name }));
    const kinds = fc.constantFrom('terms' as const, 'shares' as const, 'weights' as const, 'widths' as const);
    const terms = fc.tuple(kinds, fc.string()).map(([kind, phase]) => ({ kind, phase }));
    fc.assert(
      fc.property(fc.oneof(metric, terms), (choice) => {
        expect(decodeChoice(encodeChoice(choice))).toEqual(choice);
      }),
      { seed: 8 },
    );
    expect(decodeChoice('nonsense')).toBeNull();
  });
});
