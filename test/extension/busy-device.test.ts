import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as vscode from 'vscode';
import { cancelQueued, queueFirst, retryQueued } from '../../src/extension/queue-commands.ts';
import { resumeRun, startRun, trainTeacher, type RunServices } from '../../src/extension/run-commands.ts';
import type { RunEntry } from '../../src/extension/runs/run-entry.ts';
import type { Device } from '../../src/protocol/devices.ts';
import { announceRun } from '../../src/runs/machine.ts';
import { RunQueue } from '../../src/runs/index.ts';
import { thisProcess } from '../../src/runs/processes.ts';
import { RecordFile } from '../../src/runs/record-file.ts';
import { RunStore } from '../../src/runs/store.ts';
import { NEW_RUN, scratchFolder } from '../runs/scratch.ts';
import { createProject, HEALTHY, type Project } from '../server/project.ts';
import { CancellationError, editor, Uri } from './fake-vscode.ts';
import { entry } from './records.ts';

vi.mock('vscode', () => import('./fake-vscode.ts'));

let project: Project;
let config: vscode.Uri;
beforeEach(() => {
  editor.reset();
  project = createProject();
  config = write(HEALTHY);
});
afterEach(() => project.remove());

function write(text: string): vscode.Uri {
  const file = project.path('digits.kd.yaml');
  writeFileSync(file, text);
  return Uri.file(file) as unknown as vscode.Uri;
}

/** A run of another folder that works on `device`; this process stands for its engine. */
function elsewhere(device: Device): { readonly text: string; end(): void } {
  const store = new RunStore(scratchFolder());
  const run = store.create({ ...NEW_RUN, device });
  const file = new RecordFile(run.path);
  file.become('running', { process: { ...thisProcess(), socket: '', token: '' } });
  const announcement = announceRun(run.path);
  return {
    text: `run ${run.id} of ${store.root} (pid ${process.pid}) is working on this machine already. Two at a time slow each other down.`,
    end: () => announcement.withdraw(),
  };
}

/** Services that record what is asked of them. */
function services(entries: readonly RunEntry[] = []): RunServices & { readonly calls: unknown[][] } {
  const calls: unknown[][] = [];
  return {
    calls,
    runs: { entries },
    control: {
      start: (ready: { root: string }) => {
        calls.push(['start', ready.root]);
        return Promise.resolve('/the/run');
      },
      enqueue: (ready: { root: string }) => {
        calls.push(['enqueue', ready.root]);
        return Promise.resolve('2026-11-26-digits-1');
      },
      resume: (...call: unknown[]) => void calls.push(['resume', ...call]),
      queueOf: async (root: string, action: (queue: RunQueue) => Promise<unknown>) => {
        calls.push(['queueOf', root]);
        await action(new RunQueue(new RunStore(root)));
      },
    },
    panels: { open: ({ run }: { run: string }) => void calls.push(['open', run]) },
  } as unknown as RunServices & { calls: unknown[][] };
}

describe('an experiment that is run while another one works in another folder', () => {
  let other: ReturnType<typeof elsewhere>;
  beforeEach(() => {
    other = elsewhere('cpu');
  });
  afterEach(() => other.end());

  it('is asked about, naming the other run, its folder and its process', async () => {
    const host = services();
    await expect(startRun(config, host)).rejects.toBeInstanceOf(CancellationError);
    expect(editor.shown).toEqual([
      { kind: 'warning', message: other.text, buttons: ['Add to Queue', 'Start Beside'] },
    ]);
    expect(host.calls).toEqual([]);
  });

  it('is put into the queue, which is said, and opens nothing', async () => {
    const host = services();
    editor.clicks.push('Add to Queue');
    await startRun(config, host);
    expect(host.calls).toEqual([['enqueue', project.folder]]);
    expect(editor.shown.slice(1)).toEqual([
      { kind: 'information', message: '2026-11-26-digits-1 is in the queue.', buttons: [] },
    ]);
  });

  it('starts beside it where that is wanted, and opens its panel', async () => {
    const host = services();
    editor.clicks.push('Start Beside');
    await startRun(config, host);
    expect(host.calls).toEqual([
      ['start', project.folder],
      ['open', '/the/run'],
    ]);
    expect(editor.shown).toHaveLength(1);
  });

  it('is not asked about where they compute on different devices, or the other one has ended', async () => {
    const host = services();
    await startRun(write(`${HEALTHY}engine: { device: webgpu }\n`), host);
    other.end();
    await startRun(write(HEALTHY), host);
    expect(editor.shown).toEqual([]);
    expect(host.calls.filter(([name]) => name === 'start')).toHaveLength(2);
  });

  it('is asked about as well where a teacher alone is to be trained', async () => {
    const host = services();
    editor.clicks.push('Add to Queue');
    await trainTeacher(config, host);
    expect(editor.shown[0]).toMatchObject({ kind: 'warning', message: other.text });
    expect(host.calls).toEqual([['enqueue', project.folder]]);
  });
});

describe('a run of the same folder that works', () => {
  it('is asked about by its id', async () => {
    const busy = entry('2026-11-26-other-1', 'running', { root: project.folder, config: '/other.kd.yaml' });
    const host = services([busy]);
    editor.clicks.push('Start Beside');
    await startRun(config, host);
    expect(editor.shown.map(({ message }) => message)).toEqual([
      '2026-11-26-other-1 is working on this machine already. Two at a time slow each other down.',
    ]);
    expect(host.calls[0]).toEqual(['start', project.folder]);
  });

  it('is not asked about twice where it is of the same experiment', async () => {
    const busy = entry('2026-11-26-digits-1', 'running', { root: project.folder, config: config.fsPath });
    const host = services([busy]);
    editor.clicks.push('Start Another');
    await startRun(config, host);
    expect(editor.shown).toHaveLength(1);
    expect(host.calls[0]).toEqual(['start', project.folder]);
  });
});

describe('a run that is to go on while another one works', () => {
  /** A stopped run of the project, and one that works. */
  function both() {
    const store = new RunStore(project.folder);
    const halted = store.create({ ...NEW_RUN, config: config.fsPath });
    const file = new RecordFile(halted.path);
    file.become('running', { process: { ...thisProcess(), socket: '', token: '' } });
    file.become('stopped');
    const working = entry('2026-11-26-other-1', 'running', { root: project.folder });
    const host = services([working, { directory: halted.path, record: halted.record(), status: 'stopped' }]);
    return { halted, host, queue: new RunQueue(store) };
  }

  it('is asked about, and nothing happens where nothing is chosen', async () => {
    const { halted, host } = both();
    await expect(resumeRun(halted.path, host)).rejects.toBeInstanceOf(CancellationError);
    expect(editor.shown).toEqual([
      {
        kind: 'warning',
        message: '2026-11-26-other-1 is working on this machine already. Two at a time slow each other down.',
        buttons: ['Add to Queue', 'Resume Beside'],
      },
    ]);
    expect(host.calls).toEqual([]);
  });

  it('waits in the queue with the device that was chosen for it, or goes on beside', async () => {
    const { halted, host, queue } = both();
    editor.clicks.push('Add to Queue');
    await resumeRun({ directory: halted.path, device: 'wasm' }, host);
    expect(host.calls).toEqual([['queueOf', project.folder]]);
    expect(queue.waiting().map(({ id }) => id)).toEqual([halted.id]);
    expect(halted.record()).toMatchObject({ status: 'queued', resumedWith: ['engine.device=wasm'] });

    const again = both();
    editor.clicks.splice(0, 1, 'Resume Beside');
    await resumeRun(again.halted.path, again.host);
    expect(again.host.calls).toEqual([
      ['resume', again.halted.path, null],
      ['open', again.halted.path],
    ]);
  });
});

describe('the queue of a folder', () => {
  it('is put in another order, left and joined again by the commands of the editor', async () => {
    const store = new RunStore(project.folder);
    const queue = new RunQueue(store);
    const waiting = [1, 2, 3].map(() => store.create({ ...NEW_RUN, waiting: true }));
    for (const run of waiting) await queue.add(run);
    const ids = waiting.map(({ id }) => id);
    const entries = () =>
      waiting.map((run): RunEntry => ({ directory: run.path, record: run.record(), status: run.status() }));
    await queueFirst(ids[2], services(entries()));
    expect(queue.state.order).toEqual([ids[2], ids[0], ids[1]]);
    await cancelQueued(ids[0], services(entries()));
    expect(queue.state.order).toEqual([ids[2], ids[1]]);
    expect(store.open(ids[0] ?? '').status()).toBe('stopped');
    await retryQueued(ids[0], services(entries()));
    expect(queue.state.order).toEqual([ids[2], ids[1], ids[0]]);
    expect(store.open(ids[0] ?? '').status()).toBe('queued');
  });
});
