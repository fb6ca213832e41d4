import { appendFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LineTail } from '../../src/runs/tail.ts';
import { scratchFolder } from './scratch.ts';

const lineOf = (number: number, mark = '') => `{"seq":${number},"mark":"${mark}"}`;
const linesOf = (from: number, to: number, mark = '') =>
  Array.from({ length: to - from }, (_, i) => lineOf(from + i, mark));
const textOf = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');

function newTail() {
  const path = join(scratchFolder(), 'metrics.jsonl');
  return { path, tail: new LineTail(path) };
}

/** Follows until nothing is waiting, as a reader that obeys the cuts. */
function drain(tail: LineTail, seen: string[]): string[] {
  for (let more = true; more;) {
    const read = tail.read();
    if (read.cut !== null) seen.length = read.cut;
    seen.push(...read.lines);
    more = read.more;
  }
  return seen;
}

describe('the tail of a growing file', () => {
  it('is empty where there is no file yet', () => {
    expect(newTail().tail.read()).toEqual({ cut: null, lines: [], more: false });
  });

  it('leaves a torn last line until it is whole', () => {
    const { path, tail } = newTail();
    writeFileSync(path, 'one\ntw');
    expect(tail.read().lines).toEqual(['one']);
    expect(tail.read().lines).toEqual([]);
    appendFileSync(path, 'o\nthree\n');
    expect(tail.read().lines).toEqual(['two', 'three']);
  });

  it('keeps characters of several bytes whole', () => {
    const { path, tail } = newTail();
    const bytes = Buffer.from('größe\n');
    writeFileSync(path, bytes.subarray(0, 3));
    expect(tail.read().lines).toEqual([]);
    appendFileSync(path, bytes.subarray(3));
    expect(tail.read().lines).toEqual(['größe']);
  });

  it('reads a long file in bounded pieces, and a line longer than a piece', () => {
    const { path, tail } = newTail();
    const lines = [...linesOf(0, 60_000, 'x'.repeat(20)), 'y'.repeat(3_000_000), 'end'];
    writeFileSync(path, textOf(lines));
    const first = tail.read();
    expect(first.more).toBe(true);
    expect(textOf(first.lines).length).toBeLessThanOrEqual(1024 * 1024);
    expect(drain(tail, [...first.lines])).toEqual(lines);
  });

  it.each([0, 1, 255, 256, 257, 700])(
    'notices a cut back to %i lines that has grown beyond the old end',
    (kept) => {
      const { path, tail } = newTail();
      writeFileSync(path, textOf(linesOf(0, 800)));
      const seen = drain(tail, []);
      const lines = [...linesOf(0, kept), ...linesOf(kept, 900, 'again')];
      writeFileSync(path, textOf(lines));
      expect(drain(tail, seen)).toEqual(lines);
    },
  );

  it('notices a cut that has not grown again', () => {
    const { path, tail } = newTail();
    writeFileSync(path, textOf(linesOf(0, 10)));
    const seen = drain(tail, []);
    truncateSync(path, textOf(linesOf(0, 4)).length);
    expect(drain(tail, seen)).toEqual(linesOf(0, 4));
  });

  it('announces nothing where lines were only added', () => {
    const { path, tail } = newTail();
    writeFileSync(path, textOf(linesOf(0, 10)));
    drain(tail, []);
    appendFileSync(path, textOf(linesOf(10, 20)));
    expect(tail.read()).toEqual({ cut: null, lines: linesOf(10, 20), more: false });
  });
});
