import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LayerMeeting, LayersRecord } from '../../src/protocol/records.ts';
import { newRun, openRun } from './scratch.ts';

const layer = (name: string) => ({ name, path: `${name}.out`, shape: [4, 4, 2], main: true });
const meeting = (phase: string, cost?: LayerMeeting['cost']): LayerMeeting => ({
  ...{ phase, method: 'at', batch: 8, matched: [] },
  teacher: { model: 'teacher', architecture: 'big', layers: [layer('a'), layer('b')] },
  student: { model: 'student', architecture: 'small', layers: [layer('x')] },
  adapters: [[{ parameters: 0, multiplyAdds: 0, kernels: [] }], [null]],
  ...(cost && { cost }),
});
const KEPT = {
  ...{ seed: 1, samples: 64, batches: 2 },
  tables: [{ measure: 'linearCka', values: [[0.5], ['NaN']], errors: [[0.1], ['NaN']] }],
} as const;

describe('what is known of the layers of a run', () => {
  it('is one meeting a phase, the costs of its seeds added up', () => {
    const run = newRun();
    const { writer } = openRun(run);
    expect(run.layers()).toBeNull();
    writer.layers(meeting('student', { comparisons: 2, milliseconds: 30, share: 0.01 }));
    writer.layers(meeting('assistant'));
    writer.layers(meeting('student', { comparisons: 3, milliseconds: 30, share: 0.03 }));
    const meetings = run.layers()?.meetings ?? [];
    expect(meetings.map(({ phase }) => phase)).toEqual(['assistant', 'student']);
    // 3000 ms and 1000 ms of steps.
    expect(meetings[1]?.cost).toEqual({ comparisons: 5, milliseconds: 60, share: 60 / 4000 });
    expect(meetings[0]).toEqual(meeting('assistant'));
  });

  it('holds what the kept weights say until the phase has been trained further', () => {
    const run = newRun();
    const { writer } = openRun(run);
    writer.layers({ ...meeting('student'), kept: KEPT });
    expect(run.layers()?.meetings[0]?.kept).toEqual(KEPT);
    writer.layers(meeting('student', { comparisons: 1, milliseconds: 1, share: 0.1 }));
    expect(run.layers()?.meetings[0]?.kept).toBeUndefined();
  });

  it.each([
    ['no JSON', '{'],
    ['another version', JSON.stringify({ formatVersion: 2, meetings: [] })],
    [
      'a table that is not whole',
      JSON.stringify({ formatVersion: 1, meetings: [{ ...meeting('student'), adapters: [] }] }),
    ],
    [
      'a shape that is none',
      JSON.stringify({
        formatVersion: 1,
        meetings: [
          { ...meeting('student'), teacher: { model: 't', architecture: 'b', layers: [{ shape: [-1] }] } },
        ],
      }),
    ],
  ])('is nothing where the file is %s', (_, text) => {
    const run = newRun();
    writeFileSync(join(run.path, 'layers.json'), text);
    expect(run.layers()).toBeNull();
  });

  it('is told to followers, again when it changes', async () => {
    const run = newRun();
    const { writer } = openRun(run);
    writer.layers(meeting('student'));
    const abort = new AbortController();
    const seen: LayersRecord[] = [];
    for await (const change of run.follow({ signal: abort.signal, streams: [], pollMilliseconds: 5 })) {
      if (change.type !== 'layers') continue;
      seen.push(change.record);
      if (seen.length === 1) writer.layers(meeting('assistant'));
      else abort.abort();
    }
    expect(seen.map(({ meetings }) => meetings.length)).toEqual([1, 2]);
  });
});
