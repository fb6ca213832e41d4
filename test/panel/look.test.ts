import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sampleRun } from './sample-run.ts';
import { violationsOf } from './support/axe.ts';
import { compared } from './support/compared.ts';
import { listing, showing, WELCOME } from './support/host-messages.ts';
import { cellsOf, compareLook, difference, NOISE } from './support/looks.ts';
import { axeSource, type OpenPanel } from './support/stand.ts';
import { standOfFile } from './support/stand-of-file.ts';
import type { ThemeName } from './support/themes.ts';

const VIEWS = ['Curves', 'Gap', 'Layers', 'Verdict'];
const WIDTHS = { narrow: 340, wide: 1280 };
const THEMES: readonly ThemeName[] = ['dark', 'light', 'high-contrast-dark', 'high-contrast-light'];
const stand = standOfFile();

describe.each(THEMES)('in the %s theme', (theme) => {
  describe.each(Object.entries(WIDTHS))('and a %s panel', (size, width) => {
    let panel: OpenPanel;
    beforeAll(async () => {
      panel = await stand.page({ theme, width, isAnswered: true });
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

    test('every view looks as before, is readable by everybody and breaks no rule of the policy', async () => {
      await panel.post(...showing(sampleRun()));
      for (const view of VIEWS) {
        await panel.tab(view);
        await look(view.toLowerCase());
      }
      expect(await panel.violations()).toEqual([]);
      expect(panel.faults).toEqual([]);
    });

    test('the comparison and the files of a run are too', async () => {
      const told = compared();
      await panel.post(...showing(told.run));
      await panel.tab('Compare');
      await panel.post(told.table, told.comparison);
      await look('compare');
      await panel.tab('Run');
      await panel.post(told.files);
      await look('run');
      expect(await panel.violations()).toEqual([]);
    });

    async function look(view: string): Promise<void> {
      await panel.post();
      const name = `${view}-${theme}-${size}`;
      const picture = await panel.screenshot(name);
      // What a width changes, it changes in every theme.
      if (size === 'wide' || theme === 'dark') expect(await violationsOf(panel.page), name).toEqual([]);
      expect(compareLook(name, picture)).toBeUndefined();
    }
  });
});

test('everything opened at once is readable by everybody too', async () => {
  const panel = await stand.page();
  await panel.page.evaluate(axeSource());
  await panel.post(...showing(sampleRun()), listing(sampleRun(), sampleRun({ id: 'r1' })));
  for (const summary of await panel.page.locator('summary:visible').all()) await summary.click();
  await panel.page.locator('canvas').first().hover();
  await panel.post();
  await panel.screenshot('curves-opened');
  expect(await violationsOf(panel.page)).toEqual([]);
  await panel.close();
});

test('a page that lost a part, or its colours, looks otherwise', async () => {
  const panel = await stand.page({ width: WIDTHS.wide });
  await panel.post(...showing(sampleRun()));
  const before = cellsOf(await panel.screenshot('curves-whole'));
  expect(difference(before, cellsOf(await panel.screenshot('curves-whole')))).toBe(0);
  await panel.page.evaluate(() =>
    document.querySelectorAll('.legends, .chart-tools').forEach((part) => part.remove()),
  );
  expect(difference(before, cellsOf(await panel.screenshot('curves-lost')))).toBeGreaterThan(NOISE);
  await panel.setTheme('light');
  expect(difference(before, cellsOf(await panel.screenshot('curves-light')))).toBeGreaterThan(0.5);
  await panel.close();
});
