import { expect, test } from 'vitest';
import { fallingBack } from '../../src/engine/fall-back.ts';
import type { Executor } from '../../src/executors/executor.ts';
import type { RunRecord } from '../../src/protocol/records.ts';
import type { RecordFile } from '../../src/runs/record-file.ts';
import { MemoryWriter } from '../training/memory-writer.ts';

const named = (name: string): Executor => ({
  name,
  description: '',
  load: () => Promise.reject(new Error()),
});
const [tensorflow, cpu] = [named('tensorflow'), named('onnx-cpu')];
const problem = (code: string) => ({
  code,
  message: 'Odd cannot be compiled (src/methods/odd.ts:7)',
  help: 'h',
});

/** The record in memory. */
function recorded() {
  let record = { environment: { executor: 'tensorflow', refused: [] } } as unknown as RunRecord;
  const file = {
    get record() {
      return record;
    },
    update: (change: Partial<RunRecord>) => (record = { ...record, ...change }),
  } as unknown as RecordFile;
  return { file, writer: new MemoryWriter() };
}

test('what one executor cannot run goes to the next, told in an event and in the record', async () => {
  const context = recorded();
  const fallBack = fallingBack(context, [tensorflow, cpu], false);
  expect(await fallBack({ phase: 'student', from: tensorflow, why: problem('KD6050') })).toBe(cpu);
  expect(context.writer.events).toMatchObject([
    { kind: 'warning', phase: 'student', message: expect.stringContaining('src/methods/odd.ts:7') as string },
  ]);
  expect(context.file.record.environment?.fallen).toMatchObject([
    { phase: 'student', executor: 'onnx-cpu', reason: expect.stringContaining('KD6050') as string },
  ]);
});

test('what nothing can compile runs eagerly at once', async () => {
  const fallBack = fallingBack(recorded(), [tensorflow, cpu], false);
  const next = await fallBack({ phase: 'student', from: tensorflow, why: problem('KD6003') });
  expect(next.name).toMatch(/^eager-/);
});

test('a device that was named and computes wrongly is not replaced', async () => {
  const fallBack = fallingBack(recorded(), [tensorflow], true);
  const falling = fallBack({ phase: 'student', from: tensorflow, why: problem('KD6032') });
  await expect(falling).rejects.toMatchObject({ problem: { code: 'KD6032' } });
});
