import { describe, expect, test } from 'vitest';
import type { PanelMessage } from '../../src/protocol/panel.ts';
import { sampleRun } from './sample-run.ts';
import { directoryOf, listing, modelOf, showing, snapshotOf, WELCOME } from './support/host-messages.ts';
import type { OpenPanel } from './support/stand.ts';
import { soundAfterEach, standOfFile } from './support/stand-of-file.ts';
import { Walk } from './support/walk.ts';

const stand = standOfFile();
let panel: OpenPanel;
soundAfterEach(() => panel);

const run = sampleRun();
const small = sampleRun({ seeds: [1], epochs: 3 });
const card = (index = 0) => panel.page.locator('.card').nth(index);
const canvas = (index = 0) => card(index).locator('canvas');
const button = (name: string, index = 0) => card(index).getByRole('button', { name, exact: true });
const spoken = () => panel.page.locator('[role=status]').innerText();
const said = (pattern: RegExp) => expect.poll(spoken, { timeout: 8_000 }).toMatch(pattern);
const lastOf = async <T extends PanelMessage['type']>(type: T) =>
  (await panel.sent()).findLast(
    (message): message is Extract<PanelMessage, { type: T }> => message.type === type,
  );
const picture = (index = 0) => canvas(index).evaluate((one: HTMLCanvasElement) => one.toDataURL());
/** The lowest and highest number on the horizontal axis, as the chart says them. */
const isWhole = async (index = 0) =>
  (await button('Show all of the chart', index).getAttribute('disabled')) !== null;

describe('zoom and pan', () => {
  test('by keys: nearer, further, along, and all again', async () => {
    panel = await stand.page();
    await panel.post(...showing(small));
    const whole = await picture();
    await canvas().focus();
    await panel.page.keyboard.press('+');
    await panel.page.keyboard.press('+');
    await panel.post();
    expect(await isWhole()).toBe(false);
    await said(/^Step from 51 to 231$/u);
    const near = await picture();
    expect(near).not.toBe(whole);
    await panel.page.keyboard.press('Shift+ArrowRight');
    await panel.post();
    expect(await picture()).not.toBe(near);
    await panel.page.keyboard.press('*');
    await panel.post();
    await panel.page.keyboard.press('0');
    await panel.post();
    expect(await isWhole()).toBe(true);
    expect(await picture()).toBe(whole);
  });

  test('to the side, the picture is the one that a layout of the whole frame makes', async () => {
    panel = await stand.page();
    await panel.post(...showing(small));
    await canvas().focus();
    // The vertical axis stays where it was put, so that only the place along the other one changes.
    for (const key of ['+', '+', '*']) await panel.page.keyboard.press(key);
    await panel.post();
    const seen = new Set<string>();
    for (const key of ['Shift+ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowLeft', 'Shift+ArrowRight']) {
      await panel.page.keyboard.press(key);
      await panel.post();
      const moved = await picture();
      seen.add(moved);
      // Colours are taken up anew, and all is laid out.
      await panel.setTheme('dark');
      expect(await picture()).toBe(moved);
    }
    expect(seen.size).toBe(2);
  });

  test('by mouse: a box, a drag with Shift, the wheel with Ctrl, a double click', async () => {
    panel = await stand.page();
    await panel.post(...showing(small));
    const whole = await picture();
    const box = await canvas().boundingBox();
    if (!box) throw new Error('there is no chart');
    const at = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.height] as const;
    const { mouse, keyboard } = panel.page;
    await mouse.move(...at(0.3, 0.2));
    await mouse.down();
    await mouse.move(...at(0.5, 0.4));
    await mouse.move(...at(0.6, 0.6));
    await mouse.up();
    await panel.post();
    expect(await isWhole()).toBe(false);
    const near = await picture();
    await keyboard.down('Shift');
    await mouse.down();
    await mouse.move(...at(0.4, 0.6));
    await mouse.up();
    await keyboard.up('Shift');
    await mouse.move(0, 0);
    await panel.post();
    expect(await picture()).not.toBe(near);
    expect(
      await panel.page.evaluate(() => [getSelection()?.toString(), document.activeElement?.localName]),
    ).toEqual(['', 'canvas']);
    await mouse.dblclick(...at(0.5, 0.5));
    await mouse.move(0, 0);
    await panel.post();
    expect(await isWhole()).toBe(true);
    expect(await picture()).toBe(whole);
    await mouse.move(...at(0.5, 0.5));
    await keyboard.down('Control');
    await mouse.wheel(0, -100);
    await keyboard.up('Control');
    await panel.post();
    expect(await isWhole()).toBe(false);
  });

  test('a wheel without a key scrolls the page', async () => {
    panel = await stand.page({ height: 500 });
    await panel.post(...showing(small));
    const box = await canvas().boundingBox();
    if (!box) throw new Error('there is no chart');
    await panel.page.mouse.move(box.x + 100, box.y + 50);
    await panel.page.mouse.wheel(0, 120);
    await expect.poll(() => panel.page.evaluate(() => scrollY)).toBeGreaterThan(0);
    expect(await isWhole()).toBe(true);
  });
});

test('the box of values shows what was recorded, also while the line is smoothed', async () => {
  panel = await stand.page();
  await panel.post(...showing(small));
  const slider = panel.page.getByRole('slider', { name: 'Smoothing' });
  await slider.focus();
  await panel.page.keyboard.press('End');
  await panel.post();
  expect(await panel.memory()).toMatchObject({ smoothing: 0.99 });
  const box = await canvas().boundingBox();
  if (!box) throw new Error('there is no chart');
  await panel.page.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.5);
  await panel.post();
  const title = await card().locator('.chart-tooltip-title').innerText();
  const [, step] = /^step (\d+), epoch \d+$/u.exec(title) ?? [];
  const record = small.metrics.find(
    (one) => one.phase === 'student' && one.split === 'train' && one.step === Number(step),
  );
  const total = Number(record?.values['loss']).toPrecision(4);
  expect(await card().locator('.chart-tooltip').innerText()).toMatch(
    new RegExp(`total, train: ${Number(total)} \\(smoothed [\\d.]+\\)`, 'u'),
  );
});

test.each([
  ['Epoch', 'Epoch', '1'],
  ['Time in the phase', 'Time in the phase', /^\d+:\d\d$/u],
  ['Time of the run', 'Time of the run', /^\d+:\d\d$/u],
])('the horizontal axis can be %s', async (option, head, last) => {
  panel = await stand.page();
  await panel.post(...showing(sampleRun({ seeds: [1], epochs: 1 })));
  await panel.choose('Horizontal axis', option);
  await card(1).getByText('Values as a table').click();
  await panel.post();
  expect((await card(1).locator('thead th').allInnerTexts())[0]).toBe(head);
  const texts = await card(1).locator('tbody th').allInnerTexts();
  if (typeof last === 'string') expect(texts.at(-1)).toBe(last);
  else expect(texts.at(-1)).toMatch(last);
});

test('charts are added, changed and taken away', async () => {
  panel = await stand.page();
  await panel.post(...showing(run));
  await panel.page.getByRole('button', { name: 'Add a chart' }).click();
  await panel.post();
  expect(await panel.page.locator('.card').count()).toBe(3);
  await card(2).locator('vscode-dropdown').first().click();
  await card(2).locator('vscode-option').filter({ hasText: 'gradient shares, student' }).click();
  await panel.post();
  expect(await panel.memory()).toMatchObject({
    charts: [{ metric: '' }, { metric: '' }, { metric: 'shares:student' }],
  });
  expect(await canvas(2).getAttribute('aria-label')).toContain('kd, train');
  await button('Remove the Curve of loss and its terms, student').click();
  await panel.post();
  expect(await panel.memory()).toMatchObject({ charts: [{ metric: '' }, { metric: 'shares:student' }] });
});

describe('a chart is saved', () => {
  test('as PNG, as SVG and as CSV, and the extension asks where', async () => {
    panel = await stand.page();
    await panel.post(...showing(run));
    await button('Save as PNG', 1).click();
    const png = await lastOf('exportFile');
    expect(png).toMatchObject({ name: 'Curve of accuracy', format: 'png' });
    const bytes = Buffer.from(png?.content ?? '', 'base64');
    expect(bytes.subarray(1, 4).toString('latin1')).toBe('PNG');
    expect(bytes.readUInt32BE(16)).toBeGreaterThan(600);
    await button('Save as SVG', 1).click();
    const svg = (await lastOf('exportFile'))?.content ?? '';
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/u);
    expect(svg).toContain('student, validation, mean of 3 seeds, lowest to highest');
    expect(svg).toContain('teacher, best on validation 99.1%');
    const isWellFormed = await panel.page.evaluate(
      (text) => new DOMParser().parseFromString(text, 'image/svg+xml').querySelector('parsererror') === null,
      svg,
    );
    expect(isWellFormed).toBe(true);
    await button('Save as CSV', 1).click();
    const csv = (await lastOf('exportFile'))?.content.split('\r\n') ?? [];
    expect(csv[0]).toBe('line,Step,epoch,value,smoothed,low,high');
    expect(csv.filter((line) => line.startsWith('"student, validation')).length).toBe(8);
  });

  test('with names that are hostile', async () => {
    panel = await stand.page();
    const evil = '</text><script>alert(1)</script>';
    const model = modelOf(sampleRun({ seeds: [1], epochs: 1 }));
    model.add({
      metrics: [
        {
          seq: 9_000,
          time: 1,
          phase: evil,
          seed: 1,
          epoch: 1,
          step: 900,
          split: 'train',
          values: { loss: 1 },
        },
      ],
    });
    await panel.post(WELCOME, snapshotOf(model));
    await panel.choose('Metric', 'loss');
    await button('Save as SVG').click();
    const svg = (await lastOf('exportFile'))?.content ?? '';
    expect(svg).not.toContain('<script');
    expect(svg).toContain('&#60;script&#62;');
  });
});

test('a hundred runs are laid over each other, and each can be hidden, found and let go', async () => {
  const others = Array.from({ length: 100 }, (_, index) =>
    sampleRun({ seeds: [1], epochs: 2, id: `r${index}` }),
  );
  panel = await stand.page();
  await panel.post(...showing(small), listing(small, ...others));
  await panel.page.getByText('Other runs in the same charts').click();
  await panel.page.getByRole('button', { name: 'Choose all that are listed' }).click();
  await panel.post();
  const asked = await lastOf('overlay');
  expect(asked?.runs).toEqual(others.map(({ record }) => directoryOf(record.id)));
  expect(asked?.metrics).toEqual(['loss', 'loss/', 'accuracy']);
  await panel.post(
    ...others.map((other, index) => ({
      ...snapshotOf(modelOf(other), 10 + index),
      overlay: directoryOf(other.record.id),
    })),
  );
  const runs = () => card(1).locator('.legend-runs button');
  expect(await runs().count()).toBe(101);
  await button('MNIST, ConvNet to MLP · r42', 1).click();
  await panel.post();
  expect(await button('MNIST, ConvNet to MLP · r42', 1).getAttribute('aria-pressed')).toBe('false');
  // One more run that comes in leaves the entries of the others, and the focus, where they are.
  const entries = await runs().elementHandles();
  const late = sampleRun({ seeds: [1], epochs: 1, id: 'r7' });
  const coming = { ...snapshotOf(modelOf(late), 200), overlay: directoryOf('r7') };
  await panel.post(coming);
  for (const entry of entries) expect(await entry.evaluate((one) => one.isConnected)).toBe(true);
  expect(await panel.page.evaluate(() => document.activeElement?.textContent)).toContain('r42');
  expect(await panel.memory()).toMatchObject({ overlays: asked?.runs });
  await panel.page.getByLabel('Filter runs').fill('r42');
  await panel.page.getByRole('checkbox', { name: /r42/u }).uncheck();
  await panel.post();
  expect((await lastOf('overlay'))?.runs).toHaveLength(99);
  expect(await runs().count()).toBe(100);
  await panel.page.getByRole('button', { name: 'Choose none' }).click();
  await panel.post();
  expect((await lastOf('overlay'))?.runs).toEqual([]);
  expect(await card(1).locator('.legend-runs').isVisible()).toBe(false);
});

test('after a reload the runs laid over are asked for again', async () => {
  const other = directoryOf('r1');
  const memory = {
    ...{ run: null, view: 'curves', seed: null, axis: 'step', spread: 'range', smoothing: 0, hasMarks: true },
    charts: [{ metric: 'metric:accuracy', isLogarithmic: false }],
    overlays: [other],
  };
  panel = await stand.page({ memory });
  await panel.post(...showing(small));
  expect(await lastOf('overlay')).toMatchObject({ runs: [other], metrics: ['accuracy', 'loss'] });
  const before = (await panel.sent()).length;
  await panel.post(...showing(small, 2));
  expect((await panel.sent()).slice(before)).toMatchObject([{ type: 'overlay', runs: [other] }]);
});

test('many points are drawn as they are, wherever one has been before', async () => {
  const metrics = Array.from({ length: 1_500 }, (_, seq) => ({
    ...{ seq, time: 1, phase: 'student', seed: 1, epoch: 0, step: seq, split: 'train' as const },
    values: Object.fromEntries(
      Array.from({ length: 10 }, (_term, term) => [
        `loss/t${term}`,
        1 + Math.sin(seq / 40 + term) + ((seq * 7919) % 97) / 300,
      ]),
    ),
  }));
  const model = modelOf(sampleRun({ seeds: [1], epochs: 1, status: 'running', done: 0 }));
  model.add({ metrics });
  panel = await stand.page();
  await panel.post(WELCOME, snapshotOf(model));
  const settled = async () => {
    let before = '';
    await expect
      .poll(
        async () => {
          const now = await picture();
          const isSame = now === before;
          before = now;
          return isSame;
        },
        { timeout: 10_000, interval: 300 },
      )
      .toBe(true);
    return before;
  };
  await settled();
  await canvas().focus();
  for (let press = 0; press < 3; press += 1) await panel.page.keyboard.press('+');
  const near = await settled();
  for (let press = 0; press < 4; press += 1) await panel.page.keyboard.press('Shift+ArrowRight');
  for (let press = 0; press < 4; press += 1) await panel.page.keyboard.press('Shift+ArrowLeft');
  expect(await differing(near, await settled())).toBeLessThan(0.002);
});

/** Share of the pixels that differ visibly between two pictures of one size. */
function differing(one: string, other: string): Promise<number> {
  return panel.page.evaluate(
    async (pictures) => {
      const pixels = await Promise.all(
        pictures.map(async (url) => {
          const bytes = Uint8Array.from(atob(url.slice(url.indexOf(',') + 1)), (letter) =>
            letter.charCodeAt(0),
          );
          const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
          const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
          if (!context) return new Uint8ClampedArray();
          context.drawImage(bitmap, 0, 0);
          return context.getImageData(0, 0, bitmap.width, bitmap.height).data;
        }),
      );
      const [a, b] = pixels;
      if (a === undefined || a.length !== b?.length || a.length === 0) return 1;
      return (
        a.reduce((sum, value, index) => sum + (Math.abs(value - (b[index] ?? 0)) > 32 ? 1 : 0), 0) / a.length
      );
    },
    [one, other],
  );
}

test('everything that the Curves view does is done by keys alone', async () => {
  panel = await stand.page();
  const other = sampleRun({ seeds: [1], epochs: 2, id: 'r1' });
  await panel.post(...showing(run), listing(run, other));
  const { keyboard } = panel.page;
  const walk = new Walk(panel);
  await panel.page.getByRole('tab', { name: 'Curves' }).focus();
  await walk.to(/^Horizontal axis$/u);
  await keyboard.press('ArrowDown');
  await walk.to(/^Smoothing/u);
  await keyboard.press('ArrowRight');
  await walk.to(/^Seeds as$/u);
  await keyboard.press('ArrowDown');
  await walk.to(/^Marks of/u);
  await keyboard.press('Space');
  expect(await panel.memory()).toMatchObject({
    axis: 'epoch',
    smoothing: 0.01,
    spread: 'deviation',
    hasMarks: false,
  });
  await walk.to(/^Other runs/u);
  await keyboard.press('Enter');
  await walk.to(/r1/u);
  await keyboard.press('Space');
  await panel.post();
  expect(await lastOf('overlay')).toMatchObject({ runs: [directoryOf('r1')] });
  await walk.to(/^Metric$/u);
  await keyboard.press('ArrowDown');
  await walk.to(/^Scale$/u);
  await keyboard.press('ArrowDown');
  expect(await panel.memory()).toMatchObject({
    charts: [{ metric: 'metric:accuracy', isLogarithmic: true }, {}],
  });
  await walk.to(/^Remove the/u);
  await walk.to(/^Curve of/u);
  await keyboard.press('End');
  await said(/epochs; /u);
  await walk.to(/^Zoom in$/u);
  await keyboard.press('Enter');
  await panel.post();
  expect(await isWhole()).toBe(false);
  await walk.to(/^Save as SVG$/u);
  await keyboard.press('Enter');
  expect(await lastOf('exportFile')).toMatchObject({ format: 'svg' });
  await walk.to(/^Values as a table$/u);
  await keyboard.press('Enter');
  await panel.post();
  expect(await card().locator('tbody tr').count()).toBeGreaterThan(5);
  await walk.to(/^Add a chart$/u);
  await keyboard.press('Enter');
  await panel.post();
  expect(await panel.page.locator('.card').count()).toBe(3);
  expect(walk.hidden).toEqual([]);
});
