import type { RunTableRow } from '../../src/protocol/panel-compare.ts';
import type { JsonNumber } from '../../src/protocol/records.ts';
import { compactText, countText, dateText, durationText, numberText } from '../format.ts';
import { differenceIn, judgedText, namedText, unitOf, withUnit } from '../metric-text.ts';
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

/** What models of the run have reached in the metric that it is judged by. */
function reached(id: Column['id'], of: (row: RunTableRow) => JsonNumber | null): Column {
  return {
    ...{ id, isNumber: true },
    key: (row) => finite(of(row)),
    text: (row) => orDash(of(row), (value) => namedText(row.metric, judgedText(row.metric, value))),
  };
}

function count(id: Column['id'], of: (row: RunTableRow) => number | null, show = compactText): Column {
  return { id, isNumber: true, key: of, text: (row) => orDash(of(row), show) };
}

/** Of accuracy in points, which need no name. */
function differenceText(metric: string, value: number): string {
  const unit = unitOf(metric) ?? 'points';
  const text = differenceIn(value, unit);
  return metric === 'accuracy' ? text : namedText(metric, withUnit(text, unit));
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
    text: ({ difference, metric }) => orDash(difference, (value) => differenceText(metric, value)),
  },
  reached('best', ({ best }) => best),
  reached('last', ({ last }) => last),
  reached('teacher', ({ teacher }) => teacher),
  reached('baseline', ({ baseline }) => baseline),
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
