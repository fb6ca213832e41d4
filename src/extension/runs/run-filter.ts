import { basename } from 'node:path';
import type { RunStatus } from '../../protocol/records.ts';
import { boolean, list, literal, object, read, text } from '../../protocol/shape.ts';
import { RUN_STATUSES } from '../../protocol/records.ts';
import { labelsOfEntry, type RunEntry } from './run-entry.ts';

/** Which runs the Runs view shows. Of one kind any may fit, of different kinds all must; an empty kind asks for nothing. */
export interface RunFilter {
  readonly starred: boolean;
  /** Archived runs too. */
  readonly archived: boolean;
  readonly statuses: readonly RunStatus[];
  readonly tags: readonly string[];
  /** Paths of config files. */
  readonly configs: readonly string[];
}

export const NO_FILTER: RunFilter = { starred: false, archived: false, statuses: [], tags: [], configs: [] };

const MOST = 1_000;
const LONGEST = 10_000;
const shape = object<RunFilter>({
  starred: boolean,
  archived: boolean,
  statuses: list(literal(...RUN_STATUSES), MOST),
  tags: list(text(LONGEST), MOST),
  configs: list(text(LONGEST), MOST),
});

/** What a window remembered; nothing where it makes no sense any more. */
export function readFilter(value: unknown): RunFilter {
  const found = read(shape, value, 'filter');
  return found.ok ? found.value : NO_FILTER;
}

export function isFiltering(filter: RunFilter): boolean {
  return filter !== NO_FILTER && JSON.stringify(filter) !== JSON.stringify(NO_FILTER);
}

export function fits(entry: RunEntry, { starred, archived, statuses, tags, configs }: RunFilter): boolean {
  const labels = labelsOfEntry(entry);
  return (
    (archived || !labels.archived) &&
    (!starred || labels.starred) &&
    (statuses.length === 0 || statuses.includes(entry.status)) &&
    (tags.length === 0 || tags.some((tag) => labels.tags.includes(tag))) &&
    (configs.length === 0 || configs.includes(entry.record.config))
  );
}

/** `starred · failed, stopped · tag good`; empty where nothing is asked for. */
export function filterText({ starred, archived, statuses, tags, configs }: RunFilter): string {
  return [
    starred ? 'starred' : '',
    statuses.join(', '),
    tags.length === 0 ? '' : `tag ${tags.join(', ')}`,
    configs.map((config) => basename(config)).join(', '),
    archived ? 'archived too' : '',
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

/** One thing that can be asked for, and whether it is. */
export interface FilterChoice {
  readonly label: string;
  readonly detail: string;
  readonly picked: boolean;
  /** The filter that asks for it beside what `of` asks for. */
  readonly add: (of: RunFilter) => RunFilter;
}

/** Everything that these runs can be told apart by, states that occur alone. */
export function filterChoices(entries: readonly RunEntry[], filter: RunFilter): readonly FilterChoice[] {
  const occurring = <T>(values: readonly T[]) => [...new Set(values)];
  const statuses = RUN_STATUSES.filter((status) => entries.some((entry) => entry.status === status));
  const tags = occurring(entries.flatMap((entry) => labelsOfEntry(entry).tags)).sort();
  const configs = occurring(entries.map(({ record }) => record.config)).sort();
  const countOf = (wanted: RunFilter) => {
    const count = entries.filter((entry) => fits(entry, wanted)).length;
    return count === 1 ? '1 run' : `${count} runs`;
  };
  const choice = (label: string, picked: boolean, alone: Partial<RunFilter>): FilterChoice => ({
    label,
    picked,
    detail: countOf({ ...NO_FILTER, ...alone }),
    add: (of) => ({
      starred: of.starred || alone.starred === true,
      archived: of.archived || alone.archived === true,
      statuses: [...of.statuses, ...(alone.statuses ?? [])],
      tags: [...of.tags, ...(alone.tags ?? [])],
      configs: [...of.configs, ...(alone.configs ?? [])],
    }),
  });
  return [
    choice('Starred', filter.starred, { starred: true }),
    ...statuses.map((status) => choice(status, filter.statuses.includes(status), { statuses: [status] })),
    ...tags.map((tag) => choice(`Tag: ${tag}`, filter.tags.includes(tag), { tags: [tag] })),
    ...configs.map((config) =>
      choice(`Experiment: ${basename(config)}`, filter.configs.includes(config), { configs: [config] }),
    ),
    choice('Archived too', filter.archived, { archived: true }),
  ];
}
