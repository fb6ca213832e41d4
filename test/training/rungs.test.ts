import { afterAll, describe, expect, test } from 'vitest';
import { largestDifference } from '../../src/executors/compare.ts';
import type { Executor } from '../../src/executors/executor.ts';
import { RUNGS } from '../../src/executors/ladder.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { isRefusal } from '../../src/executors/rungs/rung.ts';
import { UserError } from '../../src/protocol/errors.ts';
import type { RunControl } from '../../src/runs/writer.ts';
import { MemoryWriter } from './memory-writer.ts';
import { smallExperiment, train } from './small-run.ts';

/** Largest difference of a loss after up to 20 steps, as a share of the largest: sums of 32 bits in another order. */
const TOLERANCE = 1e-3;
const STEPS = 20;

const cpu = onnxCpu({ threads: 1, spinning: false });
const made = await smallExperiment({
  train: 100,
  batchSize: 16,
  epochs: 4,
  teacherEpochs: 1,
  baseline: false,
});

const others: Executor[] = [];
for (const rung of RUNGS.filter(({ name }) => name !== 'onnx-cpu')) {
  const opened = await rung.open({ byName: true, threads: 1, spinning: false });
  if (isRefusal(opened)) console.log(`not run: ${rung.name}: ${opened.reason}`);
  else others.push(opened);
}

/** Losses of the student's steps, as recorded. */
function curve({ metricsLog }: MemoryWriter): Float32Array {
  const records = metricsLog.filter(({ phase, split }) => phase === 'student' && split === 'train');
  return Float32Array.from(records.map(({ values }) => Number(values['loss'])));
}

function stopAfter(steps: number): RunControl {
  let looks = 0;
  return {
    get request() {
      return looks++ >= steps ? ('stop' as const) : ('none' as const);
    },
    untilResumed: () => Promise.resolve(),
  };
}

/** An executor that loses its device in the `last` run of a graph, as a graphics card may. */
function dying(last: number): Executor {
  let runs = 0;
  return {
    ...cpu,
    async load(graphs, state) {
      const program = await cpu.load(graphs, state);
      return {
        run: (graph, feeds) =>
          ++runs > last
            ? Promise.reject(new UserError({ code: 'KD6030', message: 'device lost', help: '' }))
            : program.run(graph, feeds),
        readState: (names) => program.readState(names),
        writeState: (values) => program.writeState(values),
        dispose: () => program.dispose(),
      };
    },
  };
}

describe('every rung that serves here', () => {
  const reference = train(made, { executor: cpu });
  afterAll(() => reference);

  test.each(others.map((executor) => [executor.name, executor] as const))(
    '%s has the losses of onnx-cpu over 20 steps',
    async (_, executor) => {
      const { writer, outcome } = await train(made, { executor });
      expect(outcome.status).toBe('completed');
      const last = writer.metricsLog.findLast(({ phase }) => phase === 'student');
      expect(last?.step).toBeGreaterThanOrEqual(STEPS);
      const expected = curve((await reference).writer);
      expect(expected.length).toBeGreaterThan(3);
      expect(largestDifference(curve(writer), expected)).toBeLessThan(TOLERANCE);
    },
  );

  test.each(others.map((executor) => [executor.name, executor] as const))(
    '%s goes on from a checkpoint of onnx-cpu',
    async (_, executor) => {
      const writer = new MemoryWriter();
      const { outcome } = await train(made, { executor: cpu, writer, control: stopAfter(17) });
      expect(outcome.status).toBe('stopped');
      const resume = writer.checkpoints.at(-1);
      if (resume === undefined) throw new Error('no checkpoint was written');
      expect((await train(made, { executor, writer, resume })).outcome.status).toBe('completed');
      expect(largestDifference(curve(writer), curve((await reference).writer))).toBeLessThan(TOLERANCE);
    },
  );

  test('a step that dies leaves the last checkpoint, from which another executor goes on', async () => {
    const writer = new MemoryWriter();
    const training = train(made, { executor: dying(40), writer, checkpointMilliseconds: 0 });
    await expect(training).rejects.toMatchObject({ problem: { code: 'KD6030' } });
    const resume = writer.checkpoints.at(-1);
    if (resume === undefined) throw new Error('no checkpoint was written');
    writer.cutBackTo(resume);
    expect((await train(made, { executor: cpu, writer, resume })).outcome.status).toBe('completed');
    expect(curve(writer)).toEqual(curve((await reference).writer));
  });
});
