import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
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
  let bundles = '';
  let place: Workplace;
  beforeAll(async () => {
    bundles = await make();
  });
  afterAll(() => rmSync(bundles, { recursive: true, force: true }));
  beforeEach(() => {
    place = new Workplace(bundles);
    use(place, bundles);
  });
  afterEach(() => place.dispose());
}
