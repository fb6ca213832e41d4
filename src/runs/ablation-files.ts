import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ablation, type AblationInput } from '../config/ablation.ts';
import { UserError } from '../protocol/errors.ts';
import { writing } from './disk.ts';

/** More ablations of one experiment than anybody looks at. */
const MOST_SETS = 1_000;

/**
 * Writes the experiments of an ablation beside the config. Files that are there with the same text are kept, and none is ever
 * overwritten: another text gets a number of its own. Returns their paths.
 *
 * @throws UserError KD5125 where the config has phases written out, KD5006 where nothing can be written
 */
export function writeAblation(input: AblationInput): readonly string[] {
  const folder = dirname(input.file);
  for (let set = 1; set <= MOST_SETS; set++) {
    const variants = ablation(input, set).map(({ fileName, text }) => ({
      path: join(folder, fileName),
      text,
    }));
    const missing = variants.filter(({ path }) => !existsSync(path));
    const others = variants.filter((variant) => !missing.includes(variant));
    if (others.some(({ path, text }) => readFileSync(path, 'utf8') !== text)) continue;
    for (const { path, text } of missing) writing(path, () => writeFileSync(path, text, { flag: 'wx' }));
    return variants.map(({ path }) => path);
  }
  throw new UserError({
    code: 'KD5125',
    message: `there are ${MOST_SETS} ablations of this experiment`,
    help: 'delete the files of old ones',
    file: input.file,
  });
}
