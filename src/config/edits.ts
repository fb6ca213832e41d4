import { findMethod } from '../methods/index.ts';
import { UserError } from '../protocol/errors.ts';
import type { LayerPairNames } from '../protocol/records.ts';
import type { TextEdit } from './diagnostic.ts';
import { addItemAfter, addLineAfter, addToFlow, insertAt } from './insert.ts';
import { Report } from './report.ts';
import {
  entryOf,
  placeRange,
  type ConfigNode,
  type Entry,
  type ListNode,
  type MapNode,
} from './syntax/node.ts';
import { parseConfig } from './syntax/parse.ts';
import { Source } from './syntax/source.ts';

/** A teacher layer and a student layer to be matched. */
export interface PairToInsert extends LayerPairNames {
  /** The term that shall match them; absent: the first term that matches layers. */
  readonly method?: string;
}

/** Term that is added where the file has none that matches layers: it needs no equal shapes. */
const DEFAULT_METHOD = 'at';

/**
 * The edits that add a pair of layers to a term of `distill.match`, comments and formatting kept: to the pairs of the
 * first fitting term, else as a new term.
 *
 * @throws UserError KD2060 where the file cannot be read, has no `distill`, or holds the pair already
 */
export function insertPair(text: string, pair: PairToInsert): readonly TextEdit[] {
  const source = new Source('', text);
  const { root } = parseConfig(source, new Report(''));
  const distill = entryOf(root ?? undefined, 'distill')?.value;
  if (distill?.kind !== 'map') {
    throw refused('the file has no "distill" block to insert into', 'Add `distill: { match: [] }` first.');
  }
  const match = entryOf(distill, 'match')?.value;
  if (match?.kind !== 'list') return [addMatch(source, distill, pair)];
  const term = findTerm(match, pair.method);
  return [term === undefined ? addTerm(source, match, pair) : addToTerm(source, term, pair)];
}

/**
 * The one edit that adds several pairs, in their order, as `insertPair` adds each; those that are matched already stay as they are.
 *
 * @throws UserError KD2060 as `insertPair`, also where all of them are matched
 */
export function insertPairs(
  text: string,
  pairs: readonly LayerPairNames[],
  method?: string,
): readonly TextEdit[] {
  let after = text;
  for (const pair of pairs) {
    if (isMatched(after, pair, method)) continue;
    for (const edit of insertPair(after, { ...pair, ...(method === undefined ? {} : { method }) }))
      after = applied(after, edit);
  }
  if (after === text) {
    const names = pairs.map(({ teacher, student }) => `${teacher} and ${student}`).join('; ');
    throw refused(`${names} are matched already`, 'Choose another pair.');
  }
  return [difference(text, after)];
}

function isMatched(text: string, pair: LayerPairNames, method: string | undefined): boolean {
  const { root } = parseConfig(new Source('', text), new Report(''));
  const match = entryOf(entryOf(root ?? undefined, 'distill')?.value, 'match')?.value;
  const term = match?.kind === 'list' ? findTerm(match, method) : undefined;
  const pairs = entryOf(term?.settings ?? undefined, 'pairs')?.value;
  return pairs?.kind === 'list' && pairs.items.some((item) => isPair(item, pair));
}

function applied(text: string, { range, newText }: TextEdit): string {
  const source = new Source('', text);
  return text.slice(0, source.offsetAt(range.start)) + newText + text.slice(source.offsetAt(range.end));
}

/** What lies between the beginning and the end that two texts have in common. */
function difference(before: string, after: string): TextEdit {
  let start = 0;
  while (start < before.length && before[start] === after[start]) start++;
  let [end, ending] = [before.length, after.length];
  while (end > start && ending > start && before[end - 1] === after[ending - 1])
    [end, ending] = [end - 1, ending - 1];
  return { range: new Source('', before).range(start, end), newText: after.slice(start, ending) };
}

interface Term {
  readonly item: ConfigNode;
  readonly method: string;
  /** Settings of the term; null where it is written as a bare word or without settings. */
  readonly settings: MapNode | null;
  readonly entry: Entry | null;
}

function findTerm(match: ListNode, method: string | undefined): Term | undefined {
  const terms = match.items.flatMap((item): Term[] => {
    if (item.kind === 'scalar') return [{ item, method: String(item.value), settings: null, entry: null }];
    const entry = item.kind === 'map' ? item.entries[0] : undefined;
    if (entry === undefined) return [];
    return [{ item, method: entry.key, settings: entry.value.kind === 'map' ? entry.value : null, entry }];
  });
  return terms.find((term) =>
    method === undefined ? findMethod(term.method)?.needs.pairs !== undefined : term.method === method,
  );
}

function addToTerm(source: Source, { item, method, settings, entry }: Term, pair: PairToInsert): TextEdit {
  if (settings === null) {
    const text = `${method}: { pairs: [${pairText(pair)}] }`;
    const { place } = item;
    if (entry === null) {
      const inFlow = source.text.slice(0, place.start).trimEnd().at(-1) !== '-';
      return { range: placeRange(place), newText: inFlow ? `{ ${text} }` : text };
    }
    return insertAt(source, entry.keyPlace.end + 1, ` { pairs: [${pairText(pair)}] }`);
  }
  const pairs = entryOf(settings, 'pairs')?.value;
  if (pairs?.kind === 'list') return addToPairs(source, pairs, pair);
  return settings.flow
    ? addToFlow(source, settings, settings.entries.at(-1)?.value.place.end, `pairs: [${pairText(pair)}]`)
    : addLineAfter(source, settings.entries.at(-1), `pairs: [${pairText(pair)}]`);
}

function addToPairs(source: Source, pairs: ListNode, pair: PairToInsert): TextEdit {
  if (pairs.items.some((item) => isPair(item, pair))) {
    throw refused(`${pair.teacher} and ${pair.student} are matched already`, 'Choose another pair.');
  }
  const last = pairs.items.at(-1);
  if (pairs.flow || last === undefined) return addToFlow(source, pairs, last?.place.end, pairText(pair));
  return addItemAfter(source, last, pairText(pair));
}

function addTerm(source: Source, match: ListNode, pair: PairToInsert): TextEdit {
  const last = match.items.at(-1);
  if (match.flow || last === undefined)
    return addToFlow(source, match, last?.place.end, `{ ${termText(pair)} }`);
  return addItemAfter(source, last, termText(pair));
}

function addMatch(source: Source, distill: MapNode, pair: PairToInsert): TextEdit {
  if (distill.flow) {
    const end = distill.entries.at(-1)?.value.place.end;
    return addToFlow(source, distill, end, `match: [{ ${termText(pair)} }]`);
  }
  return addLineAfter(source, distill.entries.at(-1), `match: [{ ${termText(pair)} }]`);
}

function isPair(node: ConfigNode, pair: LayerPairNames): boolean {
  const names =
    node.kind === 'list' ? node.items : [entryOf(node, 'teacher')?.value, entryOf(node, 'student')?.value];
  const [teacher, student] = names.map((name) => (name?.kind === 'scalar' ? name.value : undefined));
  return teacher === pair.teacher && student === pair.student;
}

function termText(pair: PairToInsert): string {
  return termOf(pair.method ?? DEFAULT_METHOD, [pair]);
}

/** A term of `distill.match` with its usual weight: `at: { weight: 1000, pairs: [[stage2, stage2]] }`. */
export function termOf(method: string, pairs: readonly LayerPairNames[]): string {
  const weight = findMethod(method)?.defaultWeight.value ?? 1;
  return `${method}: { weight: ${weight}, pairs: [${pairs.map(pairText).join(', ')}] }`;
}

function pairText({ teacher, student }: LayerPairNames): string {
  return `[${layerText(teacher)}, ${layerText(student)}]`;
}

/** Plain where YAML reads it as a text, else in quotes. */
function layerText(name: string): string {
  return /^[A-Za-z][\w./-]*$/.test(name) ? name : JSON.stringify(name);
}

function refused(message: string, help: string): UserError {
  return new UserError({ code: 'KD2060', message, help });
}
