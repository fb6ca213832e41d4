import { inspectData } from '../../data/inspect.ts';
import type { DataSettings } from '../../data/settings.ts';
import type { LooseConfig } from '../loose.ts';
import { keyPlace, nearestNode, nodeAt, type Path } from '../syntax/node.ts';
import { parsePath } from '../compose/overrides.ts';
import type { CheckContext } from './context.ts';
import { reportProblem } from './models.ts';
import { resolvePath } from './paths.ts';

/** What headers and folders say of the data. */
export interface DataFacts {
  /** Height, width, channels. */
  readonly shape: readonly [number, number, number];
  readonly classes: number;
  /** Training samples that a limit leaves, before the validation split; null where unknown. */
  readonly trainCount: number | null;
}

/** The part of the settings that says where the data lies. */
export type DataPlaces =
  | Pick<Extract<DataSettings, { format: 'idx' }>, 'format' | 'train' | 'test'>
  | Pick<
      Extract<DataSettings, { format: 'image-folder' }>,
      'format' | 'train' | 'test' | 'size' | 'channels'
    >;

/** Absolute paths of the data; null, with diagnostics, where one of them cannot be used. */
export function resolveDataPlaces(value: LooseConfig, context: CheckContext): DataPlaces | null {
  const path = (steps: Path, kind: 'file' | 'folder') =>
    resolvePath(nodeAt(context.tree, ['data', ...steps]), kind, context);
  const { data } = value;
  if (data?.format === 'idx') {
    const files = (split: 'train' | 'test') => ({
      inputs: path([split, 'inputs'], 'file'),
      labels: path([split, 'labels'], 'file'),
    });
    const [train, test] = [files('train'), files('test')];
    return isWhole(train) && isWhole(test) ? { format: 'idx', train, test } : null;
  }
  if (data?.format === 'image-folder') {
    const train = { folder: path(['train', 'folder'], 'folder') };
    const test = { folder: path(['test', 'folder'], 'folder') };
    if (!isWhole(train) || !isWhole(test)) return null;
    return {
      format: 'image-folder',
      train,
      test,
      size: sizeOf(data.size),
      channels: data.channels === 'grey' ? 1 : 3,
    };
  }
  return null;
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
  const {
    shape,
    classes: found,
    counts,
    problems,
  } = inspectData(
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
  return { shape, classes: found.length, trainCount };
}
