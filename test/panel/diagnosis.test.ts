import { expect, test } from 'vitest';
import type { ShownFinding } from '../../src/protocol/diagnosis-shapes.ts';
import type { HostMessage } from '../../src/protocol/panel.ts';
import { sampleRun } from './sample-run.ts';
import { violationsOf } from './support/axe.ts';
import { directoryOf, showing } from './support/host-messages.ts';
import { axeSource, type OpenPanel } from './support/stand.ts';
import { soundAfterEach, standOfFile } from './support/stand-of-file.ts';

const stand = standOfFile();
let panel: OpenPanel;
soundAfterEach(() => panel);

const run = sampleRun();
const directory = directoryOf(run.record.id);
const finding: ShownFinding = {
  rule: 'learningRateHigh',
  title: 'The learning rate is too high',
  symptom: 'The student jumps about instead of settling.',
  evidence: [{ what: 'mean jump of the validation accuracy, seed 1', value: '14.5 %' }],
  cause: 'Steps are longer than the slope of the loss holds good for.',
  changes: [
    { title: 'Lower the learning rate to 0.5', value: '0.5' },
    { title: 'Train for 32 epochs', value: '32' },
  ],
  source: 'Bengio 2012 (arXiv:1206.5533), section 3.1.1',
};

const found = (...findings: readonly ShownFinding[]): HostMessage => ({
  type: 'diagnosis',
  run: directory,
  diagnosis: {
    findings,
    unable: [{ rule: 'The teacher knows no more than its student', why: 'the gap was not recorded' }],
    quiet: 11 - findings.length,
  },
});

async function lastRequest(): Promise<{ type: string; id: number }> {
  return (await panel.sent()).at(-1) as unknown as { type: string; id: number };
}

async function showDiagnosis(message: HostMessage): Promise<void> {
  await panel.post(...showing(run));
  await panel.tab('Diagnosis');
  await panel.post();
  const { type, id } = await lastRequest();
  expect(type).toBe('diagnose');
  await panel.post(message, { type: 'reply', id, ok: true, message: '' });
}

test('it is asked for when it is in sight, and again when the run has gone on', async () => {
  panel = await stand.page();
  await panel.post(...showing(sampleRun({ status: 'running', done: 0.6 })));
  expect((await panel.sent()).filter(({ type }) => type === 'diagnose')).toEqual([]);
  await panel.tab('Diagnosis');
  await panel.post();
  expect(await lastRequest()).toMatchObject({ type: 'diagnose', run: directory });
  const before = (await panel.sent()).length;
  await panel.post(...showing(run, 2));
  expect((await panel.sent()).slice(before).map(({ type }) => type)).toContain('diagnose');
});

test('a finding has its numbers, cause, source and changes, and is readable by everybody', async () => {
  panel = await stand.page({ width: 340 });
  await panel.page.evaluate(axeSource());
  await showDiagnosis(found(finding));
  const card = panel.page.locator('section.card', {
    has: panel.page.getByRole('heading', { name: finding.title }),
  });
  const text = await card.innerText();
  for (const part of [finding.symptom, '14.5 %', finding.cause, finding.source, 'Train for 32 epochs'])
    expect(text).toContain(part);
  expect(await panel.page.getByText('the gap was not recorded').count()).toBe(1);
  await panel.screenshot('diagnosis-dark-narrow');
  expect(await violationsOf(panel.page)).toEqual([]);
});

test('a change is inserted by the keyboard, named by the rule and its place and by nothing else', async () => {
  panel = await stand.page();
  await showDiagnosis(found(finding));
  const insert = panel.page.getByRole('button', { name: 'Insert into the config: Train for 32 epochs' });
  await insert.focus();
  await panel.page.keyboard.press('Enter');
  const { id, ...request } = await lastRequest();
  expect(id).toBeGreaterThan(0);
  expect(request).toEqual({
    type: 'applyChange',
    run: directory,
    rule: 'learningRateHigh',
    change: 1,
  });
});

test('nothing found is said in words, and script in a finding is text', async () => {
  panel = await stand.page();
  await showDiagnosis(found());
  expect(await panel.page.getByText('Nothing found by 11 rules.').count()).toBe(1);
  const evil = '<img src=x onerror="globalThis.owned = true">';
  await panel.post(found({ ...finding, symptom: evil, title: evil }));
  await panel.post(...showing(run, 3));
  expect(await panel.page.evaluate(() => 'owned' in globalThis)).toBe(false);
});
