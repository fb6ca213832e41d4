import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, inflateSync } from 'node:zlib';
import { decode } from 'fast-png';

/**
 * What pages look like, kept small enough for the repository: the mean brightness of each cell of a grid. The edges of letters and
 * the hair of a line do not show in it; a part that is missing, moved or in the wrong colour does.
 */
const FILE = join(import.meta.dirname, '..', 'looks.json');
const COLUMNS = 40;
const ROWS = 56;
/** Cells differ when their brightness does by more than this, of 255. */
const TOLERANCE = 26;
/** So many cells may differ: fonts of another machine break lines elsewhere. */
export const NOISE = 0.015;

type Cells = Uint8Array;

export function cellsOf(png: Uint8Array): Cells {
  const { width, height, data, channels } = decode(png);
  const [sums, counts] = [new Float64Array(COLUMNS * ROWS), new Uint32Array(COLUMNS * ROWS)];
  for (let y = 0; y < height; y += 1) {
    const row = Math.floor((y * ROWS) / height) * COLUMNS;
    for (let x = 0; x < width; x += 1) {
      const cell = row + Math.floor((x * COLUMNS) / width);
      const at = (y * width + x) * channels;
      const [red, green, blue] = [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0];
      // Rec. 709
      sums[cell] = (sums[cell] ?? 0) + 0.2126 * red + 0.7152 * green + 0.0722 * blue;
      counts[cell] = (counts[cell] ?? 0) + 1;
    }
  }
  return Uint8Array.from(sums, (sum, cell) => Math.round(sum / Math.max(1, counts[cell] ?? 1)));
}

/** Share of the cells that differ. */
export function difference(one: Cells, other: Cells): number {
  if (one.length !== other.length) return 1;
  return (
    one.reduce((sum, value, cell) => sum + (Math.abs(value - (other[cell] ?? 0)) > TOLERANCE ? 1 : 0), 0) /
    one.length
  );
}

/**
 * Compares a page with what it looked like; with KD_UPDATE_EXPECTED=1 it is kept as it looks now. Returns what is wrong, or
 * undefined.
 */
export function compareLook(name: string, png: Uint8Array): string | undefined {
  const kept = existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, string>) : {};
  const cells = cellsOf(png);
  if (process.env['KD_UPDATE_EXPECTED'] === '1') {
    const before = kept[name];
    // What is the same but for noise is left alone, so that the file changes only where a page did.
    if (before !== undefined && difference(unpack(before), cells) <= NOISE / 4) return undefined;
    const all = { ...kept, [name]: deflateSync(cells, { level: 9 }).toString('base64') };
    const sorted = Object.fromEntries(Object.entries(all).sort(([a], [b]) => a.localeCompare(b)));
    writeFileSync(FILE, `${JSON.stringify(sorted, null, 2)}\n`);
    return undefined;
  }
  const expected = kept[name];
  if (expected === undefined)
    return `${name}: there is nothing to compare with; KD_UPDATE_EXPECTED=1 keeps it as it looks now`;
  const differs = difference(unpack(expected), cells);
  return differs <= NOISE
    ? undefined
    : `${name}: ${(100 * differs).toFixed(1)} % of it looks otherwise; see test/output/panel, and keep it with KD_UPDATE_EXPECTED=1 if it is right`;
}

function unpack(text: string): Cells {
  return new Uint8Array(inflateSync(Buffer.from(text, 'base64')));
}
