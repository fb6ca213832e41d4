import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';

const SAMPLE = join('media', 'sample');
const CONFIG = 'mnist.kd.yaml';

/** Where the sample says how long, and how long it takes in a test: three seeds, most of a minute, long enough to be watched. */
const SHORTER: readonly (readonly [RegExp, string])[] = [
  [/train: \{ epochs: \d+/, 'train: { epochs: 6'],
  [/(?<=^train:\n) +epochs: \d+/m, '  epochs: 12'],
  [/over: \{ epochs: \d+/, 'over: { epochs: 12'],
];

/** Writes the shipped sample into a folder, shortened, and returns the name of its config. */
export function writeExperiment(folder: string): string {
  cpSync(join(SAMPLE, 'data'), join(folder, 'data'), { recursive: true });
  const whole = readFileSync(join(SAMPLE, CONFIG), 'utf8');
  const text = SHORTER.reduce((before, [from, to]) => {
    const after = before.replace(from, to);
    if (after === before) throw new Error(`the sample has no ${String(from)} to shorten`);
    return after;
  }, whole);
  writeFileSync(join(folder, CONFIG), text);
  return CONFIG;
}

/** One-based line and column of a text in a file, for `Workbench.goTo`. */
export function placeOf(folder: string, file: string, text: string): [line: number, column: number] {
  const before = readFileSync(join(folder, file), 'utf8').split(text)[0] ?? '';
  const lines = before.split('\n');
  return [lines.length, (lines.at(-1) ?? '').length + 1];
}

/** What the run directories of a workspace say, as a program would read them; empty before the first run. */
export function runRecords(folder: string): { directory: string; status: string; pid: number | undefined }[] {
  return runDirectories(folder).map((directory) => {
    const record = JSON.parse(readFileSync(join(directory, 'run.json'), 'utf8')) as {
      status: string;
      process?: { pid: number };
    };
    return { directory, status: record.status, pid: record.process?.pid };
  });
}

/** The run of a folder that must have no other. */
export function onlyRun(folder: string) {
  const runs = runRecords(folder);
  expect(runs).toHaveLength(1);
  return runs[0];
}

function runDirectories(folder: string): string[] {
  const runs = join(folder, '.kd', 'runs');
  try {
    return readdirSync(runs, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(runs, entry.name));
  } catch {
    return [];
  }
}
