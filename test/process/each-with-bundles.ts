import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';

/**
 * Bundles processes for the tests of a file and opens a place of its own for each test.
 * @param make what bundles them, into a folder that is removed after the last test
 * @param open what each test gets
 * @param use takes it before each test, and the folder of the bundles
 */
export function eachWithBundles<T extends { dispose(): Promise<void> }>(
  make: () => Promise<string>,
  open: (bundles: string) => T,
  use: (opened: T, bundles: string) => void,
): void {
  let bundles = '';
  let opened: T;
  beforeAll(async () => {
    bundles = await make();
  });
  afterAll(() => rmSync(bundles, { recursive: true, force: true }));
  beforeEach(() => {
    opened = open(bundles);
    use(opened, bundles);
  });
  afterEach(() => opened.dispose());
}
