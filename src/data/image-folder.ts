import { readdirSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import { didYouMean } from '../schema/suggest.ts';
import { oneClass } from './classes.ts';
import { IMAGE_ENDINGS, isImageName } from './image-file.ts';
import { fileSystemError, findFolder, placeName, type Place } from './place.ts';
import { DATA_CODES, dataError } from './problems.ts';
import { UserError } from '../protocol/errors.ts';

/** Names listed in a message. */
const MOST_NAMED = 20;

/** The pictures of one class, in order of their names. */
export interface ClassFolder {
  readonly name: string;
  readonly pictures: readonly Place[];
}

/**
 * The class folders of a folder and the pictures in each, sorted by name (code units, so the same everywhere).
 * Hidden entries and other files are left out. Throws `UserError` KD3001, KD3002, KD3015, KD3020 or KD3014.
 */
export function listClassFolders(place: Place): ClassFolder[] {
  const found = findFolder(place);
  const classes = entriesOf(found.real, place).filter(
    (entry) => entry.isDirectory() || (entry.isSymbolicLink() && isFolder(below(place, entry.name))),
  );
  if (classes.length === 0) {
    throw dataError(
      'noClassFolders',
      place.key,
      `${placeName(place)} has no class folders`,
      'Put the pictures into one folder a class, named after the class.',
    );
  }
  return classes.map((entry) => listClass(below(place, entry.name), entry.name));
}

/** The classes that the folders of a training split stand for. Throws `UserError` KD3017 where there is one. */
export function folderNames(place: Place, folders: readonly ClassFolder[]): readonly string[] {
  const names = folders.map(({ name }) => name);
  if (names.length === 1) throw oneClass(place, names[0] ?? '');
  return names;
}

/** Position of a class folder among the classes. Throws `UserError` KD3023 where it is none of them. */
export function labelOf(place: Place, folder: ClassFolder, classes: readonly string[]): number {
  const label = classes.indexOf(folder.name);
  if (label >= 0) return label;
  throw dataError(
    'unknownClass',
    place.key,
    `${placeName(place)} has a class folder "${folder.name}", which is none of the classes${didYouMean(folder.name, classes)}`,
    `Rename or remove the folder, or add the class. Classes: ${classes.slice(0, MOST_NAMED).join(', ')}.`,
  );
}

function listClass(place: Place, name: string): ClassFolder {
  const found = findFolder(place);
  const pictures = entriesOf(found.real, place)
    .filter((entry) => isImageName(entry.name) && !entry.isDirectory())
    .map((entry) => below(place, entry.name));
  if (pictures.length > 0) return { name, pictures };
  throw dataError(
    'classWithoutSamples',
    place.key,
    `the class folder ${placeName(place)} holds no pictures (${IMAGE_ENDINGS.join(', ')})`,
    'Add pictures, or remove the folder.',
  );
}

function entriesOf(folder: string, place: Place): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !entry.name.startsWith('.'))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw fileSystemError(place, error);
  }
}

/** Whether a link leads to a folder; one that leads outside is refused, not passed over. */
function isFolder(place: Place): boolean {
  try {
    findFolder(place);
    return true;
  } catch (error) {
    const passed: readonly string[] = [DATA_CODES.notAFile, DATA_CODES.missing];
    if (error instanceof UserError && passed.includes(error.problem.code)) return false;
    throw error;
  }
}

function below(place: Place, name: string): Place {
  return { ...place, path: join(place.path, name) };
}
