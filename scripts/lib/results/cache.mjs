import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The folder of data, experiment files and runs, outside the checkout: `KD_RESULTS`, or in the user's cache folder. */
export function resultsFolder() {
  const folder =
    process.env.KD_RESULTS ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'kd-results');
  // The root of its experiments, whatever lies above.
  mkdirSync(join(folder, '.kd'), { recursive: true });
  return folder;
}
