import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { bundleStandIn } from './build.ts';
import { Harness } from './harness.ts';

/** Bundles an engine of stand-in work for the tests of a file and gives each a harness of its own. @param use takes it before each test */
export function eachWithStandIn(use: (harness: Harness, bundles: string) => void): void {
  let bundles = '';
  let harness: Harness;
  beforeAll(async () => {
    bundles = await bundleStandIn();
  });
  afterAll(() => rmSync(bundles, { recursive: true, force: true }));
  beforeEach(() => {
    harness = new Harness(bundles);
    use(harness, bundles);
  });
  afterEach(() => harness.dispose());
}
