import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openEditor, type Editor } from './editor.ts';
import { placeOf, runRecords } from './experiment.ts';
import type { Workbench } from './workbench.ts';

const TYPED = 'typed.kd.yaml';
const FAULTY = 'faulty.kd.yaml';
const SOON_MS = 30_000;
const RUN_MS = 180_000;
const OUTPUT = join('test', 'output', 'vscode');

let editor: Editor;
let window: Workbench;

beforeAll(async () => {
  editor = await openEditor();
  cpSync(join('media', 'sample', 'data'), join(editor.workspace, 'data'), { recursive: true });
  writeFileSync(join(editor.workspace, TYPED), '');
  const sample = readFileSync(join('media', 'sample', 'quick.kd.yaml'), 'utf8');
  const term = '- kd: { temperature: 4, weight: 0.9 }';
  writeFileSync(
    join(editor.workspace, FAULTY),
    sample.replace(term, `${term}\n    - sp: { pairs: [[stage2, hidden1]] }`),
  );
  window = await editor.window();
});

afterAll(async () => {
  await editor.close();
});

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await window.screenshot('typing-failed');
});

async function savedText(file: string): Promise<string> {
  await window.command('File: Save');
  return readFileSync(join(editor.workspace, file), 'utf8');
}

describe('an empty file', () => {
  it('becomes an experiment that runs, by completion alone', async () => {
    await window.open(TYPED);
    // Not a file of YAML extensions, which would check it once more.
    await window.statusBar('KD Experiment').waitFor({ timeout: SOON_MS });
    await window.complete('data', 'd');
    await window.complete('format', 'f');
    await window.complete('idx', 'i');
    for (const [split, stem] of [
      ['train', 'train'],
      ['test', 't10k'],
    ]) {
      await window.lineOut(split === 'train' ? 0 : 1);
      await window.complete(split ?? '');
      await window.complete('inputs', 'i');
      await window.complete('data/', 'd');
      await window.complete(`data/${stem}-images-idx3-ubyte.gz`, `${stem}-i`);
      await window.lineOut(0);
      await window.complete('labels', 'l');
      await window.complete('data/', 'd');
      await window.complete(`data/${stem}-labels-idx1-ubyte.gz`, `${stem}-l`);
    }
    await window.lineOut(2);
    await window.complete('models', 'm');
    await window.complete('teacher', 't');
    await window.complete('architecture', 'ar');
    await window.complete('mlp', 'm');
    await window.lineOut(1);
    await window.complete('student', 's');
    await window.complete('architecture', 'ar');
    await window.complete('mlp', 'm');
    await window.lineOut(2);
    await window.complete('distill', 'di');
    await window.complete('match', 'ma');
    await window.complete('kd', 'kd');
    await window.press('Escape');
    await window.lineOut(4);
    await window.complete('train', 'tr');
    await window.complete('epochs', 'e');
    await window.complete('10', '1');
    await vi.waitFor(async () => {
      const text = await savedText(TYPED);
      expect(text).toContain('    - kd: { weight: 0.9, temperature: 4 }\n');
      expect(text).toMatch(/^train:\n {2}epochs: 10$/m);
    }, SOON_MS);
    await window.pressLens('Check');
    await window.notification(/typed\.kd\.yaml has no problems/).waitFor({ timeout: SOON_MS });
    await window.screenshot('typed');
    await window.pressLens('Run');
    await vi.waitFor(() => {
      const statuses = runRecords(editor.workspace).map(({ status }) => status);
      expect(['running', 'completed']).toContain(statuses[0]);
    }, RUN_MS);
    await window
      .panel()
      .locator('.state', { hasText: /Running|Completed/ })
      .waitFor({ timeout: RUN_MS });
    await window.command('Notifications: Clear All Notifications');
  });
});

/** Where something is typed, what, what is said of it, and the title of the fix. */
const FAMILIES: readonly (readonly [
  family: string,
  at: string,
  behind: number,
  typed: string,
  said: RegExp,
  fix: RegExp,
])[] = [
  ['the text', 'limit: { train: 2000, test: 500 }', 33, '}', /./, /Remove/],
  ['a key', 'batchSize', 9, 'x', /did you mean "batchSize"/, /batchSize/],
  ['a choice', 'format: idx', 11, 'x', /did you mean "idx"/, /idx/],
  ['a value', 'mlp: {', 3, 'x', /did you mean "mlp"/, /mlp/],
  ['a file', 'data/train-images', 7, 'x', /did you mean "data\/train-images/, /train-images/],
  ['a method', 'sp: {', 2, 'x', /did you mean "sp"/, /sp/],
  ['a layer', '[[stage2', 8, 'x', /did you mean "stage2"/, /stage2/],
];

describe('a fault of each family', () => {
  it('is shown as it is typed, and mended by its fix', async () => {
    await window.command('View: Close All Editors');
    await window.open(FAULTY);
    await window.lens('Check');
    const before = readFileSync(join(editor.workspace, FAULTY), 'utf8');
    const problems = await window.problems();
    const milliseconds: Record<string, number> = {};
    for (const [family, at, behind, typed, said, fix] of FAMILIES) {
      await window.command('View: Focus First Editor Group');
      const [line, column] = placeOf(editor.workspace, FAULTY, at);
      await window.goTo(line, column + behind);
      const started = performance.now();
      await window.type(typed);
      await problems.filter({ hasText: said }).first().waitFor({ timeout: SOON_MS });
      milliseconds[family] = Math.round(performance.now() - started);
      await window.goTo(line, column + behind - 1);
      await window.applyFix(fix);
      // The view may be empty for a moment before the text is mended, and the next place is one of the mended text.
      await vi.waitFor(async () => expect(await savedText(FAULTY)).toBe(before), SOON_MS);
      await vi.waitFor(async () => expect(await problems.count()).toBe(0), SOON_MS);
    }
    await window.hideProblems();
    // From the key to the entry in the Problems view, on a machine that trains beside it: to be read, not judged.
    mkdirSync(OUTPUT, { recursive: true });
    writeFileSync(join(OUTPUT, 'typing-times.json'), `${JSON.stringify(milliseconds, null, 2)}\n`);
  });
});
