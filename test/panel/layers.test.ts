import { expect, test } from 'vitest';
import { sampleRun } from './sample-run.ts';
import { directoryOf, modelOf, showing, snapshotOf, WELCOME } from './support/host-messages.ts';
import type { OpenPanel, PanelStand } from './support/stand.ts';
import { soundAfterEach, standOfFile } from './support/stand-of-file.ts';

const stand = standOfFile();
let panel: OpenPanel;
soundAfterEach(() => panel);

const run = sampleRun();
const directory = directoryOf(run.record.id);

async function openLayers(options: Parameters<PanelStand['page']>[0] = {}): Promise<void> {
  panel = await stand.page(options);
  await panel.post(...showing(run));
  await panel.tab('Layers');
  await panel.post();
}

const pairs = () => panel.page.locator('.pair-list .pair-head strong').allInnerTexts();
const lines = () => panel.page.locator('.network-line').count();
const layer = (role: 'teacher' | 'student', name: string) =>
  panel.page.locator(`.network-${role} button`, { hasText: new RegExp(`^${name}$`) });

test('three pairs are chosen in order, drawn between the networks and marked in the map', async () => {
  await openLayers();
  const chosen = await pairs();
  expect(chosen).toHaveLength(3);
  expect(await lines()).toBe(3);
  expect(await panel.page.locator('td.heat-chosen').count()).toBe(3);
  const rows = chosen.map(
    (name) =>
      run.layers.meetings[0]?.teacher.layers.findIndex((one) => name.startsWith(`${one.name} →`)) ?? -1,
  );
  const columns = chosen.map(
    (name) => run.layers.meetings[0]?.student.layers.findIndex((one) => name.endsWith(`→ ${one.name}`)) ?? -1,
  );
  for (const [i, row] of rows.entries())
    for (const [j, other] of rows.entries())
      if (row < other) expect(columns[i]).toBeLessThan(columns[j] ?? -1);
  const [first] = await panel.page.locator('.pair').allInnerTexts();
  expect(first).toMatch(/0\.\d\d ± 0\.\d\d/);
  expect(first).toContain('adapter 1x1x16x64: 1,216 parameters, 154M multiply-adds a step');
  expect(first).toMatch(/the teacher layer most alike|more alike is/);
});

test('a pair is added and taken back by keys between the networks, and a crossing is said', async () => {
  await openLayers();
  const before = await pairs();
  await layer('teacher', 'stem').focus();
  await panel.page.keyboard.press('ArrowDown');
  await panel.page.keyboard.press('Enter');
  expect(await layer('teacher', 'stage1.block0').getAttribute('aria-pressed')).toBe('true');
  await layer('student', 'stage3').focus();
  await panel.page.keyboard.press('Space');
  await panel.post();
  expect(await pairs()).toContain('stage1.block0 → stage3');
  expect(await pairs()).toHaveLength(before.length + 1);
  expect(await panel.page.locator('.pair-warnings li').first().innerText()).toContain('cross');
  expect(await panel.page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toContain(
    'stage3',
  );
  await panel.page
    .getByRole('button', { name: 'Remove the pair stage1.block0, stage3 from the chosen ones' })
    .click();
  await panel.post();
  expect(await pairs()).toEqual(before);
  expect(await panel.page.locator('.pair-warnings li').count()).toBe(0);
});

test('a cell of the map chooses its pair by Space, and what no adapter can match is refused in words', async () => {
  await openLayers();
  const before = await pairs();
  await panel.page.locator('td[data-row="4"][data-column="1"]').focus();
  await panel.page.keyboard.press('Space');
  await panel.post();
  expect(await pairs()).toContain('stage2.block1 → stage1');
  await panel.page.locator('td[data-row="8"][data-column="1"]').focus();
  await panel.page.keyboard.press('Space');
  await panel.post();
  expect(await pairs()).toHaveLength(before.length + 1);
  await expect
    .poll(async () => (await panel.page.locator('[role=status]').first().innerText()).trim(), {
      timeout: 5000,
    })
    .toBe('fitnet cannot match head → stage1');
});

test('all chosen pairs are inserted at once, and another choice chooses others', async () => {
  await openLayers();
  await panel.page.getByRole('button', { name: 'Insert all' }).click();
  const named = (await pairs()).map((name) => {
    const [teacher, student] = name.split(' → ');
    return { teacher, student };
  });
  expect((await panel.sent()).at(-1)).toEqual({ type: 'insertPairs', id: 1, run: directory, pairs: named });
  await panel.page.locator('vscode-dropdown').filter({ hasText: 'in order, one to one' }).click();
  await panel.page.getByRole('option', { name: 'any order', exact: true }).click();
  await panel.post();
  expect(await pairs()).toHaveLength(3);
  await panel.page.locator('vscode-dropdown').filter({ hasText: 'Linear CKA' }).click();
  await panel.page.getByRole('option', { name: 'Distance correlation', exact: true }).click();
  await panel.post();
  expect(await panel.page.locator('.layer-cards .note').first().innerText()).toContain(
    'squared distance correlation',
  );
});

test('an ablation is asked for, and its answer is shown also where matching does not help', async () => {
  await openLayers();
  await panel.page.getByRole('button', { name: 'Write and queue them' }).click();
  expect((await panel.sent()).at(-1)).toMatchObject({ type: 'writeAblation', run: directory, queue: true });
  const variant = (kind: 'best' | 'random' | 'none', accuracy: number | null) => ({
    ...{ kind, file: `mnist.ablation-${kind}.kd.yaml`, seeds: accuracy === null ? 0 : 3 },
    value: accuracy,
    status: accuracy === null ? null : ('completed' as const),
  });
  await panel.post({
    type: 'ablation',
    run: directory,
    answer: {
      metric: { name: 'accuracy', unit: 'points', better: 'higher' },
      variants: [variant('best', 0.971), variant('random', null), variant('none', 0.973)],
      differences: [{ of: 'best', to: 'none', mean: -0.2, interval: [-0.9, 0.5], level: 0.95, pairs: 3 }],
    },
  });
  const table = panel.page.locator('.ablation-table tbody tr');
  expect(await table.allInnerTexts()).toEqual([
    expect.stringMatching(/chosen pairs.*Completed.*3.*97\.1%.*-0\.20 points/su),
    expect.stringMatching(/random pairs.*not run yet/su),
    expect.stringMatching(/no pairs.*Completed.*97\.3%/su),
  ]);
  expect(await panel.page.locator('.ablation-words').innerText()).toContain(
    'No difference is shown between chosen pairs and no pairs: -0.20 points',
  );
});

test.each([
  [
    'psnr',
    'dB',
    'higher',
    [31.4, 31.1],
    0.3,
    [0.1, 0.5],
    ['Test psnr', '31.4 dB', '+0.3 dB', '95% interval +0.1 to +0.5'],
  ],
  [
    'balancedAccuracy',
    'points',
    'higher',
    [0.8, 0.75],
    5,
    [1, 9],
    ['Test balancedAccuracy', '80.0%', '+5.00 points'],
  ],
  [
    'loss/ce',
    'nats',
    'lower',
    [0.31, 0.36],
    -0.05,
    [-0.07, -0.03],
    ['Test loss/ce', '0.31 nats', '-0.05 nats'],
  ],
] as const)(
  'an ablation judged by %s is told in %s',
  async (name, unit, better, values, mean, interval, facts) => {
    await openLayers();
    const variant = (kind: 'best' | 'none', value: number) => ({
      ...{ kind, file: `a.ablation-${kind}.kd.yaml`, seeds: 3, value, status: 'completed' as const },
    });
    await panel.post({
      type: 'ablation',
      run: directory,
      answer: {
        metric: { name, unit, better },
        variants: [variant('best', values[0]), variant('none', values[1])],
        differences: [{ of: 'best', to: 'none', mean, interval, level: 0.95, pairs: 3 }],
      },
    });
    const text = await panel.page.locator('.ablation-table').innerText();
    for (const fact of facts) expect(text).toContain(fact);
    const words = await panel.page.locator('.ablation-words').innerText();
    expect(words).toMatch(/^Better with chosen pairs than with no pairs/u);
  },
);

test('hostile names of layers are shown as text', async () => {
  panel = await stand.page();
  const evil = '<img src=x onerror="globalThis.owned = true">';
  const model = modelOf(run);
  const [meeting] = run.layers.meetings;
  if (meeting === undefined) throw new Error('no meeting');
  const layers = meeting.teacher.layers.map((one) => ({ ...one, name: `${evil}${one.name}` }));
  model.setLayers({ formatVersion: 1, meetings: [{ ...meeting, teacher: { ...meeting.teacher, layers } }] });
  await panel.post(WELCOME, snapshotOf(model));
  await panel.tab('Layers');
  await panel.post();
  expect(await panel.page.locator('.network-teacher button').first().innerText()).toBe(`${evil}stem`);
  expect(await panel.page.evaluate(() => 'owned' in globalThis)).toBe(false);
  expect(await panel.page.locator('#panel img').count()).toBe(0);
});

test.each([
  [300, 'dark'],
  [1400, 'light'],
] as const)('both networks and their lines fit %d pixels', async (width, theme) => {
  await openLayers({ width, height: 1000, theme });
  const overflow = await panel.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(overflow).toBeLessThanOrEqual(0);
  // Lines end at the middle of the layers they join.
  const apart = await panel.page.evaluate(() => {
    const middle = (element: Element) => {
      const { top, height } = element.getBoundingClientRect();
      return top + height / 2;
    };
    const line = document.querySelector('.network-line')?.getBoundingClientRect();
    const matched = [...document.querySelectorAll('.network-layer.matched')].map(middle);
    return line === undefined
      ? [NaN]
      : [line.top, line.bottom].map((end) => Math.min(...matched.map((one) => Math.abs(one - end))));
  });
  for (const distance of apart) expect(distance).toBeLessThan(2);
  await panel.screenshot(`matching-${width}-${theme}`);
});
