import { bundleStandIn } from './build.ts';
import { eachWithBundles } from './each-with-bundles.ts';
import { Harness } from './harness.ts';

/** Bundles an engine of stand-in work for the tests of a file and gives each a harness of its own. @param use takes it before each test */
export function eachWithStandIn(use: (harness: Harness, bundles: string) => void): void {
  eachWithBundles(bundleStandIn, (bundles) => new Harness(bundles), use);
}
