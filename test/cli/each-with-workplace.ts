import { eachWithBundles } from '../process/each-with-bundles.ts';
import { Workplace } from './kd-process.ts';

/**
 * Bundles `kd` for the tests of a file and gives each a workplace of its own.
 * @param make what bundles it, with which engine beside it
 * @param use takes the workplace before each test, and the folder of the bundles
 */
export function eachWithWorkplace(
  make: () => Promise<string>,
  use: (place: Workplace, bundles: string) => void,
): void {
  eachWithBundles(make, (bundles) => new Workplace(bundles), use);
}
