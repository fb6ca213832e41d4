import { afterAll, beforeAll, expect, test } from 'vitest';
import { sampleRun } from './sample-run.ts';
import { listing, modelOf, snapshotOf, WELCOME } from './support/host-messages.ts';
import { misplaced } from './support/layout.ts';
import { PanelStand, type OpenPanel } from './support/stand.ts';
import { VIEWS, wholeRun } from './support/whole.ts';

const LONG = 'a-very-long-name-'.repeat(8);

let stand: PanelStand;
let panel: OpenPanel;
beforeAll(async () => {
  stand = await PanelStand.open();
  panel = await stand.page({ height: 800 });
  const whole = await wholeRun(LONG);
  const model = modelOf(sampleRun({ status: 'running', done: 0.8, name: LONG }));
  model.add({ pictures: whole.pictures });
  await panel.post(WELCOME, listing(whole.run), snapshotOf(model), ...whole.beside);
  // Results and a verdict come with the end.
  model.setRun({ ...modelOf(whole.run).run, name: LONG });
  await panel.post(snapshotOf(model, 2), ...whole.beside);
});
afterAll(async () => {
  const [violations, { faults }] = [await panel.violations(), panel];
  await stand.close();
  expect({ violations, faults }).toEqual({ violations: [], faults: [] });
});

/** Goes through all tabs of a window of so many CSS pixels, so far zoomed. */
async function walk(width: number, zoom: number, direction: 'ltr' | 'rtl'): Promise<string[]> {
  await panel.resize(width, 800, zoom);
  await panel.page.evaluate((dir) => (document.documentElement.dir = dir), direction);
  const found: string[] = [];
  for (const view of VIEWS) {
    await panel.tab(view);
    await panel.post();
    found.push(...(await misplaced(panel.page)).map((one) => `${view}: ${one}`));
    if (zoom === 1 && direction === 'ltr') await panel.screenshot(`${view.toLowerCase()}-${width}`);
  }
  return found;
}

test.each([300, 480, 900, 2500])(
  'nothing is cut off at %d pixels, also from right to left',
  async (width) => {
    expect(await walk(width, 1, 'rtl')).toEqual([]);
    expect(await walk(width, 1, 'ltr')).toEqual([]);
  },
);

/**
 * Zoom takes CSS pixels from the window as VS Code's does. The least that it gives to an editor are 220 of them
 * (`DEFAULT_EDITOR_MIN_DIMENSIONS`), however far it is zoomed.
 */
test.each([
  [2500, 50],
  [300, 50],
  [675, 150],
  [1800, 200],
  [2500, 300],
  [900, 300],
  [660, 300],
])('nothing is cut off or blurred in %d pixels at a zoom of %d per cent', async (pixels, percent) => {
  expect(await walk(Math.round((100 * pixels) / percent), percent / 100, 'ltr')).toEqual([]);
});
