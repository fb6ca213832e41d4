import { basename, dirname, isAbsolute, join } from 'node:path';
import type { Range } from '../../protocol/errors.ts';
import type { Analysis } from '../analyze.ts';
import type { FileAccess } from '../files.ts';
import { addEntry } from '../insert.ts';
import { entryOf, placeRange, type Entry, type MapNode } from '../syntax/node.ts';
import { bestPair } from './best-pair.ts';
import { analysisOf } from './context.ts';
import type { LanguageContext, Refactoring } from './types.ts';

const SEEDS = '[1, 2, 3]';
const MOST_BASES = 100;

/** Changes that fit what the range touches: a baseline and seeds, the best-matching pair, a block for a base file. */
export function refactoringsAt(text: string, range: Range, context: LanguageContext): Refactoring[] {
  const analysis = analysisOf(text, context);
  const { tree, source } = analysis;
  if (tree?.kind !== 'map') return [];
  const first = source.offsetAt(range.start);
  const last = source.offsetAt(range.end);
  const touched = tree.entries.filter(({ keyPlace, value }) => {
    // A block ends at the start of the line after it.
    const end = source.text.slice(0, Math.max(value.place.end, keyPlace.end)).trimEnd().length;
    return keyPlace.source === source && keyPlace.start <= last && first <= end;
  });
  return [
    ...comparisons(analysis, tree),
    ...(touched.some(({ key }) => key === 'distill') ? bestPair(analysis, context) : []),
    ...touched.flatMap((entry) => (context.file === null ? [] : extraction(entry, tree, analysis))),
  ];
}

/** The pair to add next, wherever the cursor is; null where all fitting ones are matched. */
export function pairSuggestion(
  text: string,
  context: LanguageContext,
): Pick<Refactoring, 'title' | 'edits'> | null {
  return bestPair(analysisOf(text, context), context)[0] ?? null;
}

/** Without a baseline and three seeds there is no verdict. */
function comparisons({ source, partial }: Analysis, tree: MapNode): Refactoring[] {
  const compare = entryOf(tree, 'compare');
  const own = tree.entries.filter(({ keyPlace }) => keyPlace.source === source);
  if (partial || own.length === 0) return [];
  if (compare === undefined) {
    const text = `compare: { baseline: true, seeds: ${SEEDS} }`;
    return [rewrite('Add a baseline and three seeds', addEntry(source, { ...tree, entries: own }, text))];
  }
  if (compare.keyPlace.source !== source || compare.value.kind !== 'map') return [];
  const baseline = entryOf(compare.value, 'baseline')?.value;
  const isOff = baseline?.kind === 'scalar' && baseline.value === false;
  const seeds = entryOf(compare.value, 'seeds');
  return [
    ...(isOff
      ? [rewrite('Compare with a baseline', { range: placeRange(baseline.place), newText: 'true' })]
      : []),
    ...(seeds === undefined && compare.value.entries.length > 0
      ? [rewrite('Add three seeds', addEntry(source, compare.value, `seeds: ${SEEDS}`))]
      : []),
  ];
}

function rewrite(title: string, edit: Refactoring['edits'][number]): Refactoring {
  return { title, kind: 'refactor.rewrite', edits: [edit] };
}

/** A block of the file, moved to a base file beside it that other experiments can extend too. */
function extraction(entry: Entry, tree: MapNode, { source, files }: Analysis): Refactoring[] {
  if (!isAbsolute(source.file) || tree.flow || ['extends', 'partial', 'name'].includes(entry.key)) return [];
  const start = source.lineStart(source.lineAt(entry.keyPlace.start));
  const end = Math.max(entry.value.place.end, entry.keyPlace.end);
  const content = source.text.slice(0, end).trimEnd().length;
  const next = Math.min(source.lineStart(source.lineAt(content) + 1), source.text.length);
  const block = source.text.slice(start, next);
  // An alias means an anchor elsewhere in this file, which the base would not have.
  if (entry.keyPlace.start !== start || /(^|[\s[{,])[&*][\w-]/.test(block)) return [];
  const file = freeName(source.file, files);
  const before = entryOf(tree, 'extends');
  const own = before?.keyPlace.source === source && before.value.kind === 'scalar' ? before.value : null;
  const inherited = own === null ? '' : `extends: ${String(own.value)}${source.eol}`;
  const name = basename(file);
  return [
    {
      title: `Extract "${entry.key}" to the base file ${name}`,
      kind: 'refactor.extract',
      edits: [
        own === null
          ? { range: source.range(start, next), newText: `extends: ${name}${source.eol}` }
          : { range: source.range(start, next), newText: '' },
        ...(own === null ? [] : [{ range: placeRange(own.place), newText: name }]),
      ],
      newFile: { file, text: `partial: true${source.eol}${inherited}${block.trimEnd()}${source.eol}` },
    },
  ];
}

function freeName(file: string, files: FileAccess): string {
  const stem = join(dirname(file), basename(file).replace(/\.kd\.yaml$|\.ya?ml$/, ''));
  for (let number = 1; number < MOST_BASES; number += 1) {
    const path = `${stem}.base${number === 1 ? '' : `-${number}`}.kd.yaml`;
    if (files.status(path) === null) return path;
  }
  return `${stem}.base-${MOST_BASES}.kd.yaml`;
}
