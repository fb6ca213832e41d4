import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { archiveRuns, noteRuns, starRuns, tagRuns } from '../../src/extension/label-commands.ts';
import { compareConfigs, deleteRuns, showRun } from '../../src/extension/record-commands.ts';
import type { RunServices } from '../../src/extension/run-commands.ts';
import {
  filterChoices,
  filterText,
  fits,
  NO_FILTER,
  readFilter,
} from '../../src/extension/runs/run-filter.ts';
import type { RunEntry } from '../../src/extension/runs/run-entry.ts';
import { RunsWatcher } from '../../src/extension/runs/runs-watcher.ts';
import { runRow } from '../../src/extension/runs/tree-model.ts';
import { NO_LABELS } from '../../src/protocol/labels.ts';
import { labelsOf } from '../../src/runs/index.ts';
import { MadeRuns } from '../reports/made-runs.ts';
import { editor, Uri } from './fake-vscode.ts';
import { entry } from './records.ts';

vi.mock('vscode', () => import('./fake-vscode.ts'));

let made: MadeRuns;
let runs: RunsWatcher;
let services: RunServices & { readonly opened: unknown[] };
beforeEach(() => {
  editor.reset();
  made = new MadeRuns();
  made.add({ id: 'a', student: [0.9, 0.91, 0.92] });
  made.add({ id: 'b', student: [0.95, 0.96, 0.97] });
  runs = new RunsWatcher(() => undefined);
  runs.addRoot(made.root);
  const opened: unknown[] = [];
  services = {
    runs,
    opened,
    panels: { open: (target: unknown) => opened.push(target) },
    log: { info: () => undefined },
  } as unknown as typeof services;
});
afterEach(() => {
  runs.dispose();
  made.dispose();
});

const directory = (id: string) => join(made.store.folder, id);
const both = () => runs.entries.map(runRow);

describe('labels from the Runs view', () => {
  it('star what is selected, and take the star back where all have one', async () => {
    await starRuns({ directory: directory('a') }, undefined, services);
    expect(labelsOf(directory('a')).starred).toBe(true);
    const [, second] = both();
    await starRuns(second, both(), services);
    expect(['a', 'b'].map((id) => labelsOf(directory(id)).starred)).toEqual([true, true]);
    await starRuns(second, both(), services);
    expect(['a', 'b'].map((id) => labelsOf(directory(id)).starred)).toEqual([false, false]);
    await archiveRuns(directory('a'), undefined, services);
    expect(runs.entries.find(({ record }) => record.id === 'a')?.labels?.archived).toBe(true);
  });

  it('ask for tags that all have, and leave those that some have besides', async () => {
    editor.typed = 'common, own';
    await tagRuns(directory('a'), undefined, services);
    editor.typed = 'common';
    await tagRuns(directory('b'), undefined, services);
    editor.typed = 'new';
    await tagRuns(undefined, both(), services);
    expect(editor.asked.at(-1)).toMatchObject({ value: 'common' });
    expect(labelsOf(directory('a')).tags).toEqual(['new', 'own']);
    expect(labelsOf(directory('b')).tags).toEqual(['new']);
    editor.typed = undefined;
    await noteRuns(directory('b'), undefined, services);
    expect(labelsOf(directory('b')).note).toBe('');
  });

  it('are told by a row, in words for a screen reader too', () => {
    const labels = { ...NO_LABELS, starred: true, tags: ['warm'], note: 'long' };
    const row = runRow({ ...entry('x', 'completed'), labels });
    expect(row.description).toContain('★ warm');
    expect(row.tooltip).toContain('★ warm · long');
    expect(row.spoken).toBe('Run x, completed, starred, tags warm');
  });
});

describe('the filter of the Runs view', () => {
  const of = (id: string, change: Partial<RunEntry> = {}): RunEntry => ({
    ...entry(id, 'completed'),
    ...change,
  });
  const archived = of('old', { labels: { ...NO_LABELS, archived: true } });
  const starred = of('best', { labels: { ...NO_LABELS, starred: true, tags: ['warm', 'good'] } });
  const failed = of('bad', { status: 'failed' });

  it('leaves out what is archived unless it asks for it', () => {
    expect([archived, starred].map((one) => fits(one, NO_FILTER))).toEqual([false, true]);
    expect(fits(archived, { ...NO_FILTER, archived: true })).toBe(true);
  });

  it('lets through any of one kind, and all of different kinds', () => {
    const wanted = { ...NO_FILTER, tags: ['warm', 'cold'], statuses: ['completed'] } as const;
    expect([starred, failed].map((one) => fits(one, wanted))).toEqual([true, false]);
    expect(fits(starred, { ...wanted, statuses: ['failed'] })).toBe(false);
    expect(filterText({ ...wanted, starred: true })).toBe('starred · completed · tag warm, cold');
  });

  it('offers what occurs, with how many, and joins what is picked', () => {
    const choices = filterChoices([archived, starred, failed], { ...NO_FILTER, starred: true });
    expect(choices.map(({ label, detail }) => [label, detail])).toEqual([
      ['Starred', '1 run'],
      ['completed', '1 run'],
      ['failed', '1 run'],
      ['Tag: good', '1 run'],
      ['Tag: warm', '1 run'],
      ['Experiment: digits.kd.yaml', '2 runs'],
      ['Archived too', '3 runs'],
    ]);
    expect(choices.filter(({ picked }) => picked).map(({ label }) => label)).toEqual(['Starred']);
    const joined = choices.slice(0, 3).reduce((filter, { add }) => add(filter), NO_FILTER);
    expect(joined).toEqual({ ...NO_FILTER, starred: true, statuses: ['completed', 'failed'] });
    expect(readFilter(joined)).toEqual(joined);
    expect(readFilter({ starred: 'yes' })).toBe(NO_FILTER);
  });
});

describe('runs in the editor', () => {
  it('open from their folder and from their record in the explorer', async () => {
    for (const path of [directory('a'), join(directory('a'), 'run.json')]) {
      await showRun(Uri.file(path), services);
      expect(services.opened.at(-1)).toMatchObject({ run: directory('a') });
    }
    await expect(showRun(Uri.file('/elsewhere'), services)).rejects.toMatchObject({
      problem: { code: 'KD5001' },
    });
  });

  it('are compared by their configs, the older one to the left', async () => {
    await compareConfigs(undefined, both(), services);
    expect(editor.executed.at(-1)).toMatchObject([
      'vscode.diff',
      { fsPath: join(directory('a'), 'config.yaml') },
      { fsPath: join(directory('b'), 'config.yaml') },
      'a ↔ b',
    ]);
    await expect(compareConfigs(directory('a'), undefined, services)).rejects.toMatchObject({
      problem: { code: 'KD5122' },
    });
  });

  it('are moved to the trash after a question, and not without an answer', async () => {
    await deleteRuns(directory('a'), undefined, services);
    expect(existsSync(directory('a'))).toBe(true);
    editor.clicks.push('Move to Trash');
    await deleteRuns(undefined, both(), services);
    expect(['a', 'b'].map((id) => existsSync(directory(id)))).toEqual([false, false]);
    expect(existsSync(join(made.root, '.kd', 'trash', 'a'))).toBe(true);
    expect(runs.entries).toEqual([]);
  });
});
