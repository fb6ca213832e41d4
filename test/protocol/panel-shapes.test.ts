import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/protocol/limits.ts';
import { readHostMessage, readPanelMessage } from '../../src/protocol/panel-shapes.ts';
import type { HostMessage, PanelMessage } from '../../src/protocol/panel.ts';
import { sampleRun } from '../panel/sample-run.ts';
import { listing, modelOf, snapshotOf, WELCOME } from '../panel/support/host-messages.ts';

const panelMessages: readonly PanelMessage[] = [
  { type: 'ready', version: 1, run: null },
  { type: 'resync', reason: 'a gap' },
  { type: 'problem', message: 'a defect' },
  { type: 'selectRun', id: 1, run: '/r' },
  { type: 'start', id: 2 },
  { type: 'stop', id: 3, run: '/r' },
  { type: 'resume', id: 4, run: '/r' },
  { type: 'pause', id: 5, run: '/r' },
  { type: 'showLog', id: 5, run: '/r' },
  { type: 'openConfig', id: 6, run: '/r' },
  { type: 'insertPair', id: 7, run: '/r', teacher: 'stage1', student: 'stage1' },
  { type: 'exportCsv', id: 8, run: '/r' },
  { type: 'exportFile', id: 9, name: 'chart', format: 'png', content: 'aGk=' },
  { type: 'exportFile', id: 9, name: 'chart', format: 'svg', content: '<svg/>' },
  { type: 'overlay', id: 10, runs: ['/r', '/s'], metrics: ['accuracy', 'loss/'] },
];
const run = sampleRun({ seeds: [1], epochs: 2 });
const column = (...numbers: readonly number[]) => Float64Array.from(numbers);
const hostMessages: readonly HostMessage[] = [
  WELCOME,
  listing(run),
  snapshotOf(modelOf(run)),
  { type: 'snapshot', stream: 2, through: -1, content: null },
  { type: 'delta', stream: 1, after: 3, through: 5, changes: { ignored: 2, gap: run.gap } },
  { type: 'reply', id: 1, ok: false, message: 'no' },
];

test.each(panelMessages)('a $type of the panel is read as it was sent', (message) => {
  expect(readPanelMessage(structuredClone(message))).toEqual({ ok: true, value: message });
});

test.each(hostMessages)('a $type of the host is read as it was sent', (message) => {
  expect(readHostMessage(structuredClone(message))).toEqual({ ok: true, value: message });
});

describe('what makes no sense is refused with its place', () => {
  test.each([
    [null, 'message.type is not a known type'],
    [{ type: 'toString' }, 'message.type is not a known type'],
    [{ type: 'stop', id: 1 }, 'message.run is not text'],
    [{ type: 'stop', id: 1.5, run: '/r' }, 'message.id is not a whole number of at least 0'],
    [
      { type: 'stop', id: 1, run: 'x'.repeat(LIMITS.pathLength + 1) },
      `message.run is not text of at most 8192 characters`,
    ],
    [
      { type: 'exportFile', id: 1, name: 'x', format: 'png', content: '<svg>' },
      'message.content is not base64',
    ],
    [
      { type: 'exportFile', id: 1, name: 'x', format: 'exe', content: '' },
      'message.format is not one of png, svg, csv',
    ],
    [
      { type: 'exportFile', id: 1, name: 'x', format: 'csv', content: 'A'.repeat(LIMITS.fileLength + 1) },
      `message.content is not text of at most ${LIMITS.fileLength} characters`,
    ],
  ])('%#', (value, problem) => {
    expect(readPanelMessage(value)).toEqual({ ok: false, problem });
  });

  test('however deep it lies', () => {
    const [record] = run.similarity;
    const changes = { similarity: [{ ...record, values: [[0.5, 'x']] }] };
    expect(readHostMessage({ type: 'delta', stream: 1, after: 0, through: 1, changes })).toEqual({
      ok: false,
      problem: 'message.changes.similarity[0].values[0][1] is not a number',
    });
  });

  test.each<[string, object, string]>([
    ['lists', { values: [1, 2] }, '.values is not a column of numbers'],
    ['bytes', { values: Uint8Array.of(1, 2) }, '.values is not a column of numbers'],
    ['steps that are no counts', { epochs: column(0, -1) }, '.epochs[1] is not a whole number of at least 0'],
    ['times that are none', { times: column(0, NaN) }, '.times[1] is not a finite number'],
    ['columns of several lengths', { times: column(1) }, ' is not a series with columns of one length'],
    [
      'more than a curve has',
      { values: new Float64Array(LIMITS.pointsInSeries + 1) },
      `.values is not a column of at most ${LIMITS.pointsInSeries} numbers`,
    ],
  ])('in curves: %s', (_, odd, problem) => {
    const series = {
      ...{ phase: 'p', seed: 1, split: 'train', metric: 'loss' },
      ...{ steps: column(0, 1), epochs: column(0, 0), times: column(0, 0), values: column(1, NaN) },
    };
    const delta = (one: object) => ({
      ...{ type: 'delta', stream: 1, after: 0, through: 1 },
      changes: { series: [one] },
    });
    expect(readHostMessage(delta(series)).ok).toBe(true);
    expect(readHostMessage(delta({ ...series, ...odd }))).toEqual({
      ok: false,
      problem: `message.changes.series[0]${problem}`,
    });
  });

  test('a similarity table must be whole', () => {
    const [record] = run.similarity;
    const changes = { similarity: [{ ...record, values: [[0.5]] }] };
    expect(readHostMessage({ type: 'delta', stream: 1, after: 0, through: 1, changes }).ok).toBe(false);
  });
});

test('unknown fields of a later version are dropped', () => {
  const message = { type: 'resync', reason: 'x', later: { evil: true } };
  expect(readPanelMessage(message)).toEqual({ ok: true, value: { type: 'resync', reason: 'x' } });
});

test('no value at all makes a reader throw, and what is read has the type it says', () => {
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true }), (value) => {
      for (const read of [readPanelMessage, readHostMessage]) {
        const found = read(value);
        if (found.ok) expect(found.value.type).toBe((value as { type: string }).type);
      }
    }),
    { numRuns: 2000, seed: 3 },
  );
});

test('a valid message with one part replaced by nonsense is refused or still whole', () => {
  const nonsense = fc.oneof(fc.constant(null), fc.string(), fc.double(), fc.constant([]), fc.constant({}));
  fc.assert(
    fc.property(fc.constantFrom(...panelMessages), fc.nat(5), nonsense, (message, field, value) => {
      const key = Object.keys(message)[field % Object.keys(message).length] ?? 'type';
      const found = readPanelMessage({ ...message, [key]: value });
      if (found.ok) expect(readPanelMessage(found.value)).toEqual(found);
    }),
    { numRuns: 1000, seed: 4 },
  );
});

test('a getter that throws is a refusal', () => {
  const trap = {
    type: 'resync',
    get reason() {
      throw new Error('boom');
    },
  };
  expect(readPanelMessage(trap)).toEqual({ ok: false, problem: 'message cannot be read' });
});

test('a message is limited as a whole, not only in its parts', () => {
  const runs = Array.from({ length: LIMITS.overlays }, () => 'x'.repeat(LIMITS.pathLength));
  const metrics = Array.from({ length: LIMITS.metrics }, () => 'm'.repeat(LIMITS.nameLength));
  expect(readPanelMessage({ type: 'overlay', id: 1, runs, metrics }).ok).toBe(true);
  const later = { ballast: 'x'.repeat(LIMITS.panelMessageWeight) };
  expect(readPanelMessage({ type: 'overlay', id: 1, runs, metrics, later })).toEqual({
    ok: false,
    problem: `message is not a value of at most ${LIMITS.panelMessageWeight} numbers and characters`,
  });
  for (const ballast of [
    new Uint8Array(LIMITS.panelMessageWeight + 1),
    new Float64Array(LIMITS.panelMessageWeight + 1),
  ])
    expect(readPanelMessage({ type: 'resync', reason: 'x', ballast }).ok).toBe(false);
  const endless: unknown[] = [];
  endless.push(endless);
  expect(readHostMessage({ type: 'welcome', version: 1, endless }).ok).toBe(false);
});
