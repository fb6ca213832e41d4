import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkConfig } from '../../src/config/check/check.ts';
import { createWorkspace } from './workspace.ts';

const CORPUS = join(import.meta.dirname, 'corpus');
const DIAGNOSTICS = readFileSync(join(import.meta.dirname, '../../docs/diagnostics.md'), 'utf8');

/**
 * What must be refused before a run, each with files of the corpus (whose test finds code and place, and heals what has a fix) and
 * with what the next step says.
 */
const REFUSED: readonly (readonly [string, readonly string[], RegExp])[] = [
  [
    'a pair of incompatible shapes without an adapter',
    ['KD2204-no-adapter', 'KD2204-maps-of-other-sizes', 'KD2204-vector-for-a-map', 'KD2204-pair-of-a-phase'],
    /Choose .*layer|Name a layer/,
  ],
  [
    'labels where there are none',
    ['KD2218-labels-of-made-images', 'KD2118-labels-of-crd'],
    /Choose a method|Leave|Remove|Use/,
  ],
  [
    'a term that compares two layers, of which there is one',
    ['KD2007-one-pair-for-two', 'KD2007-one-layer-for-two'],
    /\[teacher layer, student layer\]|layers of the student/,
  ],
  ['a classifier that the teacher lacks', ['KD2204-no-dense-classifier'], /whose last layer is dense/],
  ['two maps of one layer', ['KD2213-layer-twice', 'KD2213-pair-twice'], /Remove one/],
  ['a bank larger than memory', ['KD2410-bank'], /smaller embeddings/],
  [
    'a temperature out of range',
    ['KD2004-negative-temperature', 'KD2004-temperature-to-zero', 'KD2004-temperature-by-a-factor'],
    /above 0|End above 0|factor below 1/,
  ],
  ['a weight out of range', ['KD2004-negative-weight', 'KD2004-infinite'], /from 0 to/],
  [
    'a teacher with other classes',
    ['KD2207-classes-differ', 'KD2115-teacher-knows-less'],
    /same classes|knows every class/,
  ],
  ['one peer', ['KD2004-one-peer', 'KD2215-one-peer'], /from 2 to|two or more/],
  ['a frozen student', ['KD2215-frozen-student'], /Remove it from/],
  ['a weight schedule that ends at infinity', ['KD2004-schedule-to-infinity'], /Give a number from 0 to/],
  [
    'a refiner over a term that it cannot refine',
    ['KD2218-refined-layers', 'KD2218-augmented-answers', 'KD2218-refiner-of-a-phase'],
    /Remove it, or refine a term/,
  ],
  [
    'a search in two levels without validation data',
    ['KD2222-nothing-to-search-on', 'KD2215-search-on-training', 'KD2222-no-turn'],
    /validation/,
  ],
  ['a graft between blocks that do not fit', ['KD2106-blocks-that-do-not-fit'], /joints/],
  [
    'a class subset that the data lacks',
    ['KD2114-class-number-beyond', 'KD2114-class-misspelt'],
    /label 0 first|classes/,
  ],
  ['a quantiser below 1 bit', ['KD2004-quantizer-below-one-bit', 'KD2004-half-a-bit'], /from 1 to 8/],
  [
    'an ensemble of one',
    ['KD2221-ensemble-of-one', 'KD2221-ensemble-of-one-in-a-phase', 'KD2220-several-teachers-of-one'],
    /several|bayesian/,
  ],
  [
    'a group on both sides of a split',
    ['KD3034-group-on-both-sides', 'KD3034-patient-of-a-table-on-both-sides'],
    /one side/,
  ],
];

describe('what cannot work is said before the run', () => {
  it.each(REFUSED)('%s: with what to do next, and a section of the reference', (_what, names, next) => {
    const workspace = createWorkspace();
    for (const name of names) {
      const file = join(CORPUS, `${name}.kd.yaml`);
      expect(existsSync(file), name).toBe(true);
      const text = readFileSync(file, 'utf8').replaceAll(/[⟦⟧]/g, '');
      const memory = Number(/^# memory: (.*)/m.exec(text)?.[1] ?? Infinity);
      const [fault] = checkConfig({
        file: join(workspace.root, 'experiment.kd.yaml'),
        text,
        root: workspace.root,
        machine: { memory, freeDisk: () => Infinity },
      });
      expect(fault?.code, name).toBe(name.slice(0, 6));
      expect(fault?.help, name).toMatch(next);
      expect(DIAGNOSTICS).toContain(`## ${fault?.code ?? ''}\n`);
    }
    workspace.remove();
  });
});
