import type { Feeds } from '../executors/executor.ts';
import { STRONG } from './say.ts';

/** Feeds of a batch as those of the stronger view: its images, and what was said of them. */
export function asStrong(feeds: Feeds): Feeds {
  const own = Object.entries(feeds).filter(([name]) => name === 'images' || name.startsWith('says/'));
  return Object.fromEntries(own.map(([name, values]) => [STRONG + name, values]));
}
