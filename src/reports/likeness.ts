import { differencesOf, settingsOf } from '../config/differences.ts';
import { UserError } from '../protocol/errors.ts';
import type { RunFacts } from './run-facts.ts';

/** What decides about the data that a model is trained and tested on. */
const OF_THE_DATA = /^(data\.(?!augment|strongAugment|teacherView)|train\.seed$)/u;
const MOST_NAMED = 5;

/**
 * Numbers of different test samples are no pairs. Throws KD5051 where two runs read other files, other splits or other
 * preprocessing, with what differs.
 */
export function requireSameData(all: readonly RunFacts[]): void {
  const [first, ...others] = all;
  for (const other of others) {
    if (first === undefined || isSameData(first, other)) continue;
    throw new UserError({
      code: 'KD5051',
      message: `${first.record.id} and ${other.record.id} cannot be compared: ${reasonOf(first, other)}`,
      help: 'compare runs of one data set, one split and one train.seed; run one of them again where they differ',
      file: other.run.path,
    });
  }
}

function isSameData({ record: a }: RunFacts, { record: b }: RunFacts): boolean {
  return a.dataHash !== undefined && a.dataHash === b.dataHash && a.data?.classes === b.data?.classes;
}

function reasonOf(a: RunFacts, b: RunFacts): string {
  if (a.record.dataHash === undefined || b.record.dataHash === undefined)
    return `${(a.record.dataHash === undefined ? a : b).record.id} does not tell which data it read`;
  const differing = differencesOf([settingsOf(a.config), settingsOf(b.config)]).filter(({ key }) =>
    OF_THE_DATA.test(key),
  );
  if (differing.length === 0) return 'their data files have other content';
  const named = differing
    .slice(0, MOST_NAMED)
    .map(({ key, values }) => `${key} is ${values.map((value) => value ?? 'not set').join(' and ')}`);
  return `other data or other splits: ${named.join('; ')}`;
}
