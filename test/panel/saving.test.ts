import { beforeAll, expect, test } from 'vitest';
import type { PanelMessage } from '../../src/protocol/panel.ts';
import type { TargetsPicture } from '../../src/protocol/records.ts';
import { picturedRun } from './pictured-run.ts';
import { listing, modelOf, showing, snapshotOf, WELCOME } from './support/host-messages.ts';
import type { OpenPanel } from './support/stand.ts';
import { soundAfterEach, standOfFile } from './support/stand-of-file.ts';
import { VIEWS, wholeRun, type WholeRun } from './support/whole.ts';

const stand = standOfFile();
let panel: OpenPanel;
let whole: WholeRun;
beforeAll(async () => {
  whole = await wholeRun();
});
soundAfterEach(() => panel);

type Saved = Extract<PanelMessage, { type: 'exportFile' }>;

/** Whatever shows numbers as a picture. */
const PICTURES = [
  ...['.chart-area canvas', 'canvas.matrix', 'table.heat', 'svg.picture', 'svg.parallel'],
  ...['svg.reliability-picture', 'svg.interval-picture', '.class-table', 'svg.network-lines'],
].join(', ');
/** Of these several are saved together. */
const PARTS = 'canvas.sample-picture, svg.region-picture, table.distribution, .stacked-bar';
const BUTTONS = '[role=group][aria-label="Save this as"]';

/** Pictures in sight beside which there is nothing to save them with. */
function unsavable(): Promise<string[]> {
  return panel.page.evaluate(
    ([pictures = '', parts = '', buttons = '']) => {
      const without = (all: string, around: string) =>
        [...document.querySelectorAll(all)]
          .filter((one) => one.checkVisibility())
          .filter((one) => one.closest(around)?.querySelector(buttons) === null)
          .map((one) => one.getAttribute('aria-label') ?? one.tagName);
      return [...without(pictures, '.card, figure, .picture-holder'), ...without(parts, '.card')];
    },
    [PICTURES, PARTS, BUTTONS],
  );
}

test('every picture of numbers is saved as PNG or SVG, and its numbers as CSV', async () => {
  panel = await stand.page({ width: 1000, isAnswered: true });
  const model = modelOf(whole.run);
  model.add({ pictures: whole.pictures });
  await panel.post(WELCOME, listing(whole.run), snapshotOf(model), ...whole.beside);
  const kinds = new Set<string>();
  for (const view of VIEWS) {
    await panel.tab(view);
    await panel.post(...whole.beside);
    const pictures = await panel.page.locator(PICTURES).filter({ visible: true }).count();
    expect(await unsavable()).toEqual([]);
    const groups = await panel.page.locator(BUTTONS).filter({ visible: true }).all();
    expect(groups.length).toBeGreaterThanOrEqual(pictures);
    for (const group of groups) {
      const before = (await panel.sent()).length;
      const formats = await group.locator('vscode-button').allInnerTexts();
      for (const button of await group.locator('vscode-button').all()) await button.click();
      const files = (await panel.sent())
        .slice(before)
        .filter((one): one is Saved => one.type === 'exportFile');
      expect(files.map(({ format }) => format.toUpperCase())).toEqual(formats);
      expect(formats).toContain('CSV');
      expect(formats.includes('PNG') || formats.includes('SVG')).toBe(true);
      for (const file of files) {
        kinds.add(`${view} ${file.format}`);
        await expectWhole(file);
      }
    }
  }
  expect([...kinds].sort()).toEqual(
    [
      ...[
        'Curves csv',
        'Curves png',
        'Curves svg',
        'Gap csv',
        'Gap png',
        'Gap svg',
        'Layers csv',
        'Layers png',
      ],
      ...['Layers svg', 'Verdict csv', 'Verdict svg', 'Compare csv', 'Compare svg'],
    ].sort(),
  );
});

/** A PNG of some size; an SVG that stands alone; a CSV whose lines have as many cells as its head. */
async function expectWhole({ name, format, content }: Saved): Promise<void> {
  expect(name).not.toBe('');
  if (format === 'png') {
    const bytes = Buffer.from(content, 'base64');
    expect(bytes.subarray(1, 4).toString('latin1')).toBe('PNG');
    expect(bytes.readUInt32BE(16)).toBeGreaterThan(60);
  } else if (format === 'svg') {
    const found = await panel.page.evaluate((text) => {
      const parsed = new DOMParser().parseFromString(text, 'image/svg+xml');
      const shapes = [...parsed.querySelectorAll('path, line, rect, circle, polygon, text, image')];
      return {
        isBroken: parsed.querySelector('parsererror') !== null,
        shapes: shapes.length,
        isOfThePage: /class="|var\(|<script|color-mix\(/u.test(text),
      };
    }, content);
    expect(found).toMatchObject({ isBroken: false, isOfThePage: false });
    expect(found.shapes).toBeGreaterThan(3);
  } else {
    const [head = 0, ...lines] = content.trimEnd().split('\r\n').map(cellsIn);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.filter((cells) => cells > head)).toEqual([]);
  }
}

/** Commas outside of quotes, and one. */
function cellsIn(line: string): number {
  return line.replaceAll(/"(?:[^"]|"")*"/gu, '').split(',').length;
}

test('a matrix is saved with its own numbers, and a picture in the colours of the editor', async () => {
  panel = await stand.page({ width: 1000, theme: 'light', isAnswered: true });
  await panel.post(WELCOME, listing(whole.run), snapshotOf(modelOf(whole.run)), ...whole.beside);
  const last = async () => (await panel.sent()).findLast((one): one is Saved => one.type === 'exportFile');
  const card = (title: string) =>
    panel.page.locator('section.card', { has: panel.page.getByRole('heading', { name: title }) });

  await panel.tab('Layers');
  await panel.post();
  await card('Similarity of layers').getByRole('button', { name: 'Save as CSV' }).click();
  const lines = ((await last())?.content ?? '')
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','));
  const shown = await panel.page
    .locator('table.heat tr')
    .evaluateAll((rows) =>
      rows.map((row) =>
        [...row.querySelectorAll('th, td:not(.heat-corner)')].map((cell) => cell.firstChild?.textContent),
      ),
    );
  expect(lines[0]?.slice(1)).toEqual(shown[0]);
  const asShown = ([name, ...values]: readonly string[]) => [
    name,
    ...values.map((one) => Number(one).toFixed(2)),
  ];
  expect(lines.slice(1).map(asShown)).toEqual(shown.slice(1));

  await panel.tab('Compare');
  await panel.post(...whole.beside);
  await panel.page.getByRole('button', { name: 'Save as SVG' }).first().click();
  const drawn = (await last())?.content ?? '';
  const background = await panel.page.evaluate(() =>
    getComputedStyle(document.documentElement).getPropertyValue('--vscode-editor-background').trim(),
  );
  expect(drawn).toContain(`fill="${background}"`);
});

test('small pictures that belong together are saved as one, with every number that they show', async () => {
  const pictured = picturedRun();
  const { pictures = [] } = pictured;
  panel = await stand.page({ width: 1000, isAnswered: true });
  await panel.post(...showing(pictured));
  const saved = async (title: string, format: string) => {
    const card = panel.page
      .locator('section:visible', { has: panel.page.getByRole('heading', { name: title, exact: true }) })
      .last();
    await card
      .getByRole('button', { name: `Save as ${format}` })
      .first()
      .click();
    return (await panel.sent()).findLast((one): one is Saved => one.type === 'exportFile');
  };
  const linesOf = (file: Saved | undefined) => (file?.content ?? '').trimEnd().split('\r\n');

  for (const view of ['Gap', 'Layers']) {
    await panel.tab(view);
    await panel.post();
    const parts = await panel.page.locator(PARTS).filter({ visible: true }).count();
    expect(parts).toBeGreaterThan(2);
    expect(await unsavable()).toEqual([]);
    if (view === 'Gap') {
      const targets = pictures.findLast(
        (one): one is TargetsPicture => one.kind === 'targets' && one.seed === pictures.at(-1)?.seed,
      );
      const answers = targets?.sets[0]?.images.flat() ?? [];
      const lines = linesOf(await saved('Soft targets before and after refinement', 'CSV'));
      expect(lines.length).toBe(1 + answers.length);
      expect(lines[1]?.endsWith(`,${answers[0]?.class},${answers[0]?.before},${answers[0]?.after}`)).toBe(
        true,
      );
      const uncertain = await saved('Uncertainty', 'PNG');
      if (uncertain === undefined) throw new Error('nothing was saved');
      await expectWhole(uncertain);
    } else {
      const shown = await panel.page.locator('svg.region-picture rect.region').count();
      const regions = await saved('Regions that matter', 'CSV');
      expect(linesOf(regions).length).toBe(1 + shown);
      const drawn = await saved('Regions that matter', 'SVG');
      if (drawn === undefined) throw new Error('nothing was saved');
      await expectWhole(drawn);
    }
  }
});
