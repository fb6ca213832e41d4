import type { UserError } from '../protocol/errors.ts';
import { placeName, type Place } from './place.ts';
import { dataError } from './problems.ts';

/** More classes than any data set has: such a label is damage. */
const MOST_CLASSES = 65_536;

/**
 * Names of the classes: as given, else the numbers up to the highest training label.
 * Throws `UserError` KD3011 for a label outside, KD3017 where there is one class, KD3014 where a class up to the highest label has no sample.
 */
export function classNames(
  place: Place,
  labels: Int32Array,
  given: readonly string[] | undefined,
): readonly string[] {
  if (given !== undefined) {
    checkLabels(place, labels, given.length);
    return given;
  }
  checkLabels(place, labels, MOST_CLASSES);
  const present = new Set(labels);
  const highest = labels.reduce((most, label) => Math.max(most, label), 0);
  for (let label = 0; label <= highest; label++) {
    if (present.has(label)) continue;
    throw dataError(
      'classWithoutSamples',
      place.key,
      `${placeName(place)} has labels up to ${highest} (first at index ${labels.indexOf(highest)}), but none is ${label}`,
      'Repair the labels, or list the names of all classes in data.classes.',
    );
  }
  if (highest === 0) throw oneClass(place, '0');
  return Array.from({ length: highest + 1 }, (_, label) => String(label));
}

/** What is of one class cannot be told apart. */
export function oneClass(place: Place, name: string): UserError {
  return dataError(
    'oneClass',
    place.key,
    `${placeName(place)} has samples of one class only (${name}), so there is nothing to tell apart`,
    'Use data of at least two classes.',
  );
}

/** Throws `UserError` KD3011 for the first label that is none of the classes. */
export function checkLabels(place: Place, labels: Int32Array, classes: number): void {
  const index = labels.findIndex((label) => label >= classes);
  if (index < 0) return;
  throw dataError(
    'labelOutside',
    place.key,
    `${placeName(place)} has the label ${labels[index] ?? 0} at index ${index}, but there are ${classes} classes (0 to ${classes - 1})`,
    'Repair the label, or name the label file that belongs to these images.',
  );
}
