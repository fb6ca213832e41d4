import { groupNames } from './groups.ts';
import { dataError } from './problems.ts';
import type { GroupSettings } from './settings.ts';

/** Groups that are named in the message. */
const MOST_NAMED = 5;

/**
 * Where training and test samples come from files of their own, no group of names may stand on both sides: whoever learns from one image of
 * a patient is judged too well by another.
 *
 * @param names of the files of both sides
 * @throws UserError KD3034 where one does; KD3033 where a table cannot be read
 */
export function requireGroupsApart(
  settings: GroupSettings,
  { train, test }: { readonly train: readonly string[]; readonly test: readonly string[] },
  root: string,
): void {
  const learned = new Set(groupNames(settings, train, train.length, root));
  const judged = groupNames(settings, test, test.length, root, 'left out');
  const both = [...new Set(judged)].filter((name) => name !== '' && learned.has(name));
  if (both.length === 0) return;
  const shown = both.slice(0, MOST_NAMED).map((name) => `"${name}"`);
  const more = both.length > shown.length ? [`${both.length - shown.length} more`] : [];
  throw dataError(
    'groupOnBothSides',
    'data.groupBy',
    `${both.length === 1 ? 'a group stands' : `${both.length} groups stand`} among the training files and among the test files: ${[...shown, ...more].join(', ')}`,
    'Move all files of a group to one side, let `data.test: { fraction: 0.2 }` cut the test split from the training files, or leave `groupBy` out where equal names mean nothing.',
  );
}
