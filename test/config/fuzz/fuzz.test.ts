import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { createDisk } from '../../../src/config/disk.ts';
import { Analyses } from '../../../src/config/language/analyses.ts';
import type { LanguageContext } from '../../../src/config/language/types.ts';
import type { Position, Range } from '../../../src/protocol/errors.ts';
import { UserError } from '../../../src/protocol/errors.ts';
import { configLanguage as language } from '../../../src/server/config-language.ts';
import { counts } from '../../support/counts.ts';
import { createWorkspace, HEALTHY, type ConfigWorkspace } from '../workspace.ts';
import { grammatical, mutated } from './inputs.ts';

/** Inputs of both fuzzers together: every release draws the soak's hundred thousand. */
const INPUTS = counts({ test: 5000, soak: 100_000 });
const MINUTES_ALLOWED = counts({ test: 5, soak: 90 });
/** Every number drawn follows from it; a failure prints its own path. */
const SEED = 20_261_125;

/** Inputs that once brought a defect to light. */
const kept = readdirSync(join(import.meta.dirname, 'kept')).sort();
const corpus = join(import.meta.dirname, '..', 'corpus');
const seeds = readdirSync(corpus).map((name) =>
  readFileSync(join(corpus, name), 'utf8').replace(/[⟦⟧]/g, ''),
);

let workspace: ConfigWorkspace;
let context: LanguageContext;
beforeAll(() => {
  workspace = createWorkspace();
  context = {
    file: join(workspace.root, 'a.kd.yaml'),
    workspaceFolders: [workspace.root],
    files: createDisk(),
    analyses: new Analyses(),
  };
});
afterAll(() => workspace.remove());

type Diagnostics = ReturnType<typeof language.check>;

/** An input as the questions about it see it. */
interface Asked {
  readonly text: string;
  readonly document: TextDocument;
  /** Somewhere in the text. */
  readonly place: Position;
  readonly found: Diagnostics;
  /** Whether a range is one of the text. */
  readonly lies: (range: Range) => boolean;
}

/** Every input is checked and goes through one of these; the kept ones through all. */
const QUESTIONS: readonly ((asked: Asked) => void)[] = [
  ({ text, place, lies }) => {
    const completions = language.complete(text, place, context);
    expect(completions.every(({ range, label }) => lies(range) && label !== '')).toBe(true);
  },
  ({ text, place, lies }) => {
    language.hover(text, place, context);
    language.definition(text, place, context);
    language.references(text, place, context);
    expect(language.links(text, context).every(({ range }) => lies(range))).toBe(true);
    expect(language.tokens(text, context).every(({ range }) => lies(range))).toBe(true);
    expect(
      language.hints(text, context).every(({ position }) => lies({ start: position, end: position })),
    ).toBe(true);
  },
  ({ text, place }) => {
    language.refactorings(text, { start: place, end: place }, context);
    if (language.renameable(text, place, context) === null) return;
    try {
      language.rename(text, place, 'renamed', context);
    } catch (error) {
      // A refusal is an answer.
      if (!(error instanceof UserError)) throw error;
    }
  },
  ({ text, place, lies }) => {
    const folds = language.folds(text);
    const asRange = ({ startLine, endLine }: (typeof folds)[number]): Range => ({
      start: { line: startLine, character: 0 },
      end: { line: endLine, character: 0 },
    });
    expect(folds.every((fold) => fold.startLine < fold.endLine && lies(asRange(fold)))).toBe(true);
    expect(language.selections(text, [place])[0]?.every(lies)).toBe(true);
    expect(language.symbols(text).every(({ name, range }) => name !== '' && lies(range))).toBe(true);
    expect(language.blocks(text)[0]?.path).toBe('document');
  },
  ({ text, document, found }) => {
    const edits = [...language.format(text)];
    if (edits.length === 0) return;
    const formatted = TextDocument.applyEdits(document, edits);
    expect(language.format(formatted)).toEqual([]);
    // Laying out changes no fault but those of the layout itself.
    const codes = (diagnostics: Diagnostics) => diagnostics.map(({ code }) => code).sort();
    expect(codes(language.check(formatted, context))).toEqual(codes(found));
  },
];

/** @param questions which of them; the length of the text decides where it is left out */
function survives(text: string, questions = [QUESTIONS[text.length % QUESTIONS.length]]): void {
  const document = TextDocument.create('', '', 1, text);
  const lineCount = text.split(/\r\n|\r|\n/).length;
  const lies = ({ start, end }: Range) =>
    start.line <= end.line && end.line < lineCount && start.character >= 0 && end.character >= 0;
  const found = language.check(text, context);
  for (const { code, message, range, fixes } of found) {
    expect(code).toMatch(/^KD\d{4}$/);
    expect(message).not.toBe('');
    expect(lies(range)).toBe(true);
    for (const { edits } of fixes) expect(edits.every((edit) => lies(edit.range))).toBe(true);
  }
  const place = document.positionAt(Math.floor(text.length / 3));
  for (const ask of questions) ask?.({ text, document, place, found, lies });
}

describe('whatever is typed', () => {
  it.each(kept)('survives what once brought a defect to light: %s', (name) => {
    survives(readFileSync(join(import.meta.dirname, 'kept', name), 'utf8'), [...QUESTIONS]);
  });

  it.each([
    ['configs made by the grammar of the language', grammatical],
    ['configs with bytes changed', mutated([...seeds, HEALTHY])],
  ])(
    `survives ${INPUTS / 2} %s`,
    (_, inputs) => {
      fc.assert(
        fc.property(inputs, (text) => survives(text)),
        { numRuns: INPUTS / 2, seed: SEED },
      );
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    },
    MINUTES_ALLOWED * 60_000,
  );
});
