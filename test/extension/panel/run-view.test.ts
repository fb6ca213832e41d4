import { expect, test } from 'vitest';
import { metricsCsv } from '../../../src/runs/csv.ts';
import { RunModel } from '../../../src/extension/panel/run-model.ts';
import { viewOfRun } from '../../../src/extension/panel/run-view.ts';
import { readHostMessage } from '../../../src/protocol/panel-shapes.ts';
import type { MetricsRecord, RunRecord } from '../../../src/protocol/records.ts';
import { sampleRun } from '../../panel/sample-run.ts';

const { record } = sampleRun();

test('the control socket and its token stay with the host', () => {
  const process = {
    pid: 1,
    startTime: '2',
    host: 'h',
    scope: 's',
    socket: '/run/secret.sock',
    token: 'geheim',
  };
  const view = viewOfRun({ ...record, process }, '/runs/1');
  expect(JSON.stringify(view)).not.toMatch(/secret|geheim/u);
});

test('a verdict that is written before the results is shown', () => {
  const { results, ...early } = record;
  expect(results?.verdict).not.toBeNull();
  expect(viewOfRun(early, '/runs/1', results?.verdict).results).toEqual({
    phases: [],
    verdict: results?.verdict,
  });
});

test.each([
  ['results of a later version', { results: { phases: 'later' } }],
  ['progress without numbers', { progress: { phase: 'student' } }],
  ['seeds that are none', { seeds: ['1', Number.NaN, 7] }],
  [
    'texts that are none',
    { name: 5, failure: { code: null, message: ['x'] }, environment: { refused: [null, {}] } },
  ],
  ['gigantic texts', { name: 'x'.repeat(1e6), failure: { code: 'c', message: 'm'.repeat(1e6), help: '' } }],
])('a record with %s still makes a message that the panel takes', (_, damage) => {
  const model = new RunModel(viewOfRun({ ...record, ...damage } as unknown as RunRecord, '/runs/1'));
  const message = { type: 'snapshot', stream: 1, through: -1, content: model.snapshot() };
  expect(readHostMessage(message)).toMatchObject({ ok: true });
});

test('records that do not fit are counted and left out', () => {
  const model = new RunModel(viewOfRun(record, '/runs/1'));
  model.add({
    metrics: [
      { seq: 0, phase: 'p', seed: 1, epoch: 0, step: 1, split: 'train', values: { loss: 1, bad: 'x' } },
      null,
      { seq: 1 },
    ],
    gap: [{}],
    events: [{ type: 'event', time: 1, kind: 'note', message: 'm'.repeat(10_000) }],
    damaged: 2,
  });
  const { ignored, series, events } = model.snapshot();
  expect({ ignored, series: series.length, events: events[0]?.message.length }).toEqual({
    ignored: 6,
    series: 0,
    events: 4000,
  });
});

test('a table of all metrics has a column for each and quotes what needs it', () => {
  const records = [
    { seq: 0, time: 1.5, phase: 'a,"b"', seed: 1, epoch: 0, step: 1, split: 'train', values: { loss: 0.5 } },
    {
      seq: 1,
      time: 2,
      phase: '=HYPERLINK("x")',
      seed: 1,
      epoch: 0,
      step: 2,
      split: 'train',
      values: { accuracy: 'NaN' },
    },
  ] satisfies MetricsRecord[];
  const [first, second] = records.map((record) => [record]);
  const text = [...metricsCsv(() => [first ?? [], second ?? []])].join('');
  expect(text.split('\r\n')).toEqual([
    'seq,time,phase,seed,epoch,step,split,accuracy,loss',
    '0,1.5,"a,""b""",1,0,1,train,,0.5',
    `1,2,"'=HYPERLINK(""x"")",1,0,2,train,NaN,`,
    '',
  ]);
});
