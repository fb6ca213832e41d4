import { chooseStratified } from './choose.ts';
import type { Copy } from './copies.ts';
import { groupNames, Groups } from './groups.ts';
import { knownCopies } from './known-copies.ts';
import type { Move } from './moves.ts';
import { dataError } from './problems.ts';
import type { LoadOptions } from './dataset.ts';
import type { SplitReport } from '../protocol/records.ts';
import type { Samples } from './samples.ts';
import type { DataSettings } from './settings.ts';
import { splitGroups } from './split-groups.ts';
import { validationCount } from './validation-count.ts';

/** The files as read. `test` is null where it is a share of the training files. */
export interface Read {
  readonly train: Samples;
  readonly test: Samples | null;
  readonly classes: readonly string[];
}

/** Positions among the training files, ascending; `test` is empty where it has files of its own. */
export interface ChosenSplits {
  readonly train: Int32Array;
  readonly validation: Int32Array;
  readonly test: Int32Array;
  /** Null where neither groups nor copies were asked for. */
  readonly report: SplitReport | null;
}

/** Copies that are named in the report. */
const MOST_EXAMPLES = 5;

/**
 * Chooses the splits among the training files.
 * @throws UserError KD3030 an empty split, KD3031 a group of two classes, KD3032 test samples among the training files
 */
export function chooseSplits(
  settings: DataSettings,
  { root, seed, cacheFolder }: Pick<LoadOptions, 'root' | 'seed' | 'cacheFolder'>,
  read: Read,
): ChosenSplits {
  const { train, test, classes } = read;
  const { duplicates, groupBy, limit } = settings;
  const copies =
    duplicates === undefined
      ? []
      : knownCopies(test === null ? [train] : [train, test], duplicates.likeness, cacheFolder);
  const across = copies.filter(({ first, second }) => first < train.count && second >= train.count);
  if (duplicates?.across === 'refuse' && across.length > 0) throw leak(read, across);
  const dropped = new Set(duplicates?.across === 'drop' ? acrossTrain(copies, train.count) : []);
  const all = limited(train, limit.train, { seed, name: 'split/limit/train' });
  const used = dropped.size === 0 ? all : all.filter((position) => !dropped.has(position));
  const testShare = 'fraction' in settings.test ? settings.test.fraction : 0;
  const names = groupBy === undefined ? null : groupNames(groupBy, train.names ?? null, train.count, root);
  const groups = new Groups(train.count, names, copies);
  groups.requireOneClass(train.labels, classes);
  const within = copies.filter(({ second }) => second < train.count);
  const parts =
    names === null && within.length === 0
      ? alone(settings, train, used, testShare, seed)
      : together(settings, groups, train, used, testShare, seed);
  const looked = duplicates !== undefined || groupBy !== undefined || testShare > 0;
  const report = looked
    ? {
        groups: names === null ? null : new Set(names).size,
        copies: countsOf(within),
        acrossTest: {
          ...countsOf(across),
          examples: across.slice(0, MOST_EXAMPLES).map((copy) => exampleOf(read, copy)),
        },
        dropped: all.length - used.length,
        perClass: perClass(read, parts),
      }
    : null;
  return { ...parts, report };
}

function countsOf(copies: readonly Copy[]): SplitReport['copies'] {
  const exact = copies.filter((copy) => copy.exact).length;
  const moved = copies.filter((copy) => copy.moved !== undefined).length;
  return { exact, near: copies.length - exact - moved, ...(moved === 0 ? {} : { moved }) };
}

interface Parts {
  readonly train: Int32Array;
  readonly validation: Int32Array;
  readonly test: Int32Array;
}

/** Each sample by itself: the shares of classes are kept to within one sample. */
function alone(
  settings: DataSettings,
  { labels }: Samples,
  used: Int32Array,
  testShare: number,
  seed: number,
): Parts {
  const without = (positions: Int32Array, taken: Int32Array) => {
    const set = new Set(taken);
    return positions.filter((position) => !set.has(position));
  };
  const test =
    testShare === 0
      ? new Int32Array(0)
      : chooseStratified(labels, used, Math.round(testShare * used.length), { seed, name: 'split/test' });
  const count = validationCount(settings, used.length);
  const rest = without(used, test);
  const validation = chooseStratified(labels, rest, count, { seed, name: 'split/validation' });
  return { train: requireSome(without(rest, validation)), validation, test };
}

/** Groups as a whole. */
function together(
  settings: DataSettings,
  groups: Groups,
  { labels }: Samples,
  used: Int32Array,
  testShare: number,
  seed: number,
): Parts {
  const { fraction } = settings.validation;
  const [train = used, validation = used, test = used] = splitGroups(
    { labels, groups: groups.ids, nameOf: (group) => groups.nameOf(group) },
    used,
    [1 - fraction - testShare, fraction, testShare],
    settings.stratify ?? 'samples',
    seed,
  );
  if (fraction > 0) requireSome(validation);
  if (testShare > 0) requireSome(test);
  return { train: requireSome(train), validation, test };
}

function requireSome(positions: Int32Array): Int32Array {
  if (positions.length > 0) return positions;
  throw dataError(
    'splitEmpty',
    'data.validation.fraction',
    'the shares of validation and test, with groups kept together, leave a split without samples',
    'Use other shares, finer groups or more samples.',
  );
}

/** All training samples that show what a test sample shows. */
function acrossTrain(copies: readonly Copy[], count: number): readonly number[] {
  const leaders = new Set(
    copies.filter(({ first, second }) => first < count && second >= count).map(({ first }) => first),
  );
  const followers = copies.filter(({ first, second }) => second < count && leaders.has(first));
  return [...leaders, ...followers.map(({ second }) => second)];
}

/** Use only some samples: each class keeps its share. */
export function limited(
  samples: Samples,
  limit: number | null,
  draw: { readonly seed: number; readonly name: string },
): Int32Array {
  const all = Int32Array.from({ length: samples.count }, (_, i) => i);
  return limit === null || limit >= samples.count ? all : chooseStratified(samples.labels, all, limit, draw);
}

function exampleOf({ train, test }: Read, { first, second, moved }: Copy): string {
  const name = (samples: Samples | null, n: number) => samples?.names?.[n] ?? `sample ${n}`;
  const how = moved === undefined ? '' : ` (${moveText(moved)})`;
  return `${name(train, first)} = ${name(test, second - train.count)}${how}`;
}

function moveText({ mirrored, right, down }: Move): string {
  const shift = right === 0 && down === 0 ? [] : [`shifted by ${right}, ${down}`];
  return [...(mirrored ? ['mirrored'] : []), ...shift].join(', ');
}

function leak(read: Read, across: readonly Copy[]): Error {
  const examples = across.slice(0, MOST_EXAMPLES).map((copy) => exampleOf(read, copy));
  return dataError(
    'testLeaks',
    'data.test',
    `${across.length} test samples are copies of training samples (training = test: ${examples.join('; ')})`,
    'Take them out of one of the two, or let `data.duplicates: { across: drop }` leave them out of training.',
  );
}

function perClass({ train, test, classes }: Read, parts: Parts): SplitReport['perClass'] {
  const counts = (labels: Int32Array, positions: Int32Array | null) => {
    const found = new Array<number>(classes.length).fill(0);
    const add = (label: number) => (found[label] = (found[label] ?? 0) + 1);
    if (positions === null) labels.forEach(add);
    else for (const position of positions) add(labels[position] ?? 0);
    return found;
  };
  return {
    train: counts(train.labels, parts.train),
    validation: counts(train.labels, parts.validation),
    test: test === null ? counts(train.labels, parts.test) : counts(test.labels, null),
  };
}
