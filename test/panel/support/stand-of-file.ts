import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { PanelStand, type OpenPanel } from './stand.ts';

/**
 * The stand that all tests of a file share: opened before the first of them, closed after the last.
 *
 * @param strings English texts in the language of the editor
 */
export function standOfFile(
  strings: Readonly<Record<string, string>> = {},
): Pick<PanelStand, 'page' | 'files'> {
  let stand: PanelStand;
  beforeAll(async () => {
    stand = await PanelStand.open(strings);
  });
  afterAll(() => stand.close());
  return {
    page: (options) => stand.page(options),
    get files() {
      return stand.files;
    },
  };
}

/** Closes the page of each test, which must have broken no rule of its policy and met no fault. */
export function soundAfterEach(panel: () => OpenPanel): void {
  afterEach(async () => {
    const [violations, { faults }] = [await panel().violations(), panel()];
    await panel().close();
    expect({ violations, faults }).toEqual({ violations: [], faults: [] });
  });
}
