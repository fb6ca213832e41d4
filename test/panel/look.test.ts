import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sampleRun } from './sample-run.ts';
import { violationsOf } from './support/axe.ts';
import { listing, showing, WELCOME } from './support/host-messages.ts';
import { axeSource, PanelStand, type OpenPanel } from './support/stand.ts';
import type { ThemeName } from './support/themes.ts';

const VIEWS = ['Curves', 'Gap', 'Layers', 'Verdict'];
let stand: PanelStand;
beforeAll(async () => {
  stand = await PanelStand.open();
});
afterAll(() => stand.close());

describe.each(['dark', 'light', 'high-contrast-dark', 'high-contrast-light'] satisfies ThemeName[])(
  'in the %s theme',
  (theme) => {
    let panel: OpenPanel;
    beforeAll(async () => {
      panel = await stand.page({ theme });
      await panel.page.evaluate(axeSource());
    });
    afterAll(() => panel.close());

    test('the states without records tell the next step', async () => {
      await panel.post(WELCOME, listing(), { type: 'snapshot', stream: 1, through: -1, content: null });
      await look('empty');
      await panel.post(...showing(sampleRun({ status: 'running', done: 0 })));
      await look('waiting');
      await panel.post(...showing(sampleRun({ status: 'failed', done: 0.4 })));
      await look('failed');
    });

    test('every view is readable by everybody and breaks no rule of the policy', async () => {
      await panel.post(...showing(sampleRun()));
      for (const view of VIEWS) {
        await panel.tab(view);
        await look(view.toLowerCase());
      }
      expect(await panel.violations()).toEqual([]);
      expect(panel.faults).toEqual([]);
    });

    async function look(name: string): Promise<void> {
      await panel.post();
      await panel.screenshot(`${name}-${theme}`);
      expect(await violationsOf(panel.page), name).toEqual([]);
    }
  },
);
