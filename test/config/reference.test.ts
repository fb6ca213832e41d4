import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CODES } from '../../src/config/codes.ts';
import { referenceFiles } from '../../src/config/reference/pages.ts';
import { DATA_CODES } from '../../src/data/problems.ts';
import { MODEL_CODES } from '../../src/models/problems.ts';

const root = join(import.meta.dirname, '../..');
const files = referenceFiles();

describe('the reference pages', () => {
  it.each(Object.keys(files))('%s is up to date (else run `node scripts/make-docs.mjs`)', (path) => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(files[path]);
  });

  it('have no page of a method that is gone', () => {
    const pages = readdirSync(join(root, 'docs/methods')).map((name) => `docs/methods/${name}`);
    expect(pages.filter((page) => !(page in files))).toEqual([]);
  });

  it('explain every diagnostic, those of data and models too', () => {
    for (const code of [...Object.keys(CODES), ...Object.values(DATA_CODES), ...Object.values(MODEL_CODES)]) {
      expect(files['docs/diagnostics.md']).toContain(`## ${code}\n`);
    }
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
