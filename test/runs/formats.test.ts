import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadNewestCheckpoint, writeCheckpoint } from '../../src/runs/checkpoints.ts';
import { readModel, writeModel } from '../../src/runs/models.ts';
import type { Checkpoint } from '../../src/runs/writer.ts';
import { writeFormat1 } from './format-1.ts';
import { bestAt, checkpointAt, newRun, openRun, scratchFolder } from './scratch.ts';

const NO_RECORDS = { gap: 0, similarity: 0 };
const load = (directory: string) =>
  loadNewestCheckpoint(directory, ({ message }) => {
    throw new Error(message);
  });

/** What a later version of the product would write. */
function makeNewer(folder: string, change: object): void {
  const path = join(folder, 'meta.json');
  const meta = JSON.parse(readFileSync(path, 'utf8')) as object;
  writeFileSync(path, JSON.stringify({ ...meta, formatVersion: 3, ...change }));
}

describe('a checkpoint of the first format', () => {
  const old = (seq: number): Checkpoint => {
    const { meta, tensors } = checkpointAt(seq);
    const loop = { finished: [], progress: { epoch: 3 } };
    return { meta: { ...meta, loop }, tensors, best: { student: bestAt(2), 'peer 2': bestAt(1) } };
  };

  it('is read as it was meant: the best weights stood among its own tensors', () => {
    const directory = scratchFolder();
    writeFormat1(directory, 1, old(5));
    const found = load(directory);
    expect(found?.tensors).toEqual(old(5).tensors);
    const tensorsOf = (best: Checkpoint['best'] = {}) =>
      Object.entries(best).map(([instance, { epoch, score, values, tensors }]) => ({
        ...{ instance, epoch, score, values, tensors },
      }));
    expect(tensorsOf(found?.best)).toEqual(tensorsOf(old(5).best));
  });

  it('is followed by one of this format, which keeps the best apart', () => {
    const run = newRun();
    writeFormat1(run.path, 1, old(0));
    const { writer, resume } = openRun(run);
    if (resume === null) throw new Error('nothing to go on from');
    writer.checkpoint(resume);
    writer.close();
    expect(readdirSync(join(run.path, 'best'))).toHaveLength(2);
    expect(load(run.path)?.best).toEqual(resume.best);
  });
});

describe('what a newer version of the product wrote', () => {
  const thrown = (message: RegExp) =>
    expect.objectContaining({
      problem: expect.objectContaining({
        code: 'KD5030',
        message: expect.stringMatching(message) as string,
      }) as unknown,
    }) as unknown;

  it('is called newer, not damaged, with the version that reads it; nothing is moved or passed over', () => {
    const directory = scratchFolder();
    for (const seq of [1, 2]) writeCheckpoint(directory, checkpointAt(seq), NO_RECORDS);
    makeNewer(join(directory, 'checkpoints', '000002'), { product: '9.1.0', sha256: 'of another kind' });
    expect(() => load(directory)).toThrow(thrown(/written by KD Workbench 9\.1\.0 in format 3; .*up to 2/));
    expect(readdirSync(join(directory, 'checkpoints')).sort()).toEqual(['000001', '000002']);
  });

  it('is told from what the record of the run says where the checkpoint does not', () => {
    const run = newRun();
    const { file, writer } = openRun(run);
    writer.checkpoint(checkpointAt(0));
    writer.close();
    const environment = { product: '8.2.0' } as NonNullable<typeof file.record.environment>;
    file.update({ environment });
    makeNewer(join(run.path, 'checkpoints', '000001'), { product: undefined });
    expect(() => openRun(run)).toThrow(thrown(/KD Workbench 8\.2\.0/));
  });

  it('may be a model or best weights just as well', () => {
    const directory = scratchFolder();
    writeModel(directory, 'student-1', checkpointAt(1).tensors);
    makeNewer(join(directory, 'models', 'student-1'), { product: '9.1.0' });
    expect(() => readModel(directory, 'student-1')).toThrow(thrown(/9\.1\.0/));
    writeCheckpoint(directory, { ...checkpointAt(1), best: { student: bestAt(0) } }, NO_RECORDS);
    makeNewer(join(directory, 'best', '000001'), { product: '9.1.0' });
    expect(() => load(directory)).toThrow(thrown(/9\.1\.0/));
  });

  it('is damaged where it names no format at all', () => {
    const directory = scratchFolder();
    writeCheckpoint(directory, checkpointAt(1), NO_RECORDS);
    const folder = join(directory, 'checkpoints', '000001');
    mkdirSync(folder, { recursive: true });
    makeNewer(folder, { formatVersion: 'new' });
    expect(() => load(directory)).toThrow(/damaged/);
  });
});
