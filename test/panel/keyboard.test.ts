import { afterEach, expect, test } from 'vitest';
import type { HostMessage, PanelMessage } from '../../src/protocol/panel.ts';
import { gapOf, sampleGap } from './sample-gap.ts';
import { sampleRun } from './sample-run.ts';
import { compared } from './support/compared.ts';
import { directoryOf, listing, showing } from './support/host-messages.ts';
import type { OpenPanel } from './support/stand.ts';
import { soundAfterEach, standOfFile } from './support/stand-of-file.ts';
import { Walk } from './support/walk.ts';

/** Every task of every tab but Curves, which `curves.test.ts` walks through, without a mouse. */
const stand = standOfFile();
let panel: OpenPanel;
let walk: Walk;
soundAfterEach(() => panel);
afterEach(() => expect(walk.hidden).toEqual([]));

const told = compared();
const { run } = told;
const directory = directoryOf(run.record.id);
const last = async () => (await panel.sent()).at(-1);
const lastOf = async <T extends PanelMessage['type']>(type: T) =>
  (await panel.sent()).findLast(
    (message): message is Extract<PanelMessage, { type: T }> => message.type === type,
  );

const card = (title: string) =>
  panel.page.locator('section.card', { has: panel.page.getByRole('heading', { name: title }) });

async function open(...shown: readonly HostMessage[]): Promise<void> {
  panel = await stand.page({ width: 1000, height: 700 });
  walk = new Walk(panel);
  await panel.post(...(shown.length === 0 ? showing(run) : shown));
}

test('a run is started, chosen, paused, looked into and exported', async () => {
  await open(
    ...showing(run).slice(0, 1),
    { type: 'runs', runs: [], config: 'mnist.kd.yaml', trusted: true },
    { type: 'snapshot', stream: 1, through: -1, content: null },
  );
  await walk.to(/^Run experiment$/u);
  await walk.act('Enter');
  expect(await last()).toMatchObject({ type: 'start' });
  const working = sampleRun({ status: 'running', done: 0.6 });
  await panel.post(...showing(working, 2), listing(working, sampleRun({ id: 'r1' })));
  await walk.to(/^Run$/u, 'Shift+Tab');
  await walk.act('ArrowDown');
  expect(await last()).toMatchObject({ type: 'selectRun', run: directoryOf('r1') });
  for (const [name, type] of [
    ['Stop', 'stop'],
    ['Pause', 'pause'],
    ['Config', 'openConfig'],
    ['Log', 'showLog'],
    ['Export CSV', 'exportCsv'],
  ] as const) {
    await walk.to(new RegExp(`^${name}$`, 'u'));
    await walk.act('Space');
    expect(await last()).toMatchObject({ type, run: directory });
  }
  await walk.to(/^Details$/u);
  await walk.act('Enter');
  expect(await panel.page.getByText('/home/ada/digits/.kd/runs').first().isVisible()).toBe(true);
  await walk.to(/^Seeds$/u);
  await walk.act('ArrowDown');
  expect(await panel.memory()).toMatchObject({ seed: 1 });
});

test('Gap: the worst class, a point of its curve, the cells of both matrices, softer targets, a new measurement', async () => {
  const gap = await sampleGap();
  await open();
  await walk.view('Gap');
  const { id } = (await lastOf('gap')) ?? { id: 0 };
  await panel.post(gapOf(gap), { type: 'reply', id, ok: true, message: '' });
  await walk.to(/^KL divergence\./u);
  await walk.act('End');
  await expect
    .poll(() => panel.page.locator('[role=status]').innerText(), { timeout: 8_000 })
    .toMatch(/^Epoch 8; student: .* nats$/u);
  await walk.to(/^Save as CSV$/u);
  await walk.act('Enter');
  expect(await lastOf('exportFile')).toMatchObject({ name: 'KL divergence', format: 'csv' });
  const worst = await panel.page.locator('.class-table .row-button').first().innerText();
  await walk.to(/^\d$/u);
  expect(await walk.name()).toBe(worst);
  await walk.press('Tab');
  const second = await walk.name();
  await walk.act('Space');
  expect(await panel.page.getByRole('heading', { name: `of class ${second}` }).isVisible()).toBe(true);
  expect(await walk.name()).toBe(second);
  await walk.to(/^Measure again$/u);
  await walk.act('Enter');
  const asked = await lastOf('measureGap');
  expect(asked).toMatchObject({ run: directory, student: 'student-1' });
  await panel.post({ type: 'reply', id: asked?.id ?? 0, ok: true, message: '' });
  await walk.to(/^Show$/u);
  await walk.act('ArrowDown');
  await walk.to(/^Who is taken for whom, teacher/u);
  await walk.act('PageUp', 'Home', 'ArrowDown', 'ArrowRight');
  expect(await card('Who is taken for whom').locator('.readout').innerText()).toMatch(/^class 1 named 1: /u);
  await walk.to(/^The widest differences as a table$/u);
  await walk.act('Enter');
  await walk.to(/^Save as PNG$/u);
  await walk.act('Enter');
  expect(await lastOf('exportFile')).toMatchObject({ name: 'Who is taken for whom, teacher', format: 'png' });
  await walk.to(/^Where the outputs differ/u);
  await walk.act('PageDown', 'End');
  expect(await card('Where the outputs differ').locator('.readout').innerText()).toMatch(
    /^class 9, logit of 9: /u,
  );
  await walk.to(/^Show \d+ more$/u);
  await walk.act('Enter');
  expect(await panel.page.locator('.sample').count()).toBe(gap.report.disagreed.length);
  await walk.to(/^Epoch of the student$/u);
  await walk.act('Home');
  await walk.to(/^Both as a table$/u);
  await walk.act('Enter');
  await walk.to(/^Temperature$/u);
  await walk.act('ArrowRight');
  const slider = card('How soft are the targets').getByRole('slider', { name: 'Temperature' });
  expect(await slider.getAttribute('aria-valuetext')).toBe('temperature 5');
});

test('Layers: another measure, a pair by the map and one between the networks, one and all inserted, an ablation', async () => {
  await open();
  await walk.view('Layers');
  const pairs = () => panel.page.locator('.pair-list .pair-head strong').allInnerTexts();
  await walk.to(/^Measure$/u);
  await walk.act('ArrowDown');
  expect(await panel.page.locator('.layer-cards .note').first().innerText()).toContain('exp(');
  await walk.to(/^Epoch$/u);
  await walk.act('ArrowDown');
  await walk.to(/^[-−]?\d\.\d\d/u);
  await walk.act('ArrowDown', 'ArrowRight', 'Enter');
  expect((await last())?.type).toBe('insertPair');
  const before = await pairs();
  await walk.act('Space');
  expect((await pairs()).length).not.toBe(before.length);
  await walk.to(/^Save as SVG$/u);
  await walk.act('Enter');
  expect((await lastOf('exportFile'))?.name).toMatch(/^Similarity of layers, /u);
  await walk.to(/^Choice$/u);
  await walk.act('ArrowDown');
  await walk.to(/^Pairs$/u);
  await walk.act('ArrowUp');
  const fewer = await pairs();
  await walk.to(/^Insert all$/u);
  await walk.act('Enter');
  expect(await last()).toMatchObject(fewer.length > 1 ? { type: 'insertPairs' } : { type: 'insertPair' });
  await walk.to(/^Remove the pair /u);
  await walk.act('Enter');
  expect(await pairs()).toHaveLength(fewer.length - 1);
  const wanted = 'stage1.block0 → stage1';
  const was = (await pairs()).includes(wanted);
  await walk.to(/^stem, /u);
  await walk.act('ArrowDown', 'Enter');
  await walk.to(/^stem, /u);
  await walk.act('ArrowDown', 'Enter');
  expect((await pairs()).includes(wanted)).toBe(!was);
  await walk.to(/^Chosen pairs over training\./u);
  await walk.act('End');
  await walk.to(/^Write the experiments$/u);
  await walk.act('Enter');
  expect(await last()).toMatchObject({ type: 'writeAblation', run: directory, queue: false });
});

test('Diagnosis: what is found is read, and a change inserted', async () => {
  await open();
  await walk.view('Diagnosis');
  const { id } = (await lastOf('diagnose')) ?? { id: 0 };
  const finding = {
    ...{ rule: 'learningRateHigh', title: 'Too high', symptom: 'It jumps.', cause: 'Steps.', source: 'x' },
    evidence: [{ what: 'mean jump', value: '14.5 %' }],
    changes: [
      { title: 'Lower the learning rate', value: '0.5' },
      { title: 'Train longer', value: '32' },
    ],
  };
  await panel.post(
    { type: 'diagnosis', run: directory, diagnosis: { findings: [finding], unable: [], quiet: 10 } },
    { type: 'reply', id, ok: true, message: '' },
  );
  await walk.to(/^Insert into the config: Train longer$/u);
  await walk.act('Enter');
  expect(await last()).toMatchObject({ type: 'applyChange', run: directory, change: 1 });
});

test('Verdict: each table that may be wider than the page is reached, to be scrolled', async () => {
  await open();
  await walk.view('Verdict');
  const regions = await panel.page
    .locator('#view-verdict [role=region]')
    .evaluateAll((all) => all.map((one) => one.getAttribute('aria-label') ?? ''));
  expect(regions.length).toBeGreaterThan(0);
  await walk.to(/^Save as SVG$/u);
  await walk.act('Enter');
  expect(await lastOf('exportFile')).toMatchObject({ format: 'svg' });
  for (const name of regions) await walk.to(new RegExp(`^${name.replaceAll(/[^\w ]/gu, '.')}$`, 'u'));
});

test('Compare: filtered, sorted, labelled, compared, reported, and a run opened', async () => {
  await open();
  await walk.view('Compare');
  await panel.post(told.table);
  await walk.to(/^Filter$/u);
  await panel.page.keyboard.type('mnist');
  await walk.to(/^Group by$/u);
  await walk.act('ArrowDown', 'ArrowDown');
  expect(await panel.memory()).toMatchObject({ compare: { filter: 'mnist', group: 'status' } });
  await walk.to(/^Archived too$/u);
  await walk.act('Space');
  await walk.to(/^Columns$/u);
  await walk.act('Enter');
  await walk.to(/^Experiment$/u);
  await walk.act('Space');
  await walk.to(/^Test/u);
  await walk.to(/^All runs$/u);
  await walk.to(/^Test/u);
  await walk.act('Enter');
  expect(await panel.page.locator('th[aria-sort]').innerText()).toMatch(/^Test/u);
  await walk.to(/^Choose 2026-11-23-mnist-1$/u);
  await walk.act('Space');
  await walk.to(/^Star 2026-11-23-mnist-2$/u);
  await walk.act('Enter');
  expect(await lastOf('label')).toMatchObject({ change: { starred: true } });
  await walk.to(/^Choose 2026-11-23-mnist-2$/u, 'Shift+Tab');
  await walk.act('Space');
  await walk.to(/^Tags and note$/u, 'Shift+Tab');
  await walk.act('Enter');
  expect(await walk.name()).toBe('Tags, with commas between them');
  await panel.page.keyboard.type(', by keys');
  await walk.act('Enter');
  expect(await lastOf('label')).toMatchObject({ change: { addTags: ['by keys'] } });
  await walk.to(/^Compare with$/u, 'Shift+Tab');
  await walk.act('ArrowDown');
  await walk.to(/^Compare$/u);
  await walk.act('Enter');
  expect((await lastOf('compare'))?.runs).toHaveLength(2);
  await panel.post(told.comparison);
  await walk.to(/^\d, 2026-11-23-mnist-\d: /u);
  await walk.to(/^Save as CSV$/u);
  await walk.act('Enter');
  expect((await lastOf('exportFile'))?.content).toContain('2026-11-23-mnist-2');
  await walk.to(/^Report as HTML$/u);
  await walk.act('Enter');
  expect(await lastOf('report')).toMatchObject({ format: 'html' });
  await walk.to(/^2026-11-23-mnist-2$/u, 'Shift+Tab');
  await walk.act('Enter');
  expect(await last()).toMatchObject({ type: 'selectRun' });
  await walk.to(/^Diff of configs$/u, 'Shift+Tab');
  await walk.act('Enter');
  expect((await lastOf('diffConfigs'))?.runs).toHaveLength(2);
  await walk.to(/^Move to trash$/u);
  await walk.act('Enter');
  expect((await lastOf('deleteRuns'))?.runs).toHaveLength(2);
});

test('Run: run again, queued, exported, reported; the log scrolled and a file opened', async () => {
  await open();
  await walk.view('Run');
  await panel.post(told.files);
  for (const [name, type] of [
    ['Run again', 'start'],
    ['Add to queue', 'queue'],
    ['Export', 'exportRun'],
    ['Report', 'report'],
    ['Show folder', 'reveal'],
  ] as const) {
    await walk.to(new RegExp(`^${name}$`, 'u'));
    await walk.act('Enter');
    expect(await last()).toMatchObject({ type });
  }
  await walk.to(/^End of the log$/u);
  await walk.act('Home');
  await walk.to(/^Open log$/u);
  await walk.act('Enter');
  expect(await last()).toMatchObject({ type: 'showLog', run: directory });
  await walk.to(/^config\.yaml$/u);
  await walk.act('Enter');
  expect(await last()).toMatchObject({ type: 'openArtefact', run: directory, name: 'config.yaml' });
});
