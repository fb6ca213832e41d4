import { expect, test } from 'vitest';
import { gapMessage, type GapFiles } from '../../../src/extension/panel/gap-message.ts';
import type { AttentionRecord } from '../../../src/protocol/gap-report.ts';
import { readHostMessage } from '../../../src/protocol/panel-shapes.ts';
import { sampleGap } from '../../panel/sample-gap.ts';

const { report, attention } = await sampleGap();

function files(
  reports: Readonly<Record<string, unknown>>,
  records: readonly unknown[] = attention,
): GapFiles {
  return {
    path: '/project/.kd/runs/r1',
    gapReports: () => Object.keys(reports),
    gapReport: (student: string) => reports[student] ?? null,
    attention: () => records as AttentionRecord[],
  };
}

test('the report of the student that the run is about is told, of the seed chosen where there is one', () => {
  const both = files({
    'assistant-1': report,
    'student-1': report,
    'student-2': { ...report, student: 'student-2' },
  });
  expect(gapMessage(both, null, null)).toMatchObject({ report: { student: 'student-1' } });
  expect(gapMessage(both, null, 2)).toMatchObject({ report: { student: 'student-2' } });
  expect(gapMessage(both, 'student-2', 1)).toMatchObject({ report: { student: 'student-2' } });
  expect(gapMessage(both, null, 7)).toMatchObject({
    report: null,
    reports: ['assistant-1', 'student-1', 'student-2'],
  });
  expect(gapMessage(both, '../../etc/passwd', null)).toMatchObject({ report: null });
});

test('records of attention are those of the student, and damaged ones are left out', () => {
  const mixed = [...attention, { ...attention[0], seed: 2 }, { epoch: 1, pairs: [], student: [] }, null];
  const message = gapMessage(files({ 'student-1': report }, mixed), null, null);
  expect(message).toMatchObject({ attention });
  expect(readHostMessage(structuredClone(message)).ok).toBe(true);
});

test.each([
  ['something else', 7],
  ['a later version', { ...report, formatVersion: 2 }],
  ['logits that do not fit the classes', { ...report, classes: report.classes.slice(1) }],
  ['labels of no class', { ...report, shown: report.shown.map((one) => ({ ...one, label: 99 })) }],
  ['pictures of another size', { ...report, picture: { ...report.picture, height: 3 } }],
  ['a map with a byte too few', withMap({ energy: 'AAAA' })],
  ['a crucial place outside of its map', withMap({ crucial: [9999] })],
  ['a number that is none', { ...report, numbers: { ...report.numbers, kl: 'evil' } }],
])('a file that holds %s is refused with what to do', (_, raw) => {
  const refused: unknown[] = [];
  try {
    gapMessage(files({ 'student-1': raw }), null, null);
  } catch (error) {
    refused.push(error);
  }
  expect(refused).toMatchObject([{ problem: { code: 'KD5040' } }]);
});

function withMap(change: object): unknown {
  const { attention: seen } = report;
  return {
    ...report,
    attention: { ...seen, student: seen?.student.map((row) => row.map((map) => ({ ...map, ...change }))) },
  };
}
