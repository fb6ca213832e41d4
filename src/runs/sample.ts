import { constants, copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
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

/**
 * Writes one template and its data into a folder; the config comes first in what is returned. Nothing is overwritten:
 * throws KD7005 before the first file is written where one of them is there already, KD7004 for an unknown template.
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
  const taken = files.find((name) => existsSync(join(folder, name)));
  if (taken !== undefined) {
    throw new UserError({
      code: 'KD7005',
      message: `the folder already has ${taken}, and nothing is overwritten`,
      help: 'choose a folder without it, for instance an empty one',
      file: folder,
    });
  }
  return files.map((name) => {
    const target = join(folder, name);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(join(sample, name), target, constants.COPYFILE_EXCL);
    return target;
  });
}
