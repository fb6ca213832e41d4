import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Problem } from '../../src/protocol/errors.ts';
import { keepBest } from '../../src/runs/best.ts';
import { loadNewestCheckpoint, writeCheckpoint } from '../../src/runs/checkpoints.ts';
import { writeModel } from '../../src/runs/models.ts';
import type { BestWeights, Checkpoint } from '../../src/runs/writer.ts';
import { bestAt, checkpointAt, newRun, openRun, scratchFolder } from './scratch.ts';

const NO_RECORDS = { gap: 0, similarity: 0 };
const naming = (seq: number, best: Readonly<Record<string, BestWeights>>, job = 1): Checkpoint => {
  const { meta, tensors } = checkpointAt(seq);
  return { meta: { ...meta, job }, tensors, best };
};

/** One checkpoint for each of these epochs, which names the best weights of that epoch. */
function withBest(...epochs: readonly number[]): string {
  const directory = scratchFolder();
  epochs.forEach((epoch, at) =>
    writeCheckpoint(directory, naming(at + 1, { student: bestAt(epoch) }), NO_RECORDS),
  );
  return directory;
}

const folders = (directory: string, name: 'best' | 'checkpoints') =>
  readdirSync(join(directory, name)).sort();
const stateOf = (directory: string, number: string) => join(directory, 'best', number, 'state.safetensors');

function damage(directory: string, number: string): void {
  const bytes = readFileSync(stateOf(directory, number));
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  writeFileSync(stateOf(directory, number), bytes);
}

function load(directory: string) {
  const problems: Problem[] = [];
  const checkpoint = loadNewestCheckpoint(directory, (problem) => problems.push(problem));
  return { seq: checkpoint?.meta.seq, best: checkpoint?.best, problems };
}

describe('best weights', () => {
  it('stand apart from the checkpoints that name them, and come back with what they reached', () => {
    const directory = withBest(0);
    expect(folders(directory, 'best')).toEqual(['000001']);
    const state = readFileSync(join(directory, 'checkpoints', '000001', 'state.safetensors'), 'latin1');
    expect(state).toContain('"student/conv/kernel"');
    expect(state).not.toContain('"conv/kernel"');
    expect(load(directory)).toEqual({ seq: 1, best: { student: bestAt(0) }, problems: [] });
  });

  it('are written once, however many checkpoints name them', () => {
    const directory = withBest(3);
    const { ino } = statSync(stateOf(directory, '000001'));
    for (const seq of [2, 3, 4]) writeCheckpoint(directory, naming(seq, { student: bestAt(3) }), NO_RECORDS);
    expect(folders(directory, 'best')).toEqual(['000001']);
    expect(statSync(stateOf(directory, '000001')).ino).toBe(ino);
  });

  it('outlive every limit of count and age, also where the checkpoints that were written with them are gone', () => {
    const directory = withBest(0);
    const yearAgo = Date.now() / 1000 - 31_536_000;
    utimesSync(join(directory, 'best', '000001'), yearAgo, yearAgo);
    const limits = { keep: 2, maximumAge: 1 };
    for (let seq = 2; seq < 30; seq++)
      writeCheckpoint(directory, naming(seq, { student: bestAt(0) }), NO_RECORDS, limits);
    expect(folders(directory, 'checkpoints')).toEqual(['000028', '000029']);
    expect(load(directory)).toEqual({ seq: 29, best: { student: bestAt(0) }, problems: [] });
  });

  it('stay as long as a checkpoint names them, and so does the one before', () => {
    expect(folders(withBest(0, 1, 2, 3, 4), 'best')).toEqual(['000003', '000004', '000005']);
    expect(folders(withBest(0, 1, 1, 1, 1), 'best')).toEqual(['000001', '000002']);
  });

  it('of peers are kept apart', () => {
    const directory = scratchFolder();
    const peers = (epoch: number, other: number) => ({ one: bestAt(epoch), two: bestAt(other) });
    [peers(0, 0), peers(1, 0), peers(2, 0), peers(3, 1)].forEach((best, at) =>
      writeCheckpoint(directory, naming(at + 1, best), NO_RECORDS),
    );
    // Of the first its third and fourth, and the one before; of the second both.
    expect(folders(directory, 'best')).toEqual(['000002', '000003', '000004', '000005', '000006']);
    expect(load(directory).best).toEqual(peers(3, 1));
  });

  it('of a phase that is done go with its last checkpoint', () => {
    const directory = withBest(0, 1);
    const next = (seq: number) => writeCheckpoint(directory, naming(seq, {}, 2), NO_RECORDS);
    next(3);
    expect(folders(directory, 'best')).toEqual(['000001', '000002']);
    next(4);
    expect(folders(directory, 'best')).toEqual([]);
  });

  it('that are damaged are named and set aside, and the checkpoint before is used, from which the same follows', () => {
    const directory = withBest(0, 1);
    damage(directory, '000002');
    const { problems, ...found } = load(directory);
    expect(found).toEqual({ seq: 1, best: { student: bestAt(0) } });
    expect(problems.map(({ code, message }) => `${code} ${message}`)).toEqual([
      'KD5031 best weights 2, of student, are damaged (the SHA-256 of state.safetensors differs from meta.json)',
      'KD5008 checkpoint 2 is damaged (best weights are missing)',
    ]);
    expect(folders(directory, 'best')).toEqual(['000001', 'damaged-2-1']);
    expect(folders(directory, 'checkpoints')).toEqual(['000001', 'damaged-2-1']);
    writeCheckpoint(directory, naming(2, { student: bestAt(1) }), NO_RECORDS);
    // No number is used twice.
    expect(folders(directory, 'best')).toEqual(['000001', '000003', 'damaged-2-1']);
    expect(load(directory)).toEqual({ seq: 2, best: { student: bestAt(1) }, problems: [] });
  });

  it.each([
    ['damaged', damage],
    [
      'gone',
      (directory: string, number: string) => rmSync(join(directory, 'best', number), { recursive: true }),
    ],
    [
      'without their description',
      (directory: string, number: string) => rmSync(join(directory, 'best', number, 'meta.json')),
    ],
  ])('that are %s and named by all checkpoints give way to those before, and the run says so', (_, spoil) => {
    const directory = withBest(0, 1, 1);
    expect(folders(directory, 'checkpoints')).toEqual(['000002', '000003']);
    spoil(directory, '000002');
    const { problems, ...found } = load(directory);
    expect(found).toEqual({ seq: 3, best: { student: bestAt(0) } });
    expect(problems.at(-1)).toMatchObject({
      code: 'KD5031',
      message: 'best weights 2, of student, are lost; those before them, of epoch 1, are used',
      help: expect.stringContaining('may end otherwise') as string,
    });
  });

  it('that are lost with none before are chosen anew', () => {
    const directory = withBest(0, 0);
    damage(directory, '000001');
    const { problems, ...found } = load(directory);
    expect(found).toEqual({ seq: 2, best: {} });
    expect(problems.at(-1)?.message).toContain('the best from here on are kept');
  });
});

describe('a run that is opened again', () => {
  it('forgets best weights that no checkpoint came to name, and what was not finished', () => {
    const run = newRun();
    const { writer } = openRun(run);
    writer.checkpoint(naming(0, { student: bestAt(0) }));
    writer.close();
    keepBest(run.path, naming(1, { student: bestAt(1) }));
    const half = join(run.path, 'best', '000003.123.new');
    mkdirSync(half);
    const opened = openRun(run);
    opened.writer.close();
    expect(folders(run.path, 'best')).toEqual(['000001']);
    expect(existsSync(half)).toBe(false);
    expect(opened.resume?.best).toEqual({ student: bestAt(0) });
  });
});

describe('a model that has not finished training', () => {
  it('is listed with the best so far, until it is saved', () => {
    const run = newRun();
    [0, 1].forEach((epoch) =>
      writeCheckpoint(run.path, naming(epoch + 1, { student: bestAt(epoch) }), NO_RECORDS),
    );
    expect(run.bestSoFar()).toMatchObject([{ model: 'student-1', epoch: 1, number: 2 }]);
    expect(run.bestOf('student-1', () => undefined)).toEqual(bestAt(1));
    expect(() => run.bestOf('teacher-1', () => undefined)).toThrow(/no trained model "teacher-1"/);
    writeModel(run.path, 'student-1', bestAt(1).tensors);
    expect(run.bestSoFar()).toEqual([]);
  });

  it('is read from the best before where the newest is damaged, which is named and left where it is', () => {
    const run = newRun();
    [0, 1].forEach((epoch) =>
      writeCheckpoint(run.path, naming(epoch + 1, { student: bestAt(epoch) }), NO_RECORDS),
    );
    damage(run.path, '000002');
    const problems: Problem[] = [];
    expect(run.bestOf('student-1', (problem) => problems.push(problem))).toEqual(bestAt(0));
    expect(problems).toMatchObject([{ code: 'KD5031', file: join(run.path, 'best', '000002') }]);
    expect(folders(run.path, 'best')).toEqual(['000001', '000002']);
  });
});
