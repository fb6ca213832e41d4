import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { loadNewestCheckpoint } from '../../src/runs/checkpoints.ts';
import { writeFormat1 } from '../runs/format-1.ts';
import { MemoryWriter } from './memory-writer.ts';
import { smallExperiment, train } from './small-run.ts';

const executor = onnxCpu({ threads: 1, spinning: false });

it('a run whose checkpoint is of the first format goes on bit for bit', async () => {
  const peers = { scheme: ['online', { peers: 2, combine: 'each' }] } as const;
  const made = await smallExperiment({ train: 90, batchSize: 16, epochs: 3, ...peers });
  const whole = await train(made, { executor });
  // In the middle of an epoch, after the first was validated.
  const writer = new MemoryWriter();
  let looks = 0;
  const stopped = await train(made, {
    executor,
    writer,
    control: {
      get request() {
        return looks++ >= 8 ? 'stop' : 'none';
      },
      untilResumed: () => Promise.resolve(),
    },
  });
  expect(stopped.outcome.status).toBe('stopped');
  const last = writer.checkpoints.at(-1);
  if (last === undefined) throw new Error('no checkpoint');
  expect(Object.keys(last.best)).toHaveLength(2);
  const folder = mkdtempSync(join(tmpdir(), 'kd-format-'));
  try {
    writeFormat1(folder, 1, last);
    const resume = loadNewestCheckpoint(folder, ({ message }) => {
      throw new Error(message);
    });
    if (resume === null) throw new Error('nothing to go on from');
    const { outcome } = await train(made, { executor, writer, resume });
    const compared = (results: typeof outcome.results) =>
      results.phases.map((phase) => ({
        ...phase,
        millisecondsPerStep: 0,
        imagesPerSecond: 0,
        latency: null,
      }));
    expect(compared(outcome.results)).toEqual(compared(whole.outcome.results));
    expect([...writer.models]).toEqual([...whole.writer.models]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
