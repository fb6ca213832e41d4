import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generatorLosses } from '../../src/methods/data-free/index.ts';
import { catalogue, methods, schemeMethods } from '../../src/methods/index.ts';
import { refiners } from '../../src/methods/refine/index.ts';

const FOLDER = join(import.meta.dirname, '../../src/methods');
const FIXTURES = join(import.meta.dirname, '../golden/losses');

describe('the catalogue', () => {
  it('lists every method once, in camelCase, in an order that groups the kinds of knowledge', () => {
    const names = [...catalogue, ...refiners, ...generatorLosses].map((one) => one.name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z][a-zA-Z0-9]*$/);
    for (const list of [methods, schemeMethods]) {
      const kinds = list.map((method) => method.knowledge);
      expect(kinds).toEqual([...kinds].sort((a, b) => kinds.indexOf(a) - kinds.indexOf(b)));
    }
  });

  it('checks no fixture twice and names only fixtures that are shipped', () => {
    const fixtures = [...catalogue, ...refiners, ...generatorLosses].flatMap((one) =>
      one.fixtures.map((fixture) => fixture.method),
    );
    expect(new Set(fixtures).size).toBe(fixtures.length);
    for (const fixture of fixtures) expect(existsSync(join(FIXTURES, `${fixture}.json`)), fixture).toBe(true);
  });

  it.each(catalogue.map((method) => [method.name, method] as const))(
    '%s says what a reader needs',
    (_, method) => {
      expect(existsSync(join(FOLDER, method.knowledge)), method.knowledge).toBe(true);
      for (const text of [method.title, method.summary, method.formula, method.defaultWeight.source]) {
        expect(text.length).toBeGreaterThan(3);
      }
      expect(method.summary.length).toBeLessThan(160);
      expect(method.papers.length).toBeGreaterThan(0);
      expect(method.defaultWeight.value).toBeGreaterThan(0);
      const { logits, labels, pairs, layers, group } = method.needs;
      // What the paper does where both maps have another size: the hover and the page say it.
      if (pairs !== undefined) expect(method.mismatch?.length ?? 0).toBeGreaterThan(10);
      expect(
        [logits, labels, pairs, layers, group].some((need) => need !== undefined && need !== false),
      ).toBe(true);
      expect(pairs === undefined || layers === undefined, 'pairs and layers exclude each other').toBe(true);
      for (const [name, field] of Object.entries(method.parameters.fields)) {
        expect(field.doc.length, name).toBeGreaterThan(10);
        if (field.kind !== 'number' || field.default === undefined) continue;
        expect(field.source?.length ?? 0, `${name}: where its default comes from`).toBeGreaterThan(3);
        expect(field.default).toBeGreaterThanOrEqual(field.minimum ?? -Infinity);
        expect(field.default).toBeLessThanOrEqual(field.maximum ?? Infinity);
        expect(field.default).toBeGreaterThan(field.exclusiveMinimum ?? -Infinity);
        expect(field.default).toBeLessThan(field.exclusiveMaximum ?? Infinity);
      }
    },
  );
});
