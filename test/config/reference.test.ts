import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CODES } from '../../src/config/codes.ts';
import { pageOf } from '../../src/config/page-of.ts';
import { referenceFiles } from '../../src/config/reference/pages.ts';
import type { StoredResults } from '../../src/config/reference/results.ts';
import { DATA_CODES } from '../../src/data/problems.ts';
import { MODEL_CODES } from '../../src/models/problems.ts';
import { SYSTEMS } from '../../src/config/systems.ts';
import { PROBLEMS } from '../../src/protocol/problems/index.ts';

const root = join(import.meta.dirname, '../..');
const results = JSON.parse(readFileSync(join(root, 'docs/results.json'), 'utf8')) as StoredResults;
const files = referenceFiles(results);

/** Formula, paper, figure, parameters and notes, each under its own sign. */
function explains(page = ''): void {
  const text = /^```text\n[^`]{20,}/m;
  const [before = '', after = ''] = page.split('\n## Data flow\n');
  expect(before).toMatch(text);
  expect(before).toMatch(/^- .+: .+ \d{4}/m);
  expect(after).toMatch(text);
  expect(after).toMatch(/^## Parameters\n\n(\| key|None)/m);
  const [, notes = ''] = after.split('\n## Notes\n');
  expect(notes).toMatch(/^\n- \S/);
  expect(page).toMatch(/inferred/i);
}

describe('the reference pages', () => {
  it.each(Object.keys(files))('%s is up to date (else run `node scripts/make-docs.mjs`)', (path) => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(files[path]);
  });

  it('have no page of a method that is gone', () => {
    const folders = ['methods', 'refiners', 'generators', 'modules', 'schemes', 'models', 'recipes'];
    const pages = folders.flatMap((folder) =>
      readdirSync(join(root, 'docs', folder)).map((name) => `docs/${folder}/${name}`),
    );
    expect(pages.filter((page) => !(page in files))).toEqual([]);
  });

  it.each([...new Set(SYSTEMS.flatMap(({ pages }) => pages))])(
    'say of %s where it comes from, its formula, how data flow, what it takes, what is inferred and where its limits lie',
    (name) => {
      explains(files[`docs/${pageOf(name) ?? ''}`]);
    },
  );

  it('explain every diagnostic, those of data and models too', () => {
    for (const code of [...Object.keys(CODES), ...Object.values(DATA_CODES), ...Object.values(MODEL_CODES)]) {
      expect(files['docs/diagnostics.md']).toContain(`## ${code}\n`);
    }
  });
});

describe('the page of problems', () => {
  const source = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.ts') && !path.replaceAll('\\', '/').startsWith('protocol/problems/'),
  );
  const used = new Set(
    source.flatMap((path) => readFileSync(join(root, 'src', path), 'utf8').match(/KD[4-9]\d{3}/g) ?? []),
  );

  it('explains every code that the source has (else add it to src/protocol/problems)', () => {
    expect([...used].filter((code) => !Object.hasOwn(PROBLEMS, code)).sort()).toEqual([]);
  });

  it('explains no code that the source no longer has', () => {
    expect(Object.keys(PROBLEMS).filter((code) => !used.has(code))).toEqual([]);
    expect(used.size).toBeGreaterThan(50);
  });

  it('has them in order, none of them a code of the experiment file', () => {
    const codes = Object.keys(PROBLEMS);
    expect(codes).toEqual([...codes].sort());
    expect(codes.filter((code) => Object.hasOwn(CODES, code))).toEqual([]);
  });
});

describe('the JSON Schema', () => {
  const schema = JSON.parse(files['media/schema.json'] ?? '') as Record<string, unknown>;

  it('refers only to definitions that it has', () => {
    const text = JSON.stringify(schema);
    const referred = [...text.matchAll(/"\$ref":"#\/definitions\/([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(referred.length).toBeGreaterThan(0);
    expect(referred.filter((name) => !Object.hasOwn(schema['definitions'] as object, name))).toEqual([]);
  });

  it('knows the required keys and refuses unknown ones', () => {
    expect(schema).toMatchObject({
      required: ['data', 'models', 'distill', 'train'],
      additionalProperties: false,
    });
  });

  it('does not offer what this version cannot run', () => {
    expect(Object.keys(schema['properties'] as object)).not.toContain('sweep');
  });
});
