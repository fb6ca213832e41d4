import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Problem } from '../../src/protocol/errors.ts';
import { loadNewestCheckpoint, writeCheckpoint } from '../../src/runs/checkpoints.ts';
import { readModel, writeModel } from '../../src/runs/models.ts';
import { checkpointAt, scratchFolder } from './scratch.ts';

const NO_RECORDS = { gap: 0, similarity: 0 };

function withCheckpoints(...seqs: number[]): string {
  const directory = scratchFolder();
  for (const seq of seqs) writeCheckpoint(directory, checkpointAt(seq), NO_RECORDS);
  return directory;
}

function load(directory: string) {
  const problems: Problem[] = [];
  const checkpoint = loadNewestCheckpoint(directory, (problem) => problems.push(problem));
  return { checkpoint, problems };
}

const folders = (directory: string) => readdirSync(join(directory, 'checkpoints')).sort();
const stateOf = (directory: string, number: string) =>
  join(directory, 'checkpoints', number, 'state.safetensors');

function flip(path: string, byte: number): void {
  const bytes = readFileSync(path);
  const at = (byte + bytes.length) % bytes.length;
  bytes.writeUInt8(bytes.readUInt8(at) ^ 0x10, at);
  writeFileSync(path, bytes);
}

const hexOf = (data: Float32Array | Int32Array | undefined) =>
  data && Buffer.from(new Uint8Array(data.buffer)).toString('hex');

describe('checkpoints', () => {
  it('come back as they were written', () => {
    const { checkpoint } = load(withCheckpoints(7));
    expect(checkpoint).toEqual({ ...checkpointAt(7), records: NO_RECORDS, lastBest: 0 });
  });

  it('keep every bit, also of numbers that are none', () => {
    const directory = scratchFolder();
    const data = new Float32Array(Uint32Array.of(0x7fc00001, 0x80000000, 0x00000001, 0xff800000).buffer);
    writeCheckpoint(directory, { ...checkpointAt(1), tensors: { odd: { shape: [2, 2], data } } }, NO_RECORDS);
    const read = load(directory).checkpoint?.tensors['odd']?.data;
    expect(hexOf(read)).toBe(hexOf(data));
  });

  it('keep the newest and the one before', () => {
    expect(folders(withCheckpoints(1, 2, 3, 4))).toEqual(['000003', '000004']);
  });

  it('stay as many as are asked for', () => {
    const directory = scratchFolder();
    const limits = { keep: 3, maximumAge: null };
    for (const seq of [1, 2, 3, 4, 5]) writeCheckpoint(directory, checkpointAt(seq), NO_RECORDS, limits);
    expect(folders(directory)).toEqual(['000003', '000004', '000005']);
  });

  it('that are too old go, but for the one before the newest', () => {
    const directory = scratchFolder();
    const limits = { keep: 5, maximumAge: 60 };
    for (const seq of [1, 2, 3]) writeCheckpoint(directory, checkpointAt(seq), NO_RECORDS, limits);
    const twoHoursAgo = Date.now() / 1000 - 7200;
    for (const name of ['000001', '000003'])
      utimesSync(join(directory, 'checkpoints', name), twoHoursAgo, twoHoursAgo);
    writeCheckpoint(directory, checkpointAt(4), NO_RECORDS, limits);
    expect(folders(directory)).toEqual(['000002', '000003', '000004']);
  });

  it('are none in a run that has not written any', () => {
    expect(load(scratchFolder()).checkpoint).toBeNull();
  });

  it.each([
    ['a flipped byte in a tensor', (directory: string) => flip(stateOf(directory, '000002'), -1)],
    ['a flipped byte in the header', (directory: string) => flip(stateOf(directory, '000002'), 20)],
    ['a flipped byte in the header length', (directory: string) => flip(stateOf(directory, '000002'), 6)],
    ['a file cut short', (directory: string) => truncateSync(stateOf(directory, '000002'), 30)],
    ['an empty file', (directory: string) => truncateSync(stateOf(directory, '000002'), 0)],
    [
      'a description cut short',
      (directory: string) => truncateSync(join(directory, 'checkpoints', '000002', 'meta.json'), 40),
    ],
  ])('with %s are named, set aside, and the one before is used', (_, damage) => {
    const directory = withCheckpoints(5, 9);
    damage(directory);
    const { checkpoint, problems } = load(directory);
    expect(checkpoint?.meta.seq).toBe(5);
    expect(problems).toMatchObject([{ code: 'KD5008', file: join(directory, 'checkpoints', '000002') }]);
    expect(folders(directory)).toEqual(['000001', 'damaged-2-1']);
    writeCheckpoint(directory, checkpointAt(9), NO_RECORDS);
    expect(load(directory)).toMatchObject({ checkpoint: { meta: { seq: 9 } }, problems: [] });
  });

  it('that are all damaged end in words, not in a silent restart', () => {
    const directory = withCheckpoints(5, 9);
    flip(stateOf(directory, '000001'), -1);
    flip(stateOf(directory, '000002'), -1);
    expect(() => load(directory)).toThrow(
      expect.objectContaining({ problem: expect.objectContaining({ code: 'KD5009' }) as unknown }),
    );
    expect(folders(directory)).toEqual(['damaged-1-1', 'damaged-2-1']);
  });

  it('that were not finished are not seen', () => {
    const directory = withCheckpoints(5);
    const aside = join(directory, 'checkpoints', '000002.123.new');
    mkdirSync(aside);
    writeFileSync(join(aside, 'state.safetensors'), 'half');
    expect(load(directory)).toMatchObject({ checkpoint: { meta: { seq: 5 } }, problems: [] });
  });

  it('refuse a header whose shape asks for more than the file holds, before anything is allocated', () => {
    const directory = scratchFolder();
    const header = Buffer.from(
      '{"big":{"dtype":"F32","shape":[1000000,1000000],"data_offsets":[0,4000000000000]}}'.padEnd(88),
    );
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    writeModel(directory, 'student-1', checkpointAt(1).tensors);
    const folder = join(directory, 'models', 'student-1');
    writeFileSync(join(folder, 'state.safetensors'), Buffer.concat([length, header]));
    expect(() => readModel(directory, 'student-1')).toThrow(/damaged/);
  });
});

describe('saved models', () => {
  it('come back, and a second save replaces the first as a whole', () => {
    const directory = scratchFolder();
    writeModel(directory, 'teacher-1', checkpointAt(1).tensors);
    writeModel(directory, 'teacher-1', checkpointAt(2).tensors);
    expect(readModel(directory, 'teacher-1')).toEqual(checkpointAt(2).tensors);
    expect(readdirSync(join(directory, 'models'))).toEqual(['teacher-1']);
  });

  it('are named where one that does not exist is asked for', () => {
    const directory = scratchFolder();
    writeModel(directory, 'teacher-1', checkpointAt(1).tensors);
    expect(() => readModel(directory, 'student-1')).toThrow(/no trained model "student-1"/);
  });

  it('cannot be named out of the run directory', () => {
    const directory = scratchFolder();
    expect(() => writeModel(directory, '../escape', {})).toThrow(/cannot name a model/);
    expect(existsSync(join(directory, '..', 'escape'))).toBe(false);
  });
});
