import type { IdxPlaces } from './idx-samples.ts';
import type { Place } from './place.ts';
import type { DataSettings } from './settings.ts';

type FileSplit = 'train' | 'test';

/** The two files of a split, with the config keys that name them. */
export function idxPlaces(
  settings: Extract<DataSettings, { format: 'idx' }>,
  split: FileSplit,
  root: string,
): IdxPlaces {
  const files = settings[split];
  return {
    inputs: { path: files.inputs, key: `data.${split}.inputs`, root },
    labels: { path: files.labels, key: `data.${split}.labels`, root },
  };
}

export function folderPlace(
  settings: Extract<DataSettings, { format: 'image-folder' }>,
  split: FileSplit,
  root: string,
): Place {
  return { path: settings[split].folder, key: `data.${split}.folder`, root };
}
