import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXACT } from '../../src/book/fidelity.ts';
import { planOf } from '../../src/book/manifest.ts';
import { bookSize, shardsOf } from '../../src/book/plan.ts';
import { BookReader } from '../../src/bookshelf/book-reader.ts';
import { BookWriter } from '../../src/bookshelf/book-writer.ts';
import { claimReading } from '../../src/bookshelf/readers.ts';
import { Bookshelf } from '../../src/bookshelf/shelf.ts';
import { UserError } from '../../src/protocol/errors.ts';
import { bundle } from '../process/build.ts';
import { scratchFolder } from '../runs/scratch.ts';
import { bytesOf, MANIFEST } from './manifest.ts';

function written(shelf: Bookshelf): string {
  const folder = shelf.folderOf(MANIFEST.name);
  const writer = BookWriter.open(folder, MANIFEST);
  for (const shard of writer.missing()) writer.write(shard, bytesOf(shard), EXACT);
  writer.close();
  return folder;
}

function opened(folder: string, residentBytes: number): BookReader {
  const reader = BookReader.open(folder, MANIFEST, { residentBytes });
  if (!(reader instanceof BookReader)) throw new Error(`damaged: ${reader.join(', ')}`);
  return reader;
}

const codeOf = (action: () => unknown) => {
  try {
    action();
  } catch (error) {
    return error instanceof UserError ? error.problem.code : String(error);
  }
  return 'nothing was thrown';
};

describe('a book on disk', () => {
  it.each([
    ['in memory', 1e9],
    ['on the disk', 0],
  ])('gives the rows that were written, in any order, held %s', async (_, residentBytes) => {
    const reader = opened(written(new Bookshelf(scratchFolder())), residentBytes);
    const { bytes: length } = planOf(MANIFEST).training;
    const wanted = Int32Array.of(29, 0, 17, 16, 17);
    for (const ahead of [false, true]) {
      if (ahead) reader.expect('train-1', wanted);
      const { view } = await reader.rows('train-1', wanted);
      expect(view.byteLength).toBe(5 * length);
      const firsts = Array.from(wanted, (_row, i) => view.getUint32(i * length, true));
      // The stand-in writes set and sample into each row.
      expect(firsts).toEqual([...wanted].map((sample) => 1_000_000 + sample));
    }
    expect(reader.residentBytes > 0).toBe(residentBytes > 0);
    await expect(reader.rows('train-1', Int32Array.of(30))).rejects.toThrow('sample 30 of 30');
    await reader.close();
  });

  it('is held in memory only where it finds room beside the others that are open', async () => {
    const folders = [1, 2].map(() => written(new Bookshelf(scratchFolder())));
    const { bytes } = bookSize(planOf(MANIFEST));
    const open = (at: 0 | 1) => opened(folders[at] ?? '', 1.5 * bytes);
    const [first, second] = [open(0), open(1)];
    expect([first.residentBytes, second.residentBytes]).toEqual([bytes, 0]);
    await first.close();
    await second.close();
    const again = open(1);
    expect(again.residentBytes).toBe(bytes);
    await again.close();
  });

  it('keeps a shard that is not to be trusted until it is written again, for another may read from it', () => {
    const folder = written(new Bookshelf(scratchFolder()));
    const writer = BookWriter.open(folder, MANIFEST);
    writer.discard(['train-1-00001.bin']);
    expect(existsSync(join(folder, 'shards', 'train-1-00001.bin'))).toBe(true);
    expect(writer.missing().map(({ file }) => file)).toEqual(['train-1-00001.bin']);
    writer.close();
  });

  it.each<[string, (path: string) => void]>([
    ['a changed bit', (path) => flip(path)],
    ['a cut file', (path) => truncateSync(path, 100)],
    ['a lost file', (path) => rmSync(path)],
  ])('names the shard with %s', (_, damage) => {
    const shelf = new Bookshelf(scratchFolder());
    const folder = written(shelf);
    damage(join(folder, 'shards', 'train-1-00001.bin'));
    expect(BookReader.open(folder, MANIFEST)).toEqual(['train-1-00001.bin']);
    expect(BookReader.open(folder, MANIFEST, { residentBytes: 0 })).toEqual(['train-1-00001.bin']);
  });

  it('is deleted only while nobody reads or writes it', () => {
    const shelf = new Bookshelf(scratchFolder());
    const folder = written(shelf);
    const free = claimReading(folder);
    expect(codeOf(() => shelf.remove(MANIFEST.name))).toBe('KD4034');
    free();
    const writer = BookWriter.open(folder, MANIFEST);
    expect(codeOf(() => shelf.remove(MANIFEST.name))).toBe('KD4034');
    expect(shelf.list()).toMatchObject([{ state: 'being written' }]);
    writer.close();
    shelf.remove(MANIFEST.name);
    expect(shelf.list()).toEqual([]);
    expect(codeOf(() => shelf.remove(MANIFEST.name))).toBe('KD4033');
    expect(codeOf(() => shelf.remove('../runs'))).toBe('KD4033');
  });

  it('with a damaged manifest stays in the list, and can be deleted', () => {
    const shelf = new Bookshelf(scratchFolder());
    writeFileSync(join(written(shelf), 'book.json'), '{"formatVersion":1}');
    expect(shelf.list()).toMatchObject([{ state: 'unreadable' }]);
    shelf.remove(MANIFEST.name);
    expect(shelf.list()).toEqual([]);
  });
});

describe('a writer that is killed', () => {
  const KILLS = 8;
  let bundles = '';
  beforeAll(async () => {
    bundles = await bundle({ writer: 'test/bookshelf/stand-in-writer.ts' });
  });
  afterAll(() => rmSync(bundles, { recursive: true, force: true }));

  it('leaves whole shards only, and the next one finishes the same book', async () => {
    const shelf = new Bookshelf(scratchFolder());
    const folder = shelf.folderOf(MANIFEST.name);
    const all = shardsOf(planOf(MANIFEST));
    let killed = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      killed += await killedAfter(join(bundles, 'writer.cjs'), folder, kill);
      for (const [file, text] of Object.entries(shardsIn(folder))) {
        const shard = all.find((one) => one.file === file);
        if (shard === undefined) throw new Error(`${file} is no shard`);
        expect(Buffer.from(bytesOf(shard)).equals(text)).toBe(true);
      }
    }
    expect(killed).toBeGreaterThan(2);
    expect(shelf.list().every(({ state }) => state !== 'being written')).toBe(true);
    written(shelf);
    expect(shelf.list()).toMatchObject([
      { state: 'complete', bytes: all.reduce((sum, one) => sum + one.bytes, 0) },
    ]);
    expect(BookReader.open(folder, MANIFEST)).toBeInstanceOf(BookReader);
  }, 60_000);

  /** Those that the list names. */
  function shardsIn(folder: string): Record<string, Buffer> {
    let lines: string[];
    try {
      lines = readFileSync(join(folder, 'shards.jsonl'), 'utf8').split('\n').slice(0, -1);
    } catch {
      return {};
    }
    const files = lines.map((line) => (JSON.parse(line) as { file: string }).file);
    return Object.fromEntries(files.map((file) => [file, readFileSync(join(folder, 'shards', file))]));
  }
});

function flip(path: string): void {
  const bytes = readFileSync(path);
  bytes[7] = (bytes[7] ?? 0) ^ 4;
  writeFileSync(path, bytes);
}

/** Starts a writer that says a line before each write, and kills it at a line that depends on `kill`. Returns 1 where it was killed. */
function killedAfter(program: string, folder: string, kill: number): Promise<number> {
  const child = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  let lines = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    lines += text.split('\n').length - 1;
    if (lines > kill % 3) child.kill('SIGKILL');
  });
  return new Promise((resolve) => child.once('close', (_, signal) => resolve(signal === 'SIGKILL' ? 1 : 0)));
}
