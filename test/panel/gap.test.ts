import { beforeAll, expect, test } from 'vitest';
import type { HostMessage } from '../../src/protocol/panel.ts';
import { gapOf, sampleGap, type SampleGap } from './sample-gap.ts';
import { sampleRun } from './sample-run.ts';
import { violationsOf } from './support/axe.ts';
import { directoryOf, showing } from './support/host-messages.ts';
import { axeSource, type OpenPanel } from './support/stand.ts';
import { soundAfterEach, standOfFile } from './support/stand-of-file.ts';
import type { ThemeName } from './support/themes.ts';

const stand = standOfFile();
let panel: OpenPanel;
let gap: SampleGap;
beforeAll(async () => {
  gap = await sampleGap();
});
soundAfterEach(() => panel);

const run = sampleRun();
const directory = directoryOf(run.record.id);

async function lastRequest(): Promise<{ type: string; id: number; [key: string]: unknown }> {
  const sent = await panel.sent();
  return sent.at(-1) as unknown as { type: string; id: number };
}

/** Opens the view and answers its question. */
async function showGap(message: HostMessage = gapOf(gap)): Promise<void> {
  await panel.post(...showing(run));
  await panel.tab('Gap');
  await panel.post();
  const { type, id } = await lastRequest();
  expect(type).toBe('gap');
  await panel.post(message, { type: 'reply', id, ok: true, message: '' });
}

const card = (title: string) =>
  panel.page.locator('section.card', { has: panel.page.getByRole('heading', { name: title }) });

test('the view asks for the report of the run when it is in sight, and again when a student has finished', async () => {
  panel = await stand.page();
  await panel.post(...showing(sampleRun({ status: 'running', done: 0.9 })));
  expect((await panel.sent()).filter(({ type }) => type === 'gap')).toEqual([]);
  await panel.tab('Gap');
  await panel.post();
  expect(await lastRequest()).toEqual({ type: 'gap', id: 1, run: directory, student: null, seed: null });
  const empty: HostMessage = { type: 'gapReport', run: directory, reports: [], report: null, attention: [] };
  await panel.post(empty, { type: 'reply', id: 1, ok: true, message: '' });
  expect(await panel.page.getByText('kept when a student has finished').count()).toBe(1);
  expect(await card('In numbers').isVisible()).toBe(false);
  await panel.post(...showing(run, 2));
  expect(await lastRequest()).toMatchObject({ type: 'gap', id: 2 });
  await panel.post(gapOf(gap), { type: 'reply', id: 2, ok: true, message: '' });
  expect(await card('In numbers').isVisible()).toBe(true);
});

test.each(['dark', 'light', 'high-contrast-dark', 'high-contrast-light'] satisfies ThemeName[])(
  'in the %s theme the report is readable by everybody',
  async (theme) => {
    panel = await stand.page({ theme, width: 1200 });
    await panel.page.evaluate(axeSource());
    await showGap();
    for (const summary of await panel.page.locator('#view-gap .data summary').all()) await summary.click();
    await panel.screenshot(`gap-report-${theme}`);
    expect(await violationsOf(panel.page)).toEqual([]);
  },
);

test.each([300, 700, 2000])(
  'nothing of the report is cut off at %d pixels, also from right to left',
  async (width) => {
    panel = await stand.page({ width, theme: width === 300 ? 'light' : 'dark' });
    await showGap();
    for (const direction of ['rtl', 'ltr']) {
      await panel.page.evaluate((dir) => (document.documentElement.dir = dir), direction);
      await panel.post();
      expect(
        await panel.page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
      ).toBeLessThanOrEqual(0);
    }
    await panel.screenshot(`gap-report-${width}`);
  },
);

test('each number stands beside its formula, and is the one of the report', async () => {
  panel = await stand.page();
  await showGap();
  const rows = await card('In numbers')
    .locator('tbody tr')
    .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent)));
  const { numbers } = gap.report;
  const share = (value: unknown) => `${(Number(value) * 100).toFixed(1)}%`;
  expect(rows[0]?.slice(0, 3)).toEqual([
    'Accuracy',
    share(numbers.teacherAccuracy),
    share(numbers.studentAccuracy),
  ]);
  expect(rows.find(([name]) => name === 'Top-1 agreement')?.[3]).toBe(share(numbers.agreement));
  expect(rows.find(([name]) => name === 'KL divergence')?.[3]).toBe(
    String(Number(Number(numbers.kl).toPrecision(4))),
  );
  expect(rows.every((row) => (row[4] ?? '').length > 20)).toBe(true);
  expect(
    await panel.page.getByText('Measuring the gap took 812 ms, 1.1% of the time of this training.').count(),
  ).toBe(1);
});

test('matrices are walked with arrow keys, cell by cell in words, and stand below as tables', async () => {
  panel = await stand.page();
  await showGap();
  const confusion = card('Who is taken for whom');
  await confusion.locator('canvas').focus();
  await panel.page.keyboard.press('PageUp');
  await panel.page.keyboard.press('Home');
  for (let step = 0; step < 3; step += 1) await panel.page.keyboard.press('ArrowDown');
  for (let step = 0; step < 5; step += 1) await panel.page.keyboard.press('ArrowRight');
  const [count, all] = [
    gap.report.confusion?.student[3]?.[5] ?? 0,
    gap.report.confusion?.student[3]?.reduce((a, b) => a + b, 0),
  ];
  expect(await confusion.locator('.readout').innerText()).toMatch(
    new RegExp(`^class 3 named 5: teacher \\d+ of ${all} .*, student ${count} of ${all} `, 'u'),
  );
  await confusion.getByText('The widest differences as a table').click();
  const differing = (gap.report.confusion?.student ?? []).flatMap((row, i) =>
    row.filter((one, j) => one !== gap.report.confusion?.teacher[i]?.[j]),
  );
  expect(await confusion.locator('tbody tr').count()).toBe(Math.min(20, differing.length));

  const outputs = card('Where the outputs differ');
  await outputs.locator('canvas').focus();
  await panel.page.keyboard.press('PageDown');
  await panel.page.keyboard.press('End');
  const value = gap.report.outputDifference?.[9]?.[9] ?? NaN;
  expect(await outputs.locator('.readout').innerText()).toBe(
    `class 9, logit of 9: differs by ${Number(Number(value).toPrecision(4))}`,
  );
  await outputs.locator('vscode-dropdown').click();
  await outputs.locator('vscode-option').filter({ hasText: 'by sample' }).click();
  await outputs.locator('canvas').focus();
  await panel.page.keyboard.press('PageUp');
  await panel.page.keyboard.press('Home');
  const [first] = gap.report.shown;
  const apart = Math.abs(Number(first?.student[0]) - Number(first?.teacher[0]));
  expect(await outputs.locator('.readout').innerText()).toBe(
    `sample ${first?.index ?? ''} (class ${first?.label ?? ''}), logit of 0: differs by ${Number(apart.toPrecision(4))}`,
  );
});

test('the temperature explorer softens stored logits by the formula of the softmax, and says what that costs', async () => {
  panel = await stand.page();
  await showGap();
  const explorer = card('How soft are the targets');
  const slider = explorer.getByRole('slider', { name: 'Temperature' });
  expect(await slider.getAttribute('aria-valuetext')).toBe('temperature 4');
  await slider.focus();
  for (const [key, temperature] of [
    ['ArrowRight', 5],
    ['Home', 0.5],
    ['End', 50],
  ] as const) {
    await panel.page.keyboard.press(key);
    expect(await slider.getAttribute('aria-valuetext')).toBe(`temperature ${temperature}`);
    const [sample] = gap.report.disagreed;
    const soften = (logits: readonly unknown[] = []) => {
      const powers = logits.map((z) => Math.exp(Number(z) / temperature));
      const sum = powers.reduce((a, b) => a + b, 0);
      return powers.map((power) => power / sum);
    };
    const [p, q] = [soften(sample?.teacher), soften(sample?.student)];
    const rows = await explorer
      .locator('.distribution tbody tr')
      .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent)));
    for (const [name = '', teacher, student] of rows) {
      const k = Number.parseInt(name, 10);
      expect(teacher).toBe(`${((p[k] ?? NaN) * 100).toFixed(1)}%`);
      expect(student).toBe(`${((q[k] ?? NaN) * 100).toFixed(1)}%`);
    }
    const entropy = -p.reduce((sum, value) => sum + value * Math.log(value), 0);
    const shown = await explorer.locator('.explained-value').first().innerText();
    expect(Number(shown)).toBeCloseTo(entropy, 3);
  }
});

test('the samples on which both disagree most are shown as pictures with what each says', async () => {
  panel = await stand.page();
  await showGap();
  const samples = card('Samples on which they disagree most');
  expect(await samples.locator('.sample').count()).toBe(6);
  const lit = await samples
    .locator('canvas')
    .first()
    .evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? {
        data: [],
      };
      return Array.from(data).filter((value, at) => at % 4 === 0 && value > 128).length / (data.length / 4);
    });
  const [sample] = gap.report.disagreed;
  const bytes = Buffer.from(sample?.pixels ?? '', 'base64');
  expect(lit).toBeCloseTo(bytes.filter((value) => value > 128).length / bytes.length, 2);
  await samples.getByRole('button', { name: /^Show \d+ more$/u }).click();
  expect(await samples.locator('.sample').count()).toBe(gap.report.disagreed.length);
  expect(await panel.page.evaluate(() => document.activeElement?.className)).toBe('sample');
});

test('where both look changes with the epoch, by keys, and stands below in words', async () => {
  panel = await stand.page({ width: 1000 });
  await showGap();
  const attention = card('Where both look');
  const slider = attention.getByRole('slider', { name: 'Epoch of the student' });
  expect(await slider.getAttribute('aria-valuetext')).toBe('the weights kept');
  const picture = (at: number) =>
    attention
      .locator('canvas')
      .nth(at)
      .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
  const [teacher, student] = [await picture(0), await picture(1)];
  await slider.focus();
  await panel.page.keyboard.press('Home');
  expect(await slider.getAttribute('aria-valuetext')).toBe('after epoch 1');
  expect(await picture(0)).toBe(teacher);
  expect(await picture(1)).not.toBe(student);
  const overlap = gap.attention[0]?.overlap[1] ?? NaN;
  expect(await attention.getByText('Overlap of the crucial regions, mean').innerText()).toContain(
    `${(overlap * 100).toFixed(1)}%`,
  );
  await attention.getByText('The same as a table').click();
  expect(await attention.locator('tbody tr').count()).toBe(8);
  expect(await attention.locator('tbody td').first().innerText()).toMatch(
    /^(top|middle|bottom) (left|centre|right)$/u,
  );
  expect(await attention.locator('canvas').first().getAttribute('aria-label')).toMatch(
    /^Teacher looks most at the .*; its crucial region is .*% of the picture$/u,
  );
});

test('another student is asked for, and measured anew, without a mouse', async () => {
  panel = await stand.page();
  await showGap(gapOf(gap, ['student-1', 'student-2']));
  await panel.page.getByRole('combobox', { name: 'Student' }).focus();
  await panel.page.keyboard.press('ArrowDown');
  await panel.post();
  const asked = await lastRequest();
  expect(asked).toMatchObject({ type: 'gap', run: directory, student: 'student-2' });
  await panel.post({ type: 'reply', id: asked.id, ok: true, message: '' });
  await panel.page.getByRole('button', { name: 'Measure again' }).focus();
  await panel.page.keyboard.press('Enter');
  await panel.post();
  const measured = await lastRequest();
  expect(measured).toMatchObject({ type: 'measureGap', run: directory, student: 'student-2' });
  expect(await panel.page.locator('#view-gap').getByText('Measuring: both answer').count()).toBe(1);
  await panel.post({ type: 'reply', id: measured.id, ok: false, message: 'no student; choose another run' });
  expect(await panel.page.locator('.notice').innerText()).toBe('no student; choose another run');
  expect(await panel.page.locator('#view-gap').getByText('Measuring: both answer').count()).toBe(0);
});

test('every control of the report is reached with the Tab key', async () => {
  panel = await stand.page();
  await showGap();
  /** Names of the controls in sight, and which of them has the focus: -1 none. */
  const controls = () =>
    panel.page.evaluate(() => {
      const kinds = 'canvas[tabindex="0"], input, summary, vscode-dropdown, vscode-button, button';
      const all = [...document.querySelectorAll<HTMLElement>('#view-gap :is(' + kinds + ')')].filter(
        (one) =>
          // What cannot be used now takes no focus: a chart that shows all has nothing to show more of.
          one.checkVisibility() && !one.matches('[disabled]'),
      );
      return {
        names: all.map((one, at) =>
          `${at} ${one.localName} ${one.ariaLabel ?? one.textContent}`.slice(0, 60),
        ),
        at: all.findIndex((one) => one === document.activeElement),
      };
    });
  const { names } = await controls();
  await panel.page.getByRole('tab', { name: 'Gap' }).focus();
  const reached = new Set<string>();
  for (let press = 0; press < 2 * names.length; press += 1) {
    await panel.page.keyboard.press('Tab');
    const { at } = await controls();
    if (at !== -1) reached.add(names[at] ?? '');
  }
  expect(names.filter((name) => !reached.has(name))).toEqual([]);
});

test('a hostile report is shown as text; one that does not fit is dropped and told', async () => {
  panel = await stand.page();
  const evil = '<img src=x onerror="globalThis.owned = true">';
  const names = [evil, '__proto__', 'x'.repeat(400), '', ...gap.report.classes.slice(4)];
  const hostile = await sampleGap({ classNames: names, student: 'student-1' });
  await showGap(gapOf(hostile));
  expect(await panel.page.evaluate(() => 'owned' in globalThis)).toBe(false);
  expect(await panel.page.locator('#panel img').count()).toBe(0);
  expect(
    await panel.page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
  ).toBeLessThanOrEqual(0);
  const before = (await panel.sent()).filter(({ type }) => type === 'problem').length;
  const { report } = gap;
  await panel.postAnything(
    { ...gapOf(gap), report: { ...report, formatVersion: 2 } },
    { ...gapOf(gap), report: { ...report, disagreed: [{ ...report.disagreed[0], pixels: 'AAAA' }] } },
    { ...gapOf(gap), report: { ...report, outputDifference: [[1]] } },
    { ...gapOf(gap), report: { ...report, picture: { height: 1e9, width: 1e9, channels: 3 } } },
  );
  expect((await panel.sent()).filter(({ type }) => type === 'problem')).toHaveLength(before + 4);
});

test('with too many classes for matrices the tables remain', async () => {
  panel = await stand.page();
  const many = await sampleGap({ classNames: Array.from({ length: 150 }, (_, k) => `kind ${k}`) });
  await showGap(gapOf(many));
  expect(await panel.page.getByText('With more than 100 classes this is not drawn').count()).toBe(1);
  expect(await card('Where the outputs differ').locator('canvas').isVisible()).toBe(true);
});
