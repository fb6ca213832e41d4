import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { UserError, type Problem } from '../protocol/errors.ts';
import { checkLabels, classNames } from './classes.ts';
import { imageSize, readImageBytes } from './image-file.ts';
import { requireGroupsApart } from './groups-apart.ts';
import { folderNames, labelOf, listClassFolders } from './image-folder.ts';
import { inspectIdx } from './idx-samples.ts';
import { folderPlace, idxPlaces } from './places.ts';
import { dataProblem } from './problems.ts';
import type { DataSettings, IdxFiles, ImageFolder } from './settings.ts';
import { validationCount } from './validation-count.ts';

/** What can be said of data from headers and folder listings. What is not known is null. */
export interface DataInspection {
  /** Height, width, channels of every image. */
  readonly shape: readonly [number, number, number] | null;
  readonly classes: readonly string[] | null;
  /** Images in the files, before limits and the validation split. */
  readonly counts: { readonly train: number | null; readonly test: number | null };
  /** Training images of each class in the files. */
  readonly perClass: readonly number[] | null;
  readonly problems: readonly Problem[];
}

type Side = Pick<DataInspection, 'shape' | 'classes' | 'perClass'> & {
  readonly count: number;
  /** Of its files, where samples have files of their own. */
  readonly names?: readonly string[];
};
const MOST_REMEMBERED = 32;
const remembered = new Map<string, { readonly stamp: string; readonly inspection: DataInspection }>();

/**
 * Looks at the data without reading it: fast enough to run while a config is typed. Never throws for bad data: problems are
 * listed, each with the config key that names the file. Answers are remembered by size and time of the files and folders.
 * @param root folder that no path may leave
 */
export function inspectData(settings: DataSettings, root: string): DataInspection {
  const key = JSON.stringify([settings, root]);
  const stamp = stampOf(settings);
  const known = remembered.get(key);
  if (known?.stamp === stamp) return known.inspection;
  const inspection = inspect(settings, root);
  remembered.delete(key);
  remembered.set(key, { stamp, inspection });
  const oldest = remembered.keys().next();
  if (remembered.size > MOST_REMEMBERED && oldest.done !== true) remembered.delete(oldest.value);
  return inspection;
}

function inspect(settings: DataSettings, root: string): DataInspection {
  const problems: Problem[] = [];
  const attempt = <T>(look: () => T): T | null => {
    try {
      return look();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push(error.problem);
      return null;
    }
  };
  const look = (split: 'train' | 'test', classes: readonly string[] | null): Side | null => {
    if (settings.format === 'idx') {
      const files = settings[split];
      return 'fraction' in files ? null : inspectIdxSide(settings, files, split, root, classes);
    }
    const files = settings[split];
    return 'fraction' in files ? null : inspectFolderSide(settings, files, split, root, classes);
  };
  const given = settings.classes ?? null;
  const train = attempt(() => look('train', given));
  const test = attempt(() => look('test', train?.classes ?? given));
  if (train !== null) attempt(() => validationCount(settings, train.count));
  const { groupBy } = settings;
  const names = { train: train?.names, test: test?.names };
  if (groupBy !== undefined && names.train !== undefined && names.test !== undefined) {
    const sides = { train: names.train, test: names.test };
    attempt(() => requireGroupsApart(groupBy, sides, root));
  }
  const shapes = [train?.shape?.join('x'), test?.shape?.join('x')];
  if (shapes[0] !== undefined && shapes[1] !== undefined && shapes[0] !== shapes[1]) {
    problems.push(
      dataProblem(
        'shapeMismatch',
        settings.format === 'idx' ? 'data.test.inputs' : 'data.test.folder',
        `training images are ${shapes[0]}, but test images are ${shapes[1]}`,
        'Use test images of the same size and number of channels, or set data.size.',
      ),
    );
  }
  return {
    shape: train?.shape ?? null,
    classes: train?.classes ?? null,
    counts: { train: train?.count ?? null, test: test?.count ?? null },
    perClass: train?.perClass ?? null,
    problems,
  };
}

function inspectIdxSide(
  settings: Extract<DataSettings, { format: 'idx' }>,
  files: IdxFiles,
  split: 'train' | 'test',
  root: string,
  classes: readonly string[] | null,
): Side {
  const places = idxPlaces(files, split, root);
  const { count, shape, labels } = inspectIdx(places);
  if (labels === null) return { count, shape, classes, perClass: null };
  if (split === 'train') {
    const names = classNames(places.labels, labels, settings.classes);
    return { count, shape, classes: names, perClass: countsOf(labels, names.length) };
  }
  if (classes !== null) checkLabels(places.labels, labels, classes.length);
  return { count, shape, classes, perClass: null };
}

function inspectFolderSide(
  settings: Extract<DataSettings, { format: 'image-folder' }>,
  files: ImageFolder,
  split: 'train' | 'test',
  root: string,
  classes: readonly string[] | null,
): Side {
  const place = folderPlace(files, split, root);
  const folders = listClassFolders(place);
  const names = classes ?? folderNames(place, folders);
  const perClass = new Array<number>(names.length).fill(0);
  for (const folder of folders) {
    const label = labelOf(place, folder, names);
    perClass[label] = (perClass[label] ?? 0) + folder.pictures.length;
  }
  const count = folders.reduce((sum, folder) => sum + folder.pictures.length, 0);
  const first = folders[0]?.pictures[0];
  const size = settings.size ?? (first === undefined ? null : imageSize(first, readImageBytes(first)));
  const shape = size === null ? null : ([size[0], size[1], settings.channels] as const);
  const fileNames = folders.flatMap(({ pictures }) => pictures.map(({ path }) => basename(path)));
  return { count, classes: names, shape, perClass, names: fileNames };
}

function countsOf(labels: Int32Array, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}

/** Size and time of everything that is looked at; a folder's time changes with its entries. */
function stampOf(settings: DataSettings): string {
  const paths =
    settings.format === 'idx'
      ? [settings.train, settings.test].flatMap((files) =>
          'fraction' in files ? [] : [files.inputs, files.labels],
        )
      : [settings.train, settings.test].flatMap((files) =>
          'fraction' in files ? [] : foldersBelow(files.folder),
        );
  const table = settings.groupBy?.by === 'table' ? [settings.groupBy.file] : [];
  return [...paths, ...table].map(stampOfPath).join('|');
}

function stampOfPath(path: string): string {
  try {
    const stats = statSync(path);
    return `${stats.size}:${stats.mtimeMs}:${stats.ino}`;
  } catch (error) {
    // What keeps it from being looked at is what the inspection reports.
    return String(error);
  }
}

function foldersBelow(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return [folder, ...entries.filter((entry) => !entry.isFile()).map((entry) => join(folder, entry.name))];
  } catch {
    return [folder];
  }
}
