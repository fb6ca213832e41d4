import { join } from 'node:path';

/** Where decoded images are kept, within the root of an experiment. */
export const CACHE_FOLDER = join('.kd', 'cache');
