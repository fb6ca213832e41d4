import { boolean, list, literal, object, text } from '../../src/protocol/shape.ts';

export const GROUPINGS = ['none', 'config', 'status', 'verdict', 'tag'] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** What a person has set in the comparison; remembered while the page is hidden. */
export interface CompareChoices {
  readonly filter: string;
  /** Id of a column. */
  readonly sort: string;
  readonly isDescending: boolean;
  readonly group: Grouping;
  /** Ids of the columns in sight. */
  readonly columns: readonly string[];
  readonly archived: boolean;
  /** Directories, in the order in which they were chosen. */
  readonly chosen: readonly string[];
  /** Empty: the one that the runs are judged by. */
  readonly metric: string;
  /** Directory of the run that all others are compared with; empty: the first; `baseline`: its baseline. */
  readonly reference: string;
  /** A comparison is in sight. */
  readonly isCompared: boolean;
}

const MOST = 1_000;
const LONGEST = 10_000;

export const compareChoices = object<CompareChoices>({
  filter: text(LONGEST),
  sort: text(LONGEST),
  isDescending: boolean,
  group: literal(...GROUPINGS),
  columns: list(text(LONGEST), MOST),
  archived: boolean,
  chosen: list(text(LONGEST), MOST),
  metric: text(LONGEST),
  reference: text(LONGEST),
  isCompared: boolean,
});

export const BASELINE = 'baseline';

export const COMPARE_AT_FIRST: CompareChoices = {
  filter: '',
  sort: 'started',
  isDescending: true,
  group: 'none',
  columns: ['state', 'verdict', 'difference', 'best', 'last', 'parameters', 'latency', 'started', 'tags'],
  archived: false,
  chosen: [],
  metric: '',
  reference: '',
  isCompared: false,
};
