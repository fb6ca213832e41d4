import { UserError } from '../protocol/errors.ts';
import { groupNames } from './groups.ts';
import type { GroupSettings } from './settings.ts';

/** Groups that are named in the message. */
const MOST_NAMED = 5;

/**
 * Where training and test samples come from files of their own, no group may stand on both sides: whoever learns from one image of a patient
 * is judged too well by another. A table counts where it names the test files too.
 *
 * @param names of the files of both sides
 * @throws UserError KD3034 where a group does; KD3033 where a table cannot be read
 */
export function requireGroupsApart(
  settings: GroupSettings,
  { train, test }: { readonly train: readonly string[]; readonly test: readonly string[] },
  root: string,
): void {
  const learned = new Set(groupNames(settings, train, train.length, root));
  const both = [...new Set(groupsOfTest(settings, test, root))].filter((name) => learned.has(name));
  if (both.length === 0) return;
  const shown = both.slice(0, MOST_NAMED).map((name) => `"${name}"`);
  const more = both.length > shown.length ? [`${both.length - shown.length} more`] : [];
  const subject = both.length === 1 ? 'a group stands' : `${both.length} groups stand`;
  throw new UserError({
    code: 'KD3034',
    key: 'data.groupBy',
    message: `${subject} among the training files and among the test files: ${[...shown, ...more].join(', ')}`,
    help: 'Move all files of a group to one side, let `data.test: { fraction: 0.2 }` cut the test split from the training files, or leave `groupBy` out where equal names mean nothing.',
  });
}

function groupsOfTest(settings: GroupSettings, test: readonly string[], root: string): readonly string[] {
  try {
    return groupNames(settings, test, test.length, root);
  } catch (error) {
    // The table is that of the training files, which was read before.
    if (error instanceof UserError) return [];
    throw error;
  }
}
