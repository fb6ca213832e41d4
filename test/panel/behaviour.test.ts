import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { PanelContent } from '../../src/protocol/panel-content.ts';
import type { HostMessage } from '../../src/protocol/panel.ts';
import { sampleRun } from './sample-run.ts';
import { directoryOf, listing, modelOf, showing, snapshotOf, WELCOME } from './support/host-messages.ts';
import type { OpenPanel } from './support/stand.ts';
import { soundAfterEach, standOfFile } from './support/stand-of-file.ts';

const stand = standOfFile();
let panel: OpenPanel;
soundAfterEach(() => panel);

const run = sampleRun();
const directory = directoryOf(run.record.id);
const text = async (selector: string) => (await panel.page.locator(selector).first().innerText()).trim();

test('the panel says that it is loaded, then shows the run it is told of', async () => {
  panel = await stand.page();
  expect(await panel.sent()).toEqual([{ type: 'ready', version: 1, run: null }]);
  expect(await text('h1')).toBe('Waiting for the extension');
  await panel.post(...showing(run));
  expect(await text('h1')).toBe('MNIST, ConvNet to MLP');
  expect(await text('.state')).toBe('Completed');
});

test('a curve grows with the records, and its table says what the files say', async () => {
  panel = await stand.page();
  const half = sampleRun({ seeds: [1], status: 'running', done: 0.5 });
  const model = modelOf(half);
  await panel.post(WELCOME, listing(half), snapshotOf(model));
  await panel.page.locator('.card').nth(1).getByText('Values as a table').click();
  const rows = () => panel.page.locator('.card').nth(1).locator('tbody tr').count();
  const before = await rows();
  const after = model.through;
  const whole = sampleRun({ seeds: [1], status: 'running' });
  model.add({ metrics: whole.metrics.slice(half.metrics.length) });
  const delta: HostMessage = {
    type: 'delta',
    stream: 1,
    after,
    through: model.through,
    changes: model.takeChanges(),
  };
  await panel.post(delta);
  const shown = await panel.page
    .locator('.card')
    .nth(1)
    .locator('tbody tr')
    .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent)));
  expect(shown.length).toBeGreaterThan(before);
  const content = PanelContent.from(model.snapshot());
  const points = content.points({ phase: 'student', seed: 1, split: 'validation', metric: 'accuracy' });
  const heads = await panel.page.locator('.card').nth(1).locator('thead th').allInnerTexts();
  const column = heads.findIndex((head) => head.includes('student, validation'));
  const values = shown.filter((row) => row[column] !== '').map((row) => [row[0], row[column]]);
  expect(values).toEqual(points.map(({ step, value }) => [String(step), `${(value * 100).toFixed(1)}%`]));
});

test('a choice goes on to show what is chosen when others come to stand before it', async () => {
  panel = await stand.page();
  const early = sampleRun({ seeds: [1], status: 'running', done: 0.1 });
  const model = modelOf(early);
  await panel.post(WELCOME, listing(early), snapshotOf(model));
  const shown = () =>
    panel.page.locator('.card vscode-dropdown').evaluateAll((all) =>
      all.map((one) => {
        const { value } = one as HTMLElement & { readonly value: string };
        const label = one.querySelector(`vscode-option[value="${value}"]`)?.textContent;
        return [value, label, one.shadowRoot?.querySelector('.selected-value')?.textContent.trim()];
      }),
    );
  const before = await shown();
  expect(before.map(([, label]) => label)).toContain('accuracy');
  const after = model.through;
  const whole = sampleRun({ seeds: [1], status: 'running' });
  model.add({ metrics: whole.metrics.slice(early.metrics.length) });
  const changes = model.takeChanges();
  await panel.post({ type: 'delta', stream: 1, after, through: model.through, changes });
  await panel.page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
  );
  const now = await shown();
  expect(now[2]).toEqual(before[2]);
  expect(now[2]?.[1]).toBe('accuracy');
  for (const [value, label, text] of now) expect([value, text]).toEqual([value, label]);
});

test('messages that make no sense are dropped and reported, and the panel goes on', async () => {
  panel = await stand.page();
  await panel.post(...showing(run));
  const nonsense = [
    null,
    7,
    'x',
    [],
    {},
    { type: 'snapshot' },
    { type: 'snapshot', stream: 2, through: 1, content: 5 },
    { type: 'delta', stream: 1, after: 0, through: 1, changes: { series: [{}] } },
    { type: 'evil', html: '<b>' },
  ];
  await panel.postAnything(...nonsense);
  const sent = await panel.sent();
  expect(sent.filter(({ type }) => type === 'problem')).toHaveLength(nonsense.length);
  expect(sent.filter(({ type }) => type === 'resync')).toEqual([
    { type: 'resync', reason: 'a message made no sense' },
  ]);
  expect(await text('.state')).toBe('Completed');
  await panel.post(...showing(run, 2));
  await panel.post({ type: 'delta', stream: 9, after: 0, through: 1, changes: {} });
  expect((await panel.sent()).at(-1)).toEqual({ type: 'resync', reason: 'a delta of another snapshot' });
});

test('a run that cannot be read is asked for once, then that is said in words, until it can be read', async () => {
  panel = await stand.page();
  const unread = {
    ...snapshotOf(modelOf(run)),
    content: { ...modelOf(run).snapshot(), gap: [{ phase: 7 }] },
  };
  await panel.post(WELCOME, listing(run));
  for (let answer = 0; answer < 20; answer += 1) await panel.postAnything(unread);
  const asked = async () => (await panel.sent()).filter(({ type }) => type === 'resync').length;
  expect(await asked()).toBe(1);
  const words = panel.page.getByLabel('Something that the extension sent cannot be read');
  expect(await words.innerText()).toContain('content.gap[0].phase');
  await expect.poll(() => text('[role=status]'), { timeout: 5000 }).toContain('cannot be read');
  await panel.post(...showing(run, 2).slice(1));
  expect(await words.isVisible()).toBe(false);
  expect(await text('.state')).toBe('Completed');
  expect(await asked()).toBe(1);
});

test('hostile records are shown as text and never run', async () => {
  panel = await stand.page();
  const evil = '<img src=x onerror="globalThis.owned = true"><script>globalThis.owned = true</script>';
  const hostile = sampleRun({
    seeds: [1],
    epochs: 3,
    name: evil,
    classNames: [evil, '__proto__', 'a'.repeat(400), ''],
  });
  const model = modelOf(hostile);
  model.add({
    metrics: [
      {
        ...hostile.metrics.at(-1),
        seq: 9000,
        step: 5000,
        phase: evil,
        values: { [evil]: 'NaN', __proto__: 1e308, loss: '-Infinity' },
      },
      { seq: 'x' },
    ],
    similarity: hostile.similarity.map((record) => ({
      ...record,
      teacherLayers: record.teacherLayers.map(() => evil),
    })),
    events: [{ type: 'event', time: 1e300, kind: 'warning', message: evil }],
  });
  await panel.post(WELCOME, listing(hostile), snapshotOf(model));
  await panel.page.getByText('Details').click();
  for (const view of ['Curves', 'Gap', 'Layers', 'Diagnosis', 'Verdict']) {
    await panel.tab(view);
    await panel.post();
  }
  expect(await text('h1')).toBe(evil);
  expect(await panel.page.evaluate(() => 'owned' in globalThis)).toBe(false);
  expect(await panel.page.locator('#panel script, #panel img').count()).toBe(0);
  expect(await text('.run-details .note')).toBe(
    'Damaged or unknown records that were left out: 1. See the files in the run directory.',
  );
});

test('values that are no numbers and values off the scale are said in words', async () => {
  panel = await stand.page();
  const model = modelOf(sampleRun({ seeds: [1], epochs: 1, status: 'failed', done: 0 }));
  model.add({
    metrics: [1, 'NaN', 'Infinity', -2].map((loss, seq) => ({
      seq,
      phase: 'student',
      seed: 1,
      epoch: 0,
      step: seq + 1,
      split: 'train',
      values: { loss },
    })),
  });
  await panel.post(WELCOME, snapshotOf(model));
  expect(await text('.remarks')).toBe(
    'student, train: values that are no finite numbers: 2, the first at step 2.',
  );
  await panel.page.locator('vscode-dropdown').filter({ hasText: 'Linear' }).first().click();
  await panel.page.locator('vscode-option').filter({ hasText: 'Logarithmic' }).first().click();
  await panel.post();
  expect(await text('.remarks')).toContain('values not above zero, without a place on this scale: 1');
});

test('a pair is inserted by its button and by the heat map, and the answer is shown and said', async () => {
  panel = await stand.page();
  await panel.post(...showing(run));
  await panel.tab('Layers');
  await panel.page.getByRole('button', { name: /^Insert the pair stage1.block1, stage1 / }).click();
  const asked = (await panel.sent()).at(-1);
  expect(asked).toEqual({
    type: 'insertPair',
    id: 1,
    run: directory,
    teacher: 'stage1.block1',
    student: 'stage1',
  });
  await panel.post({ type: 'reply', id: 1, ok: true, message: 'inserted into mnist.kd.yaml' });
  expect(await text('.notice')).toBe('inserted into mnist.kd.yaml');
  await expect.poll(() => text('[role=status]'), { timeout: 5000 }).toBe('inserted into mnist.kd.yaml');
  await panel.page.locator('td[data-row="0"][data-column="0"]').focus();
  await panel.page.keyboard.press('ArrowDown');
  await panel.page.keyboard.press('ArrowRight');
  expect(await text('.readout')).toMatch(/^stage1.block0 with stage1: 0\.\d\d ± 0\.\d\d$/);
  await panel.page.keyboard.press('Enter');
  expect((await panel.sent()).at(-1)).toMatchObject({
    type: 'insertPair',
    teacher: 'stage1.block0',
    student: 'stage1',
  });
});

test.each([
  ['running', 'Stop', 'stop', ['Stop', 'Pause']],
  ['running', 'Pause', 'pause', ['Stop', 'Pause']],
  ['paused', 'Resume', 'resume', ['Stop', 'Resume']],
  ['interrupted', 'Resume', 'resume', ['Resume']],
  ['failed', 'Resume', 'resume', ['Resume']],
] as const)('a run that is %s offers %s', async (status, label, type, offered) => {
  panel = await stand.page();
  await panel.post(...showing(sampleRun({ status, done: 0.5 })));
  for (const name of ['Stop', 'Pause', 'Resume'] as const) {
    const button = panel.page.getByRole('button', { name, exact: true });
    expect(await button.count(), name).toBe((offered as readonly string[]).includes(name) ? 1 : 0);
  }
  await panel.page.getByRole('button', { name: label, exact: true }).click();
  expect((await panel.sent()).at(-1)).toEqual({ type, id: 1, run: directory });
});

test('an interrupted run says why its engine vanished and what to do, where that is known', async () => {
  panel = await stand.page();
  const gone = sampleRun({ status: 'interrupted', done: 0.5 });
  await panel.post(...showing(gone));
  const lines = () => panel.page.locator('.banner p').allInnerTexts();
  expect(await lines()).toEqual([
    'The training process is gone',
    'Nothing is lost up to the last checkpoint: Resume goes on exactly from there.',
  ]);
  const failure = {
    code: 'KD5021',
    message: 'the engine ended (signal SIGKILL)',
    help: 'close other programs',
  };
  await panel.post(...showing({ ...gone, record: { ...gone.record, failure } }, 2));
  expect(await lines()).toEqual([
    'The training process is gone',
    'The engine ended (signal SIGKILL).',
    'Next: close other programs',
    'Nothing is lost up to the last checkpoint: Resume goes on exactly from there.',
  ]);
});

test('a run that was taken out of the queue before it began has no log to point at', async () => {
  panel = await stand.page();
  const stopped = sampleRun({ status: 'stopped', done: 0 });
  await panel.post(...showing(stopped));
  expect(await text('main')).toContain('Its log says why');
  const { startedAt, ...never } = stopped.record;
  expect(startedAt).toBeDefined();
  await panel.post(...showing({ ...stopped, record: never }, 2));
  expect(await text('main')).toContain('taken out of the queue before it began');
});

test('without a run the panel offers to start one, but not before the workspace is trusted', async () => {
  panel = await stand.page();
  const nothing: HostMessage = { type: 'snapshot', stream: 1, through: -1, content: null };
  await panel.post(WELCOME, { type: 'runs', runs: [], config: 'mnist.kd.yaml', trusted: false }, nothing);
  expect(await panel.page.getByRole('button').count()).toBe(0);
  expect(await text('main')).toContain('Restricted Mode');
  await panel.post({ type: 'runs', runs: [], config: 'mnist.kd.yaml', trusted: true });
  await panel.page.getByRole('button', { name: 'Run experiment' }).click();
  expect((await panel.sent()).at(-1)).toEqual({ type: 'start', id: 1 });
});

test('a panel of another version asks for a reload of the window', async () => {
  panel = await stand.page();
  await panel.post({ type: 'welcome', version: 2 });
  expect(await text('h1')).toBe('The panel and the extension are of different versions');
});

test('what was chosen is there again after a reload', async () => {
  panel = await stand.page();
  await panel.post(...showing(run));
  await panel.page.locator('vscode-dropdown').filter({ hasText: 'loss and its terms' }).first().click();
  await panel.page.getByRole('option', { name: 'learningRate', exact: true }).first().click();
  await panel.page.locator('.seed-picker vscode-dropdown').click();
  await panel.page.locator('vscode-option').filter({ hasText: 'Seed 2' }).click();
  await panel.tab('Gap');
  const memory = await panel.memory();
  expect(memory).toMatchObject({
    run: directory,
    view: 'gap',
    seed: 2,
    charts: [{ metric: 'metric:learningRate' }, { metric: '' }],
  });
  await panel.close();
  panel = await stand.page({ memory });
  expect(await panel.sent()).toEqual([{ type: 'ready', version: 1, run: directory }]);
  await panel.post(...showing(run));
  expect(await panel.page.getByRole('tab', { name: 'Gap' }).getAttribute('aria-selected')).toBe('true');
});

test('memory that makes no sense is forgotten', async () => {
  panel = await stand.page({ memory: { view: 'evil', run: 5 } });
  expect(await panel.sent()).toEqual([{ type: 'ready', version: 1, run: null }]);
});

test('charts and heat map take up a new theme at once', async () => {
  panel = await stand.page();
  await panel.post(...showing(run));
  const picture = () =>
    panel.page
      .locator('canvas')
      .first()
      .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
  const dark = await picture();
  await panel.setTheme('light');
  expect(await picture()).not.toBe(dark);
  await panel.tab('Layers');
  await panel.post();
  const cell = () =>
    panel.page
      .locator('td[data-row="8"][data-column="0"]')
      .evaluate((one) => getComputedStyle(one).backgroundColor);
  const light = await cell();
  await panel.setTheme('high-contrast-dark');
  expect(await cell()).not.toBe(light);
});

test('everything is reached by keys: tabs, legend, points of a curve, classes', async () => {
  panel = await stand.page();
  await panel.post(...showing(run));
  await panel.page.getByRole('tab', { name: 'Curves' }).focus();
  await panel.page.keyboard.press('ArrowRight');
  await panel.post();
  expect(await panel.page.getByRole('tab', { name: 'Gap' }).getAttribute('aria-selected')).toBe('true');
  await panel.page.getByRole('button', { name: '3', exact: true }).focus();
  await panel.page.keyboard.press('Enter');
  await panel.post();
  expect(await panel.page.getByRole('heading', { name: 'Accuracy difference of class 3' }).isVisible()).toBe(
    true,
  );
  expect(await panel.page.evaluate(() => document.activeElement?.textContent)).toBe('3');
  await panel.tab('Curves');
  await panel.post();
  await panel.page.getByRole('button', { name: 'kd, train' }).focus();
  await panel.page.keyboard.press('Space');
  expect(await panel.page.getByRole('button', { name: 'kd, train' }).getAttribute('aria-pressed')).toBe(
    'false',
  );
  await panel.page.locator('canvas').first().focus();
  await panel.page.keyboard.press('Home');
  await panel.page.keyboard.press('ArrowRight');
  // The live region may still owe a screen reader the time for what it said before.
  await expect
    .poll(() => text('[role=status]'), { timeout: 5000 })
    .toMatch(/^step 20, epoch 1; .*total, train, mean of 3 seeds, lowest to highest: \d/);
});

test('the live region speaks of states, not of numbers', async () => {
  panel = await stand.page();
  const model = modelOf(sampleRun({ seeds: [1], status: 'running', done: 0.1 }));
  await panel.post(WELCOME, snapshotOf(model));
  await panel.page.evaluate(() => {
    const said: string[] = [];
    Object.assign(globalThis, { said });
    const region = document.querySelector('[role=status]');
    new MutationObserver(() => said.push(region?.textContent ?? '')).observe(region ?? document, {
      childList: true,
    });
  });
  for (let epoch = 0; epoch < 20; epoch += 1) {
    const after = model.through;
    model.add({ metrics: [{ ...run.metrics[0], seq: 1000 + epoch, step: 1000 + epoch }] });
    await panel.post({
      type: 'delta',
      stream: 1,
      after,
      through: model.through,
      changes: model.takeChanges(),
    });
  }
  expect(await panel.page.evaluate(() => (globalThis as unknown as { said: string[] }).said)).toEqual([]);
});

test('code and style sheet of the panel stay below 400 KB, compressed', async () => {
  panel = await stand.page();
  const size = stand.files.reduce((sum, file) => sum + gzipSync(file).length, 0);
  expect(stand.files).toHaveLength(2);
  expect(size / 1024).toBeLessThan(400);
});

test('values without measure, names without end and records of later versions are shown as they are', async () => {
  panel = await stand.page();
  const model = modelOf(sampleRun({ seeds: [1], epochs: 2, status: 'failed', done: 0.3 }));
  const long = 'name-without-an-end-'.repeat(20);
  const values = [1.7e308, -1.7e308, 5e-324, 0, 'NaN', 'Infinity', '-Infinity', 1e16, 1e16 + 2];
  model.add({
    metrics: values.map((value, index) => ({
      seq: 9_000 + index,
      phase: long,
      seed: 1,
      epoch: 2 ** 52,
      step: 2 ** 52 + index,
      split: 'train',
      values: { accuracy: value, loss: value, [`loss/${long.slice(0, 190)}`]: value },
      ofALaterVersion: { nested: ['x'] },
    })),
    events: [
      { type: 'event', time: 1e300, kind: 'checkpoint', message: long, phase: long, seed: 1, step: 1e300 },
      { type: 'event', time: -1, kind: 'of a later version', message: 'x' },
    ],
  });
  await panel.post(WELCOME, snapshotOf(model));
  for (const axis of ['Epoch', 'Time in the phase', 'Time of the run', 'Step']) {
    await panel.choose('Horizontal axis', axis);
  }
  await panel.choose('Scale', 'Logarithmic');
  for (const canvas of await panel.page.locator('canvas:visible').all()) {
    await canvas.focus();
    for (const key of ['End', '+', '+', 'Shift+ArrowLeft', '*', '0']) await panel.page.keyboard.press(key);
  }
  await panel.post();
  const remarks = await panel.page.locator('.remarks').allInnerTexts();
  expect(remarks.join('\n')).toContain('values that are no finite numbers: 3');
});
