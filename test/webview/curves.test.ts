import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PanelContent } from '../../src/protocol/panel-content.ts';
import { linesOf, referencesOf } from '../../webview/curves/lines.ts';
import {
  choicesOf,
  decodeChoice,
  defaultChoice,
  encodeChoice,
  nameOfChoice,
} from '../../webview/curves/metric-choice.ts';
import { meanOfSeeds } from '../../webview/curves/seeds.ts';
import { sampleRun } from '../panel/sample-run.ts';
import { modelOf } from '../panel/support/host-messages.ts';

const contentOf = (options: Parameters<typeof sampleRun>[0]) =>
  PanelContent.from(modelOf(sampleRun(options)).snapshot());
const points = (...values: number[]) => values.map((y, x) => ({ x, y, epoch: 0 }));

describe('the mean over seeds', () => {
  test('stands where every seed that has come as far as the furthest has a value', () => {
    const curves = [
      { seed: 1, points: points(1, 2, 3) },
      { seed: 2, points: points(3, 4, 5) },
      { seed: 3, points: points(100) },
    ];
    expect(meanOfSeeds(curves)).toEqual({ count: 2, points: points(2, 3, 4) });
  });

  test('is none of one seed', () => {
    expect(meanOfSeeds([{ seed: 1, points: points(1) }])).toBeNull();
    expect(meanOfSeeds([])).toBeNull();
  });

  test('invents no point', () => {
    const curve = fc
      .uniqueArray(fc.integer({ min: 0, max: 30 }))
      .map((steps) => steps.sort((a, b) => a - b).map((x) => ({ x, y: x, epoch: 0 })));
    fc.assert(
      fc.property(fc.array(curve, { maxLength: 4 }), (all) => {
        const mean = meanOfSeeds(all.map((one, seed) => ({ seed, points: one })));
        for (const { x, y } of mean?.points ?? []) {
          expect(y).toBe(x);
          expect(all.filter((one) => one.some((point) => point.x === x)).length).toBeGreaterThanOrEqual(
            mean?.count ?? 0,
          );
        }
      }),
      { numRuns: 200, seed: 7 },
    );
  });
});

describe('the lines of a chart', () => {
  const content = contentOf({ epochs: 3 });

  test('of the loss of the student are the total and its terms, each told apart by colour, marker and dash', () => {
    const lines = linesOf(content, { kind: 'terms', phase: 'student' }, null).filter(
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
    const all = linesOf(content, { kind: 'metric', metric: 'accuracy' }, null);
    expect(
      all.filter(({ group }) => group === '["student","accuracy","train"]').map(({ role }) => role),
    ).toEqual(['background', 'background', 'background', 'main']);
    const one = linesOf(content, { kind: 'metric', metric: 'accuracy' }, 2);
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
    const [line] = linesOf(content, { kind: 'metric', metric: 'loss' }, 3).filter(
      ({ name }) => name === 'baseline, train',
    );
    expect(line?.points.map(({ x, y }) => [x, y])).toEqual(expected);
  });

  test('the teacher stands as a line at its best accuracy on validation', () => {
    const best = content.run.results?.phases[0]?.validation['accuracy'];
    expect(referencesOf(content, { kind: 'metric', metric: 'accuracy' })).toMatchObject([{ value: best }]);
    expect(referencesOf(content, { kind: 'metric', metric: 'loss' })).toEqual([]);
    const running = contentOf({ epochs: 3, status: 'running' });
    const recorded = running.points({ phase: 'teacher', seed: 1, split: 'validation', metric: 'accuracy' });
    const highest = Math.max(...recorded.map(({ value }) => value));
    expect(referencesOf(running, { kind: 'metric', metric: 'accuracy' })[0]?.value).toBe(highest);
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
    ]);
    expect(defaultChoice(choices, 'upper')).toEqual({ kind: 'terms', phase: 'student' });
    expect(defaultChoice(choices, 'lower')).toEqual({ kind: 'metric', metric: 'accuracy' });
    expect(defaultChoice([], 'upper')).toBeNull();
  });

  test('is remembered as text, whatever a metric is called', () => {
    const metric = fc.string().map((name) => ({ kind: 'metric' as const, metric: name }));
    const terms = fc.string().map((phase) => ({ kind: 'terms' as const, phase }));
    fc.assert(
      fc.property(fc.oneof(metric, terms), (choice) => {
        expect(decodeChoice(encodeChoice(choice))).toEqual(choice);
      }),
      { seed: 8 },
    );
    expect(decodeChoice('nonsense')).toBeNull();
  });
});
