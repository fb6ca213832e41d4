import type { Position, Range } from '../../protocol/errors.ts';
import { Report } from '../report.ts';
import type { ConfigNode } from '../syntax/node.ts';
import { parseConfig } from '../syntax/parse.ts';
import { Source } from '../syntax/source.ts';
import type { Fold } from './types.ts';

interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Blocks and items over several lines, and runs of comments. */
export function foldsIn(text: string): Fold[] {
  const source = new Source('', text);
  const { root } = parseConfig(source, new Report(''));
  const regions = (root === null ? [] : foldable(root)).flatMap(({ start, end }): Fold[] => {
    const startLine = source.lineAt(start);
    const endLine = source.lineAt(source.text.slice(0, end).trimEnd().length);
    return endLine > startLine ? [{ startLine, endLine, kind: 'region' }] : [];
  });
  const known = new Set<number>();
  const outermost = regions.filter(({ startLine }) => !known.has(startLine) && known.add(startLine));
  return [...outermost, ...commentFolds(source)].sort((a, b) => a.startLine - b.startLine);
}

/** Entries with their values, and items. */
function foldable(node: ConfigNode): Stretch[] {
  if (node.kind === 'scalar') return [];
  if (node.kind === 'list') return node.items.flatMap((item) => [item.place, ...foldable(item)]);
  return node.entries.flatMap(({ keyPlace, value }): Stretch[] =>
    // An alias lies elsewhere.
    value.place.start < keyPlace.end
      ? []
      : [{ start: keyPlace.start, end: value.place.end }, ...foldable(value)],
  );
}

function commentFolds(source: Source): Fold[] {
  const folds: Fold[] = [];
  let first: number | null = null;
  for (let line = 0; line <= source.lineCount; line += 1) {
    const isComment = line < source.lineCount && /^\s*#/.test(source.line(line));
    if (isComment) first ??= line;
    else if (first !== null) {
      if (line - first > 1) folds.push({ startLine: first, endLine: line - 1, kind: 'comment' });
      first = null;
    }
  }
  return folds;
}

/** What "expand selection" goes through from each position, innermost first: the word, its entry, the block, the file. */
export function selectionsAt(text: string, positions: readonly Position[]): Range[][] {
  const source = new Source('', text);
  const { root } = parseConfig(source, new Report(''));
  const stretches = root === null ? [] : [{ start: 0, end: source.text.length }, ...stretchesIn(root)];
  return positions.map((position) => {
    const offset = source.offsetAt(position);
    const around = stretches.filter(({ start, end }) => start <= offset && offset <= end);
    const sorted = around.sort((a, b) => a.end - a.start - (b.end - b.start));
    const nested: Stretch[] = [{ start: offset, end: offset }];
    for (const stretch of sorted) {
      const inner = nested.at(-1);
      const holds = inner !== undefined && stretch.start <= inner.start && inner.end <= stretch.end;
      const grows = inner === undefined || stretch.end - stretch.start > inner.end - inner.start;
      if (holds && grows) nested.push(stretch);
    }
    return nested.map(({ start, end }) => source.range(start, end));
  });
}

/** Keys, values, entries and items, from the outside in. An alias lies elsewhere and is left out. */
function stretchesIn(node: ConfigNode, within?: Stretch): Stretch[] {
  const { start, end } = node.place;
  if (within !== undefined && (start < within.start || end > within.end)) return [];
  const own: Stretch = { start, end };
  if (node.kind === 'scalar') return [own];
  if (node.kind === 'list') return [own, ...node.items.flatMap((item) => stretchesIn(item, own))];
  return [
    own,
    ...node.entries.flatMap(({ keyPlace, value }): Stretch[] => {
      const inside = value.place.start >= keyPlace.end && value.place.end <= end;
      const entry = { start: keyPlace.start, end: inside ? value.place.end : keyPlace.end };
      return [entry, keyPlace, ...(inside ? stretchesIn(value, own) : [])];
    }),
  ];
}
