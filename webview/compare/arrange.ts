import type { RunTableRow } from '../../src/protocol/panel-compare.ts';
import { strings } from '../strings.ts';
import type { CompareChoices } from './choices.ts';
import { COLUMNS, fileNameOf } from './columns.ts';
import { compareStrings } from './strings.ts';

export interface Group {
  /** Null: the rows are not grouped. */
  readonly name: string | null;
  readonly rows: readonly RunTableRow[];
}

/** The rows that fit, in groups and in order. A run with several tags stands in each of their groups. */
export function arrange(rows: readonly RunTableRow[], choices: CompareChoices): readonly Group[] {
  const shown = rows.filter((row) => (choices.archived || !row.labels.archived) && fits(row, choices.filter));
  const sorted = sort(shown, choices);
  if (choices.group === 'none') return [{ name: null, rows: sorted }];
  const groups = new Map<string, RunTableRow[]>();
  for (const row of sorted) {
    for (const name of groupsOf(row, choices.group)) {
      const group = groups.get(name) ?? [];
      group.push(row);
      groups.set(name, group);
    }
  }
  return [...groups].map(([name, own]) => ({ name, rows: own }));
}

/** Every word must occur somewhere; `tag:`, `state:` and `is:starred` say where. */
export function fits(row: RunTableRow, filter: string): boolean {
  const words = filter
    .toLocaleLowerCase()
    .split(/\s+/u)
    .filter((word) => word !== '');
  const tags = row.labels.tags.map((tag) => tag.toLocaleLowerCase());
  const state = [row.status, strings.status[row.status]].join(' ').toLocaleLowerCase();
  const all = [row.id, row.name, fileNameOf(row.config), state, row.verdict ?? '', ...tags, row.labels.note]
    .join('\n')
    .toLocaleLowerCase();
  return words.every((word) => {
    if (word.startsWith('tag:')) return tags.some((tag) => tag.includes(word.slice(4)));
    if (word.startsWith('state:')) return state.includes(word.slice(6));
    if (word === 'is:starred') return row.labels.starred;
    return all.includes(word);
  });
}

function sort(
  rows: readonly RunTableRow[],
  { sort: id, isDescending }: CompareChoices,
): readonly RunTableRow[] {
  const column = COLUMNS.find((one) => one.id === id);
  if (column === undefined) return rows;
  const sign = isDescending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [left, right] = [column.key(a), column.key(b)];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    if (typeof left === 'number' && typeof right === 'number') return sign * (left - right);
    return sign * String(left).localeCompare(String(right), undefined, { numeric: true });
  });
}

function groupsOf(row: RunTableRow, group: CompareChoices['group']): readonly string[] {
  switch (group) {
    case 'config':
      return [fileNameOf(row.config)];
    case 'status':
      return [strings.status[row.status]];
    case 'verdict':
      return [row.verdict ?? compareStrings.noVerdict];
    case 'tag':
      return row.labels.tags.length === 0 ? [compareStrings.noTag] : row.labels.tags;
    case 'none':
      return [];
  }
}
