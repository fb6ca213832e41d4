import type { RunTableRow } from '../../src/protocol/panel-compare.ts';
import type { JsonNumber } from '../../src/protocol/records.ts';
import {
  compactText,
  countText,
  dateText,
  durationText,
  numberText,
  pointsText,
  shareText,
} from '../format.ts';
import { strings } from '../strings.ts';
import type { compareStrings } from './strings.ts';

/** A column of the table of runs: by what it sorts, and what it shows. */
export interface Column {
  readonly id: keyof typeof compareStrings.column;
  readonly isNumber: boolean;
  /** Null: it has none, and stands last whichever way is up. */
  readonly key: (row: RunTableRow) => string | number | null;
  readonly text: (row: RunTableRow) => string;
}

const dash = strings.dash;
const orDash = <T>(value: T | null, show: (value: T) => string) => (value === null ? dash : show(value));

function share(id: Column['id'], of: (row: RunTableRow) => JsonNumber | null): Column {
  return { id, isNumber: true, key: (row) => finite(of(row)), text: (row) => orDash(of(row), shareText) };
}

function count(id: Column['id'], of: (row: RunTableRow) => number | null, show = compactText): Column {
  return { id, isNumber: true, key: of, text: (row) => orDash(of(row), show) };
}

function words(id: Column['id'], of: (row: RunTableRow) => string): Column {
  return { id, isNumber: false, key: (row) => of(row) || null, text: of };
}

function finite(value: JsonNumber | null): number | null {
  return typeof value === 'number' ? value : null;
}

export function fileNameOf(path: string): string {
  return path.split(/[\\/]/u).at(-1) ?? path;
}

/** The first is always in sight. */
export const COLUMNS: readonly Column[] = [
  words('run', ({ id }) => id),
  words('name', ({ name }) => name),
  words('config', ({ config }) => fileNameOf(config)),
  words('state', ({ status }) => strings.status[status]),
  words('verdict', ({ verdict }) => verdict ?? ''),
  {
    id: 'difference',
    isNumber: true,
    key: ({ difference }) => difference,
    text: ({ difference }) => orDash(difference, (value) => pointsText(value, 2)),
  },
  share('best', ({ best }) => best),
  share('last', ({ last }) => last),
  share('teacher', ({ teacher }) => teacher),
  share('baseline', ({ baseline }) => baseline),
  count('seeds', ({ seeds }) => seeds, countText),
  count('parameters', ({ parameters }) => parameters),
  count('multiplyAdds', ({ multiplyAdds }) => multiplyAdds),
  count('latency', ({ latency }) => latency, numberText),
  count('perStep', ({ millisecondsPerStep }) => millisecondsPerStep, numberText),
  count('took', ({ seconds }) => seconds, durationText),
  {
    id: 'started',
    isNumber: false,
    key: ({ createdAt }) => createdAt,
    text: ({ createdAt }) => dateText(createdAt),
  },
  words('tags', ({ labels }) => labels.tags.join(', ')),
  words('note', ({ labels }) => labels.note),
];
