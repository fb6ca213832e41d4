import { expect, test } from 'vitest';
import type { PictureRecord } from '../../src/protocol/records.ts';
import { english } from '../../webview/strings.ts';
import { picturedRun } from './pictured-run.ts';
import { sampleRun } from './sample-run.ts';
import { BRACKETED } from './support/bracketed.ts';
import { violationsOf } from './support/axe.ts';
import { showing } from './support/host-messages.ts';
import { compareLook } from './support/looks.ts';
import { axeSource, type OpenPanel } from './support/stand.ts';
import { soundAfterEach, standOfFile } from './support/stand-of-file.ts';
import type { ThemeName } from './support/themes.ts';

const stand = standOfFile();
const bracketed = standOfFile(BRACKETED);
let panel: OpenPanel;
soundAfterEach(() => panel);

const run = picturedRun();

const headings = () => panel.page.locator('h2:visible').allInnerTexts();
const cardOf = (title: string) =>
  panel.page
    .locator('section:visible', { has: panel.page.getByRole('heading', { name: title, exact: true }) })
    .last();

test.each([
  ['dark', 340],
  ['dark', 1280],
  ['light', 340],
  ['light', 1280],
] satisfies [ThemeName, number][])(
  'in the %s theme, %d pixels wide, pictures look as before and are readable by everybody',
  async (theme, width) => {
    panel = await stand.page({ theme, width });
    await panel.page.evaluate(axeSource());
    await panel.post(...showing(run));
    for (const view of ['Gap', 'Layers']) {
      await panel.tab(view);
      await panel.post();
      const name = `pictures-${view.toLowerCase()}-${theme}-${width}`;
      const picture = await panel.screenshot(name);
      expect(await violationsOf(panel.page), name).toEqual([]);
      expect(compareLook(name, picture)).toBeUndefined();
      const wider = await panel.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(wider).toBeLessThanOrEqual(0);
    }
  },
);

test('stand below the gap and the layers of a run that has them, and nowhere else', async () => {
  panel = await stand.page();
  await panel.post(...showing(run));
  await panel.tab('Gap');
  await panel.post();
  for (const title of ['Soft targets before and after refinement', 'Mixing ratio', 'Uncertainty'])
    expect(await headings()).toContain(title);
  await panel.tab('Layers');
  await panel.post();
  for (const title of ['Neurons that are left', 'Gates and subtasks', 'Regions that matter'])
    expect(await headings()).toContain(title);
  await panel.post(...showing(sampleRun(), 2));
  await panel.post();
  expect(await headings()).not.toContain('Gates and subtasks');
  await panel.tab('Gap');
  await panel.post();
  expect(await headings()).not.toContain('Mixing ratio');
});

test('stand alone where there is no gap and nothing was compared', async () => {
  panel = await stand.page();
  await panel.post(...showing({ ...run, gap: [], similarity: [] }));
  await panel.tab('Gap');
  await panel.post();
  expect(await headings()).toContain('Uncertainty');
  expect(await headings()).not.toContain('No gap measured yet');
  await panel.tab('Layers');
  await panel.post();
  expect(await headings()).toContain('Neurons that are left');
});

test('targets are those of the epoch that is chosen, and say how much was moved', async () => {
  panel = await stand.page({ memory: null });
  await panel.post(...showing(run));
  await panel.tab('Gap');
  await panel.post();
  const card = cardOf('Soft targets before and after refinement');
  const text = () => card.locator('.targets').innerText();
  expect(await card.innerText()).toContain('kd behind simplifier, temperature 4, student');
  expect(await card.innerText()).toMatch(/On average \d+\.\d% of the probability moved/u);
  expect(await card.locator('table').count()).toBe(4);
  expect(await card.locator('tr.is-label').count()).toBeGreaterThan(0);
  const latest = await text();
  const control = card.locator('vscode-dropdown');
  await control.click();
  await control.getByRole('option', { name: '1', exact: true }).click();
  await panel.post();
  expect(await text()).not.toBe(latest);
  await control.click();
  await control.getByRole('option', { name: 'Latest (8)', exact: true }).click();
  await panel.post();
  expect(await text()).toBe(latest);
});

test('curves of neurons and weights have a table, and can be read by keys', async () => {
  panel = await stand.page();
  await panel.post(...showing(run));
  await panel.tab('Gap');
  await panel.post();
  const card = cardOf('Mixing ratio');
  await card.locator('summary').first().click();
  await panel.post();
  const rows = await card.locator('.data tbody tr').count();
  expect(rows).toBe(8);
  expect(await card.locator('.data thead').innerText()).toContain('kd');
});

test('whatever names and numbers a run brings are only shown', async () => {
  panel = await stand.page({ width: 340 });
  const hostile = '<img src=x onerror="document.title=1">'.repeat(4);
  const pictures: PictureRecord[] = [
    {
      kind: 'targets',
      ...{ phase: hostile, seed: 1, epoch: 0 },
      samples: [0],
      labels: [],
      sets: [
        {
          term: hostile,
          refiners: [],
          temperature: 1,
          images: [[{ class: hostile, before: 'NaN', after: 'Infinity' }], []],
        },
      ],
    },
    {
      kind: 'gates',
      ...{ phase: hostile, seed: 1, epoch: 0 },
      levels: [{ layer: hostile, weights: [[], [1]], entropy: 0, overlap: 0 }],
      conflicts: [['NaN']],
      classes: [],
    },
    {
      kind: 'regions',
      ...{ phase: hostile, seed: 1, epoch: 0 },
      samples: [0, 1],
      sets: [
        { term: hostile, refiner: hostile, layer: hostile, images: [[{ box: [9, 9, -9, -9], score: 7 }]] },
      ],
    },
  ];
  await panel.post(...showing({ ...sampleRun({ epochs: 1 }), pictures }));
  for (const view of ['Gap', 'Layers']) {
    await panel.tab(view);
    await panel.post();
    expect(await panel.page.locator('img').count()).toBe(0);
    expect(
      await panel.page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
    ).toBeLessThanOrEqual(0);
  }
  expect(await panel.page.title()).toBe('KD Workbench');
});

test('every word of them can be translated', async () => {
  panel = await bracketed.page();
  await panel.post(...showing(run));
  const own = [...new Set(Object.values(english.pictures).filter((one) => typeof one === 'string'))];
  const left: string[] = [];
  for (const view of ['Gap', 'Layers']) {
    await panel.page.getByRole('tab', { name: view }).click();
    await panel.post();
    const shown = await panel.page
      .locator('h2:visible, h3:visible, th:visible, caption:visible, p:visible')
      .allInnerTexts();
    left.push(...shown.filter((text) => own.some((word) => text.includes(word) && !text.includes('⟦'))));
  }
  expect(left).toEqual([]);
});
