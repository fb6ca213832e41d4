import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { MetricsRecord } from '../../src/protocol/records.ts';
import { newRun } from './scratch.ts';

const RECORDS = 150_000;

function lineOf(seq: number): string {
  const split = seq % 21 === 20 ? 'validation' : 'train';
  const values = { loss: 1 / (seq + 1), 'loss/kd': 0.5, learningRate: 0.05, filling: 'x'.repeat(20) };
  return JSON.stringify({ seq, time: 1, phase: 'student', seed: 1, epoch: 0, step: seq, split, values });
}

it(
  'a long history is told by records from everywhere, and what comes by all of them',
  { timeout: 60_000 },
  async () => {
    const run = newRun();
    const path = join(run.path, 'metrics.jsonl');
    writeFileSync(path, Array.from({ length: RECORDS }, (_, seq) => `${lineOf(seq)}\n`).join(''));
    const abort = new AbortController();
    let caughtUp = -1;
    const records: MetricsRecord[] = [];
    const options = {
      streams: ['metrics'] as const,
      sampled: true,
      signal: abort.signal,
      pollMilliseconds: 10,
    };
    const onCaughtUp = () => {
      caughtUp = records.length;
      appendFileSync(path, `${lineOf(RECORDS)}\n${lineOf(RECORDS + 1)}\n`);
    };
    for await (const change of run.follow({ ...options, onCaughtUp })) {
      expect(change.type).not.toBe('cut');
      if (change.type === 'metrics') records.push(...change.records);
      if (records.at(-1)?.seq === RECORDS + 1) abort.abort();
    }
    const seqs = records.map(({ seq }) => seq);
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
    expect(seqs.slice(0, 1000)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(seqs.slice(-1000)).toEqual(Array.from({ length: 1000 }, (_, i) => RECORDS - 998 + i));
    expect(caughtUp).toBe(seqs.length - 2);
    expect(caughtUp).toBeLessThan(RECORDS / 2);
    // No long stretch without a record, and of the rare ones many.
    expect(Math.max(...seqs.map((seq, i) => seq - (seqs[i - 1] ?? 0)))).toBeLessThan(RECORDS / 1000);
    expect(records.filter(({ split }) => split === 'validation').length).toBeGreaterThan(500);
    for (const record of records) expect(record).toEqual(JSON.parse(lineOf(record.seq)));
  },
);
