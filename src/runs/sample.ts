import { constants, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from '../protocol/errors.ts';
import { didYouMean } from '../schema/suggest.ts';

const CONFIG_ENDING = '.kd.yaml';
/** What every template reads. */
const DATA_FOLDER = 'data';

/** Names of the templates in the sample project: one config each. */
export function templateNames(sample: string): string[] {
  if (!existsSync(sample)) return [];
  return readdirSync(sample)
    .filter((name) => name.endsWith(CONFIG_ENDING))
    .map((name) => name.slice(0, -CONFIG_ENDING.length))
    .sort();
}

/** A template as it is offered to be chosen. */
export interface Template {
  readonly name: string;
  /** Its experiment's name. */
  readonly title: string;
  /** The first sentence of what it says of itself. */
  readonly about: string;
}

/** Where to begin; all others follow by name. */
const FIRST = ['mnist', 'quick'];

/** The templates of the sample project, those to begin with first. */
export function templates(sample: string): Template[] {
  const names = templateNames(sample);
  const first = FIRST.filter((name) => names.includes(name));
  return [...first, ...names.filter((name) => !first.includes(name))].map((name) => {
    const lines = readFileSync(join(sample, `${name}${CONFIG_ENDING}`), 'utf8').split('\n');
    const end = lines.findIndex((line) => !line.startsWith('# '));
    const comment = lines.slice(0, Math.max(0, end)).map((line) => line.slice('# '.length));
    return {
      name,
      title: /^name: *(.*)$/m.exec(lines.join('\n'))?.[1] ?? name,
      about: /^.*?\.(?= |$)/.exec(comment.join(' '))?.[0] ?? comment.join(' '),
    };
  });
}

/**
 * Writes one template and its data into a folder; the config comes first in what is returned. Nothing is overwritten, and
 * data of another template that are there already stay: throws KD7005 before the first file is written where something else is in the
 * way, KD7004 for an unknown template.
 */
export function copySample(sample: string, template: string, folder: string): string[] {
  const names = templateNames(sample);
  if (!names.includes(template)) {
    throw new UserError({
      code: 'KD7004',
      message: `there is no template "${template}"${didYouMean(template, names)}`,
      help: `templates: ${names.join(', ')}`,
    });
  }
  const data = readdirSync(join(sample, DATA_FOLDER)).map((name) => join(DATA_FOLDER, name));
  const files = [`${template}${CONFIG_ENDING}`, ...data.sort()];
  const there = files.filter((name) => existsSync(join(folder, name)));
  const same = there.filter((name) => data.includes(name) && isSame(join(sample, name), join(folder, name)));
  const taken = there.find((name) => !same.includes(name));
  if (taken !== undefined) {
    throw new UserError({
      code: 'KD7005',
      message: `the folder already has ${taken}, and nothing is overwritten`,
      help: 'choose a folder without it, for instance an empty one',
      file: folder,
    });
  }
  return files
    .filter((name) => !same.includes(name))
    .map((name) => {
      const target = join(folder, name);
      mkdirSync(dirname(target), { recursive: true });
      copyFileSync(join(sample, name), target, constants.COPYFILE_EXCL);
      return target;
    });
}

function isSame(one: string, other: string): boolean {
  try {
    return readFileSync(one).equals(readFileSync(other));
  } catch {
    // A folder, or what may not be read.
    return false;
  }
}
