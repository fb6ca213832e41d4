import { createHash } from 'node:crypto';
import type { Dataset, DataSplit } from './dataset.ts';

/**
 * The samples of some classes alone, in every split, labelled in the order in which the classes are listed. Images look as they do in the
 * whole: the normalisation stays that of all classes, which is what a teacher of all of them reads.
 * @param classes labels of the whole data, each once
 */
export function ofClasses(dataset: Dataset, classes: readonly number[]): Dataset {
  const labels = new Map(classes.map((label, index) => [label, index]));
  const part = (split: DataSplit): DataSplit => {
    const kept = split.positions.filter((_, at) => labels.has(split.labels[at] ?? -1));
    const own = split.labels.filter((label) => labels.has(label)).map((label) => labels.get(label) ?? 0);
    return { ...split, count: kept.length, positions: kept, labels: own };
  };
  const { train, validation, test } = dataset.splits;
  const hash = (of: string) =>
    createHash('sha256')
      .update(JSON.stringify([of, classes]))
      .digest('hex');
  return {
    ...dataset,
    classes: classes.map((label) => dataset.classes[label] ?? String(label)),
    splits: { train: part(train), validation: part(validation), test: part(test) },
    hash: hash(dataset.hash),
    validationHash: hash(dataset.validationHash),
  };
}
