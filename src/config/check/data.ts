import { apportion } from '../../data/choose.ts';
import type { DataSettings, GroupSettings, TestShare } from '../../data/settings.ts';
import { dataPath } from '../files.ts';
import type { LooseConfig } from '../loose.ts';
import { keyPlace, nearestNode, nodeAt, type Path } from '../syntax/node.ts';
import { parsePath } from '../compose/overrides.ts';
import type { CheckContext } from './context.ts';
import { reportProblem } from './models.ts';
import { resolvePath } from './paths.ts';
import { isUnanswered } from './unanswered.ts';

/** What headers and folders say of the data. */
export interface DataFacts {
  /** Height, width, channels. */
  readonly shape: readonly [number, number, number];
  readonly classes: number;
  /** Label 0 first. */
  readonly classNames: readonly string[];
  /** Training samples that a limit leaves, before the validation split; null where unknown. */
  readonly trainCount: number | null;
  /** The same of each class; null where unknown. */
  readonly trainPerClass: readonly number[] | null;
}

/** The part of the settings that says where the data lies. */
export type DataPlaces = { readonly groupBy?: GroupSettings } & (
  | Pick<Extract<DataSettings, { format: 'idx' }>, 'format' | 'train' | 'test'>
  | Pick<Extract<DataSettings, { format: 'image-folder' }>, 'format' | 'train' | 'test' | 'size' | 'channels'>
);

/** Absolute paths of the data; null, with diagnostics, where one of them cannot be used. */
export function resolveDataPlaces(value: LooseConfig, context: CheckContext): DataPlaces | null {
  const path = (steps: Path, kind: 'file' | 'folder') =>
    resolvePath(nodeAt(context.tree, ['data', ...steps]), kind, context);
  const { data } = value;
  const groups = groupsOf(value, context);
  if (groups === null) return null;
  if (data?.format === 'idx') {
    const files = (split: 'train' | 'test') => ({
      inputs: path([split, 'inputs'], 'file'),
      labels: path([split, 'labels'], 'file'),
    });
    const train = files('train');
    const test = shareOf(data) ?? whole(files('test'));
    return isWhole(train) && test !== null ? { format: 'idx', train, test, ...groups } : null;
  }
  if (data?.format === 'image-folder') {
    const train = { folder: path(['train', 'folder'], 'folder') };
    const test = shareOf(data) ?? whole({ folder: path(['test', 'folder'], 'folder') });
    if (!isWhole(train) || test === null) return null;
    return {
      format: 'image-folder',
      train,
      test,
      size: sizeOf(data.size),
      channels: data.channels === 'grey' ? 1 : 3,
      ...groups,
    };
  }
  return null;
}

/** Nothing where there are none; null, with diagnostics, where they cannot be used. */
function groupsOf({ data }: LooseConfig, context: CheckContext): { readonly groupBy?: GroupSettings } | null {
  const { stem, table } = data?.groupBy ?? {};
  if (stem?.marks !== undefined) {
    const at = nodeAt(context.tree, ['data', 'groupBy']);
    if (data?.format === 'idx' && at !== undefined) {
      context.report.add('KD3033', at.place, {
        message: 'samples of IDX files have no names to group by',
        help: 'Group by a `table` with a row for each sample.',
      });
      return null;
    }
    return { groupBy: { by: 'stem', marks: stem.marks.filter((mark) => mark !== undefined) } };
  }
  if (table?.name === undefined || table.group === undefined) return {};
  const file = resolvePath(nodeAt(context.tree, ['data', 'groupBy', 'table', 'file']), 'file', context);
  return file === null ? null : { groupBy: { by: 'table', file, name: table.name, group: table.group } };
}

function shareOf({ test }: NonNullable<LooseConfig['data']>): TestShare | null {
  return test?.fraction === undefined ? null : { fraction: test.fraction };
}

function whole<T extends Readonly<Record<string, string | null>>>(paths: T) {
  return isWhole(paths) ? paths : null;
}

function isWhole<T extends Readonly<Record<string, string | null>>>(
  paths: T,
): paths is T & Record<keyof T, string> {
  return Object.values(paths).every((path) => path !== null);
}

function sizeOf(
  size: number | readonly (number | undefined)[] | undefined,
): readonly [number, number] | null {
  if (size === undefined) return null;
  if (typeof size === 'number') return [size, size];
  const [height, width] = size;
  return height === undefined || width === undefined ? null : [height, width];
}

/** Looks at headers and folders; what is wrong with them goes to the report at the key that names them. */
export function inspect(places: DataPlaces, value: LooseConfig, context: CheckContext): DataFacts | null {
  const classes = value.data?.classes?.filter((name) => name !== undefined);
  // Only what says where the data lies, so that the answer is remembered while the rest is edited.
  const inspection = context.files.inspect(
    {
      ...places,
      ...(classes === undefined ? {} : { classes }),
      validation: { fraction: 0 },
      normalize: 'none',
      augment: [],
      limit: { train: null, test: null },
    },
    context.root,
  );
  const train = nearestNode(context.tree, ['data', 'train']).place;
  if (isUnanswered(dataPath(places), 'the data', train, context) || inspection === null) return null;
  const { shape, classes: found, counts, perClass, problems } = inspection;
  for (const problem of problems) {
    const path = parsePath(problem.key ?? '') ?? ['data'];
    const node = nodeAt(context.tree, path);
    if (node !== undefined) reportProblem(problem, node, context);
    else
      reportProblem(
        problem,
        { ...nearestNode(context.tree, path), place: keyPlace(context.tree, ['data']) },
        context,
      );
  }
  if (shape === null || found === null) return null;
  const limit = value.data?.limit?.train;
  const trainCount = counts.train === null ? null : Math.min(counts.train, limit ?? counts.train);
  const trainPerClass = perClass === null || trainCount === null ? null : apportion(perClass, trainCount);
  return { shape, classes: found.length, classNames: found, trainCount, trainPerClass };
}
