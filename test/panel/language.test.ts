import { afterEach, expect, test } from 'vitest';
import { sampleRun } from './sample-run.ts';
import { BRACKETED } from './support/bracketed.ts';
import { showing } from './support/host-messages.ts';
import type { OpenPanel } from './support/stand.ts';
import { standOfFile } from './support/stand-of-file.ts';

const stand = standOfFile(BRACKETED);
let panel: OpenPanel;
afterEach(() => panel.close());

const run = sampleRun();

/** Names that are the experiment's own, and what is no word. */
const OWN = [
  run.record.name,
  run.record.id,
  ...new Set(run.metrics.flatMap(({ phase, values }) => [phase, ...Object.keys(values)])),
  ...new Set(
    run.similarity.flatMap(({ teacherLayers, studentLayers }) =>
      [...teacherLayers, ...studentLayers].flatMap((layer) => [layer, ...layer.split('.')]),
    ),
  ),
  ...['BEATS', 'PNG', 'SVG', 'CSV', 'ONNX Runtime, CPU', 'paired t-test', 'mnist.kd.yaml'],
];

/** Texts and labels in sight that are in no brackets. */
function untranslated(): Promise<string[]> {
  return panel.page.evaluate(() => {
    const texts: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.parentElement?.checkVisibility() === true) texts.push(node.textContent ?? '');
    }
    for (const element of document.querySelectorAll('[aria-label], [placeholder], [aria-valuetext]')) {
      for (const name of ['aria-label', 'placeholder', 'aria-valuetext'])
        texts.push(element.getAttribute(name) ?? '');
    }
    return [...new Set(texts.map((text) => text.trim()))].filter(
      (text) => text !== '' && !text.includes('⟦'),
    );
  });
}

/** What is left when names, numbers, dates and units are taken away. */
function words(text: string): string {
  const left = [...OWN]
    .sort((a, b) => b.length - a.length)
    .reduce((rest, name) => rest.replaceAll(name, ' '), text);
  return left
    .replace(/\b\d+(\.\d+)?(E[-+]?\d+|[KMB]|%)?/gu, ' ')
    .replace(/\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b|\b(AM|PM|min|sec|hr)\b/gu, ' ')
    .replace(/[^\p{L}]+/gu, ' ')
    .trim();
}

test('every word of every view is a text that can be translated', async () => {
  panel = await stand.page();
  await panel.post(...showing(run));
  const left: string[] = [];
  for (const view of ['Curves', 'Gap', 'Layers', 'Diagnosis', 'Verdict']) {
    await panel.page.getByRole('tab', { name: view }).click();
    await panel.post();
    left.push(...(await untranslated()).filter((text) => words(text) !== ''));
  }
  expect(left).toEqual([]);
});

test('numbers, times and the direction of writing are those of the language', async () => {
  panel = await stand.page({ language: 'de' });
  await panel.post(...showing(run));
  expect(await panel.page.locator('html').getAttribute('dir')).toBe('ltr');
  expect(await panel.page.locator('.legend-reference').first().innerText()).toMatch(/99,\d\s%/u);
  await panel.close();
  panel = await stand.page({ language: 'ar' });
  await panel.post(...showing(run));
  expect(await panel.page.locator('html').getAttribute('dir')).toBe('rtl');
});

test('a language that does not exist is no fault', async () => {
  panel = await stand.page({ language: 'no_such-language!' });
  await panel.post(...showing(run));
  expect(panel.faults).toEqual([]);
  expect(await panel.page.locator('.legend-reference').count()).toBeGreaterThan(0);
});
