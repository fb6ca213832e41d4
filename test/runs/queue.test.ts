import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { thisProcess } from '../../src/runs/processes.ts';
import { RecordFile } from '../../src/runs/record-file.ts';
import { RunQueue, RunStore, type RunDirectory } from '../../src/runs/index.ts';
import { metricsOf, NEW_RUN, scratchFolder } from './scratch.ts';

/** A run that works: this process stands for its engine. */
function works(run: RunDirectory, megabytes: readonly number[]): void {
  const engine = { ...thisProcess(), socket: '', token: '' };
  new RecordFile(run.path).become('running', { process: engine });
  const lines = megabytes.map((memoryMegabytes, seq) =>
    JSON.stringify({ seq, time: 0, ...metricsOf(seq), values: { loss: 1, memoryMegabytes } }),
  );
  writeFileSync(join(run.path, 'metrics.jsonl'), `${lines.join('\n')}\n`);
}

async function queueBehind(megabytes: readonly number[], budget: number | null, parallel = 2) {
  const store = new RunStore(scratchFolder());
  const queue = new RunQueue(store);
  works(store.create(NEW_RUN), megabytes);
  const next = store.create({ ...NEW_RUN, waiting: true });
  await queue.add(next);
  await queue.change(() => ({ parallel, memoryMegabytes: budget }));
  return { started: queue.next()?.id ?? null, next: next.id };
}

describe('a queue with a memory budget', () => {
  it('starts another run where what runs of its experiment were seen to take fits beside those that work', async () => {
    // The most that was measured counts, twice: for the run that works and for the next.
    const { started, next } = await queueBehind([200, 340, 310], 700);
    expect(started).toBe(next);
    expect((await queueBehind([200, 340, 310], 650)).started).toBeNull();
  });

  it('takes a run that was never measured to need a thousand', async () => {
    expect((await queueBehind([], 1999)).started).toBeNull();
    const { started, next } = await queueBehind([], 2000);
    expect(started).toBe(next);
  });

  it('starts no more than it may work on at a time, whatever fits', async () => {
    expect((await queueBehind([10], null, 1)).started).toBeNull();
    const { started, next } = await queueBehind([10], null);
    expect(started).toBe(next);
  });
});
