import type { IdxPlaces } from './idx-samples.ts';
import type { Place } from './place.ts';
import type { IdxFiles, ImageFolder } from './settings.ts';

type FileSplit = 'train' | 'test';

/** The two files of a split, with the config keys that name them. */
export function idxPlaces(files: IdxFiles, split: FileSplit, root: string): IdxPlaces {
  return {
    inputs: { path: files.inputs, key: `data.${split}.inputs`, root },
    labels: { path: files.labels, key: `data.${split}.labels`, root },
  };
}

export function folderPlace({ folder }: ImageFolder, split: FileSplit, root: string): Place {
  return { path: folder, key: `data.${split}.folder`, root };
}
