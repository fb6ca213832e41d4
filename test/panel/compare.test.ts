import { expect, test } from 'vitest';
import { compared } from './support/compared.ts';
import { directoryOf, showing, WELCOME } from './support/host-messages.ts';
import type { OpenPanel } from './support/stand.ts';
import { soundAfterEach, standOfFile } from './support/stand-of-file.ts';

const stand = standOfFile();
let panel: OpenPanel;
soundAfterEach(() => panel);

const told = compared();
const FIRST = directoryOf('2026-11-23-mnist-1');
const SECOND = directoryOf('2026-11-23-mnist-2');
const ids = () => panel.page.locator('.runs tbody th .row-button').allInnerTexts();
const press = (name: string) => panel.page.getByRole('button', { name, exact: true }).click();

async function open(): Promise<void> {
  panel = await stand.page({ width: 1100 });
  await panel.post(...showing(told.run));
  await panel.tab('Compare');
  await panel.post(told.table);
}

test('the page watches the table while it is in sight, and nothing else', async () => {
  await open();
  await panel.tab('Run');
  await panel.post(told.files);
  await panel.tab('Curves');
  await panel.post();
  const watched = (await panel.sent()).filter(({ type }) => type === 'watch');
  expect(watched).toEqual([
    { type: 'watch', table: true, files: false },
    { type: 'watch', table: false, files: true },
    { type: 'watch', table: false, files: false },
  ]);
});

test('the table sorts by a column, filters by words, groups, and remembers it', async () => {
  await open();
  expect(await ids()).toHaveLength(3);
  await panel.page.getByRole('button', { name: 'Test', exact: false }).first().click();
  await panel.post();
  const sorted = panel.page.locator('th[aria-sort]');
  expect([await sorted.innerText(), await sorted.getAttribute('aria-sort')]).toEqual(['Test ▴', 'ascending']);
  expect((await ids()).at(-1)).toBe('2026-11-23-mnist-2');
  // The control that was pressed has been drawn anew and keeps the focus.
  expect(await panel.page.evaluate(() => document.activeElement?.textContent)).toBe('Test ▴');
  await panel.page.locator('#view-compare').getByLabel('Filter', { exact: true }).fill('tag:hot');
  await panel.post();
  expect(await ids()).toEqual(['2026-11-23-mnist-2']);
  await panel.page.locator('#view-compare').getByLabel('Filter', { exact: true }).fill('nothing at all');
  await panel.post();
  expect(await panel.page.getByText('No run fits the filter.').isVisible()).toBe(true);
  await panel.page.locator('#view-compare').getByLabel('Filter', { exact: true }).fill('');
  await panel.page.getByLabel('Archived too').check();
  await panel.page.getByText('Columns').click();
  await panel.page.locator('.checks').getByLabel('Note', { exact: true }).check();
  await panel.post();
  expect(await ids()).toHaveLength(4);
  expect(await panel.page.locator('.runs').innerText()).toContain('higher temperature');
  const memory = await panel.memory();
  expect(memory).toMatchObject({
    view: 'compare',
    compare: { sort: 'best', isDescending: false, archived: true },
  });
  await panel.close();
  panel = await stand.page({ memory, width: 1100 });
  await panel.post(...showing(told.run), told.table);
  expect(await ids()).toHaveLength(4);
});

test('runs are chosen, starred and compared by keys alone', async () => {
  await open();
  const box = panel.page.getByLabel('Choose 2026-11-23-mnist-1');
  await box.focus();
  await panel.page.keyboard.press('Space');
  await panel.post();
  await panel.page.keyboard.press('Tab');
  await panel.page.keyboard.press('Enter');
  expect((await panel.sent()).at(-1)).toMatchObject({
    type: 'label',
    runs: [FIRST],
    change: { starred: false },
  });
  await panel.page.getByLabel('Choose 2026-11-23-mnist-2').focus();
  await panel.page.keyboard.press('Space');
  await panel.post();
  await panel.page.getByRole('button', { name: 'Compare', exact: true }).focus();
  await panel.page.keyboard.press('Enter');
  expect((await panel.sent()).at(-1)).toMatchObject({
    ...{ type: 'compare', runs: [FIRST, SECOND], metric: '', toBaseline: false },
  });
  await panel.post(told.comparison);
  const text = await panel.page.locator('main').innerText();
  for (const fact of [
    'BEATS',
    'is better than',
    'paired t, Holm over 3 students',
    'Settings that differ',
    'p (Holm)',
  ])
    expect(text).toContain(fact);
  const points = panel.page.locator('.picture-point');
  await points.first().focus();
  expect(await points.first().getAttribute('aria-label')).toMatch(
    /^1, 2026-11-23-mnist-1: 96\.\d% at 78K, /u,
  );
  expect(await panel.page.locator('.parallel-line').count()).toBe(4);
  expect(await panel.page.locator('.parallel-line').nth(1).getAttribute('aria-label')).toContain(
    'distill.match[kd].temperature 8',
  );
});

test('one run is compared with its baseline, and the reference can be another one', async () => {
  await open();
  await panel.page.getByLabel('Choose 2026-11-23-mnist-2').check();
  await panel.post();
  await press('Compare');
  expect((await panel.sent()).at(-1)).toMatchObject({ runs: [SECOND], toBaseline: true });
  await panel.page.getByLabel('Choose 2026-11-23-mnist-1').check();
  await panel.post();
  await panel.page.locator('vscode-dropdown').filter({ hasText: 'the baseline of the first' }).click();
  await panel.page.locator('vscode-option').filter({ hasText: 'mnist-1' }).last().click();
  await panel.post();
  await press('Compare');
  expect((await panel.sent()).at(-1)).toMatchObject({ runs: [FIRST, SECOND], toBaseline: false });
  await press('Diff of configs');
  expect((await panel.sent()).at(-1)).toMatchObject({ type: 'diffConfigs', runs: [SECOND, FIRST] });
  await press('Move to trash');
  expect((await panel.sent()).at(-1)).toMatchObject({ type: 'deleteRuns', runs: [SECOND, FIRST] });
});

test('tags and a note are written for the chosen runs, and the focus comes back', async () => {
  await open();
  await panel.page.getByLabel('Choose 2026-11-23-mnist-2').check();
  await panel.post();
  await press('Tags and note');
  const tags = panel.page.getByLabel('Tags, with commas between them');
  expect(await tags.inputValue()).toBe('good, hot'.split(', ').reverse().join(', '));
  await tags.fill('hot, new');
  await panel.page.keyboard.press('Enter');
  expect((await panel.sent()).at(-1)).toMatchObject({
    type: 'label',
    change: { addTags: ['hot', 'new'], removeTags: ['good'] },
  });
  expect(await panel.page.evaluate(() => document.activeElement?.textContent)).toBe('Tags and note');
  await press('Tags and note');
  await panel.page.keyboard.press('Escape');
  expect(await tags.isVisible()).toBe(false);
});

test('a comparison that was asked for outside of the page is shown with its runs', async () => {
  panel = await stand.page();
  await panel.post(WELCOME, { type: 'showComparison', runs: [FIRST, SECOND] }, ...showing(told.run).slice(1));
  expect((await panel.sent()).map(({ type }) => type)).toEqual(['ready', 'compare', 'watch']);
  await panel.post(told.table, told.comparison);
  expect(await panel.page.getByLabel('Choose 2026-11-23-mnist-2').isChecked()).toBe(true);
  await press('Report as HTML');
  expect((await panel.sent()).at(-1)).toMatchObject({
    ...{ type: 'report', runs: [FIRST, SECOND], format: 'html', metric: '' },
  });
});

test('a comparison that was in sight is asked for again after the page was hidden', async () => {
  await open();
  await panel.page.getByLabel('Choose 2026-11-23-mnist-2').check();
  await panel.post();
  await press('Compare');
  const memory = await panel.memory();
  await panel.close();
  panel = await stand.page({ memory });
  await panel.post(...showing(told.run), told.table);
  const asked = (await panel.sent()).filter(({ type }) => type === 'compare');
  expect(asked).toMatchObject([{ type: 'compare', runs: [SECOND], toBaseline: true }]);
});

test('hostile names are shown as text in every table', async () => {
  panel = await stand.page();
  const evil = '<img src=x onerror="globalThis.owned = true">';
  const hostile = compared(evil);
  await panel.post(...showing(hostile.run));
  await panel.tab('Compare');
  await panel.post(hostile.table, hostile.comparison);
  await panel.page.getByText('Columns').click();
  await panel.page.getByLabel('Experiment', { exact: true }).check();
  await panel.post();
  expect(await panel.page.locator('.runs').innerText()).toContain(evil);
  expect(await panel.page.evaluate(() => 'owned' in globalThis)).toBe(false);
});

test('the view of the run shows state, device and why, environment, the end of the log and every file', async () => {
  panel = await stand.page();
  await panel.post(...showing(told.run));
  await panel.tab('Run');
  await panel.post(told.files);
  const text = await panel.page.locator('#view-run').innerText();
  for (const fact of [
    ...['Completed', 'ONNX Runtime, CPU', 'no NVIDIA driver was found', 'data SHA-256', 'last line'],
    ...['config.yaml', 'metrics.jsonl', 'config as run'],
  ])
    expect(text).toContain(fact);
  await press('config.yaml');
  expect((await panel.sent()).at(-1)).toMatchObject({
    type: 'openArtefact',
    run: FIRST,
    name: 'config.yaml',
  });
  for (const [label, type] of [
    ['Run again', 'start'],
    ['Add to queue', 'queue'],
    ['Export', 'exportRun'],
    ['Report', 'report'],
    ['Show folder', 'reveal'],
  ] as const) {
    await press(label);
    expect((await panel.sent()).at(-1)).toMatchObject({ type });
  }
});
