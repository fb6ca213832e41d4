import { expect, it } from 'vitest';
import { tableRowOf } from '../../../src/extension/panel/table-row.ts';
import { entryOf } from '../../../src/extension/runs/run-entry.ts';
import { tableRow } from '../../../src/protocol/compare-shapes.ts';
import type { PhaseResult } from '../../../src/protocol/records.ts';
import { COLUMNS } from '../../../webview/compare/columns.ts';
import { sampleRun } from '../../panel/sample-run.ts';

const PSNR: Readonly<Record<string, readonly number[]>> = {
  teacher: [32.5],
  student: [31, 31.5],
  baseline: [30.5, 30.5],
};

/** A run whose models answer with images. */
function reconstruction() {
  const { record } = sampleRun({ seeds: [1, 2] });
  const phases = Object.entries(PSNR).flatMap(([phase, reached]) =>
    reached.map((psnr, at): PhaseResult => ({
      ...{ phase, model: phase, seed: at + 1, epochs: 4, bestEpoch: 2, lastEpoch: 3 },
      ...{ test: { psnr, ssim: 0.9 }, lastTest: { psnr: psnr - 1, ssim: 0.9 } },
      ...{ validation: { psnr }, lastValidation: { psnr } },
      ...{ parameters: 10, multiplyAdds: 20, bytes: 40, millisecondsPerStep: 1, imagesPerSecond: 1 },
    })),
  );
  const verdict = {
    ...({ verdict: 'INCONCLUSIVE', metric: 'psnr', unit: 'dB', difference: 0.75, interval: null } as const),
    ...{ level: 0.95, pairs: 2, test: 'paired t' },
  };
  return entryOf('/runs/a', { ...record, results: { phases, verdict } }, 'completed');
}

it('tells of a run whose answers are images the PSNR that its models reach, in dB', () => {
  const row = tableRow(tableRowOf(reconstruction()), 'row');
  expect(row).toMatchObject({
    ...{ metric: 'psnr', best: 31.25, last: 30.25, teacher: 32.5, baseline: 30.5, difference: 0.75 },
  });
  const shown = Object.fromEntries(COLUMNS.map(({ id, text }) => [id, text(row)]));
  expect(shown).toMatchObject({
    ...{ best: '31.25 dB', last: '30.25 dB', teacher: '32.5 dB', baseline: '30.5 dB' },
    difference: '+0.75 dB',
  });
});

it.each([
  ['macroF1', 'points', -1.5, '71.5% macroF1', '-1.50 points macroF1'],
  ['loss/ce', 'nats', 0.0125, '0.715 nats loss/ce', '+0.0125 nats loss/ce'],
] as const)(
  'tells of one whose weights %s chose that, by its name',
  (metric, unit, difference, best, told) => {
    const { record } = sampleRun({ seeds: [1, 2] });
    const { results } = record;
    if (!results?.verdict) throw new Error('the sample has a verdict');
    const phases = results.phases.map((one) => ({
      ...one,
      test: { ...one.test, [metric]: one.phase === 'student' ? 0.71 + one.seed / 100 - 0.01 : 0.5 },
    }));
    const verdict = { ...results.verdict, metric, unit, difference };
    const row = tableRow(
      tableRowOf(entryOf('/runs/a', { ...record, results: { phases, metric, verdict } }, 'completed')),
      'row',
    );
    expect(row.metric).toBe(metric);
    const shown = Object.fromEntries(COLUMNS.map(({ id, text }) => [id, text(row)]));
    expect(shown).toMatchObject({ best, difference: told });
  },
);

it('tells of any other the accuracy, as a share', () => {
  const row = tableRowOf(entryOf('/runs/a', sampleRun().record, 'completed'));
  expect(row.metric).toBe('accuracy');
  const shown = COLUMNS.find(({ id }) => id === 'best')?.text(row);
  expect(shown).toMatch(/^\d+(\.\d)? ?%$/u);
});
