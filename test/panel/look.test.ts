import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sampleRun } from './sample-run.ts';
import { listing, showing, WELCOME } from './support/host-messages.ts';
import { axeSource, PanelStand } from './support/stand.ts';
import { THEMES, type ThemeName } from './support/themes.ts';

const VIEWS = ['Curves', 'Gap', 'Layers', 'Verdict'];
let stand: PanelStand;
beforeAll(async () => {
  stand = await PanelStand.open();
});
afterAll(() => stand.close());

describe.each(Object.keys(THEMES) as ThemeName[])('in the %s theme', (theme) => {
  test('every view is readable by everybody and breaks no rule of the policy', async () => {
    const panel = await stand.page({ theme });
    await panel.post(...showing(sampleRun()));
    await panel.page.evaluate(axeSource());
    for (const view of VIEWS) {
      await panel.tab(view);
      await panel.post();
      await panel.screenshot(`${view.toLowerCase()}-${theme}`);
      expect(await violationsOf(panel.page), view).toEqual([]);
    }
    expect(await panel.violations()).toEqual([]);
    expect(panel.faults).toEqual([]);
    await panel.close();
  });

  test('the states without records tell the next step', async () => {
    const panel = await stand.page({ theme, height: 420 });
    await panel.page.evaluate(axeSource());
    await panel.post(WELCOME, listing(), { type: 'snapshot', stream: 1, through: -1, content: null });
    await panel.screenshot(`empty-${theme}`);
    expect(await violationsOf(panel.page), 'empty').toEqual([]);
    await panel.post(...showing(sampleRun({ status: 'running', done: 0 })));
    await panel.screenshot(`waiting-${theme}`);
    expect(await violationsOf(panel.page), 'waiting').toEqual([]);
    await panel.post(...showing(sampleRun({ status: 'failed', done: 0.4 })));
    await panel.screenshot(`failed-${theme}`);
    expect(await violationsOf(panel.page), 'failed').toEqual([]);
    await panel.close();
  });
});

interface Axe {
  run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
}

/** What axe finds: rule, element and reason. */
function violationsOf(page: import('playwright-core').Page): Promise<string[]> {
  return page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: Axe }).axe.run();
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(
        ({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} (${failureSummary.slice(0, 300)})`,
      ),
    );
  });
}
