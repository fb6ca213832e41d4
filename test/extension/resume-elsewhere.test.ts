import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as vscode from 'vscode';
import { resumeRun, type RunServices } from '../../src/extension/run-commands.ts';
import { EndNotifier } from '../../src/extension/runs/end-notifier.ts';
import type { RunEntry } from '../../src/extension/runs/run-entry.ts';
import type { RunsWatcher } from '../../src/extension/runs/runs-watcher.ts';
import type { RunRecord } from '../../src/protocol/records.ts';
import { CancellationError, editor, Uri } from './fake-vscode.ts';
import { entry } from './records.ts';

vi.mock('vscode', () => import('./fake-vscode.ts'));

const environment = {
  ...{ product: '0', node: '20', platform: 'linux', cpu: '', cores: 2, memoryGigabytes: 8, packages: {} },
  ...{ executor: 'onnx-webgpu', refused: [], next: 'cpu' },
} as const satisfies RunRecord['environment'];
const died = { code: 'KD6030', message: 'device lost', help: 'the last checkpoint is kept' };
const lost = entry('lost', 'failed', { status: 'failed', environment, failure: died });
const diverged = entry('diverged', 'failed', {
  ...{ status: 'failed', environment },
  failure: { code: 'KD4004', message: 'the loss is NaN', help: 'lower the learning rate' },
});

let storage = '';
beforeEach(() => {
  editor.reset();
  storage = mkdtempSync(join(tmpdir(), 'kd-end-'));
});
afterEach(() => {
  rmSync(storage, { recursive: true, force: true });
});

/** The message at the end of a run that worked when the window last looked. */
async function announced(run: RunEntry): Promise<readonly string[]> {
  const state = new Map<string, unknown>([['kd.expectedRuns', [run.directory]]]);
  const context = {
    globalStorageUri: Uri.file(storage),
    workspaceState: { get: (key: string) => state.get(key), update: state.set.bind(state) },
  };
  const runs = { entries: [run], onDidChange: () => ({ dispose: () => undefined }) };
  const log = { info: () => undefined, warn: () => undefined };
  const notifier = new EndNotifier(
    runs as unknown as RunsWatcher,
    context as unknown as vscode.ExtensionContext,
    log as unknown as vscode.LogOutputChannel,
  );
  await vi.waitFor(() => expect(editor.shown).toHaveLength(1));
  notifier.dispose();
  return editor.shown[0]?.buttons ?? [];
}

describe('the message about a run whose executor died', () => {
  it('offers to resume on the next executor, one click away', async () => {
    editor.clicks.push('Resume on cpu');
    expect(await announced(lost)).toEqual(['Open Panel', 'Resume on cpu', 'Resume', 'Show Log']);
    await vi.waitFor(() =>
      expect(editor.executed).toEqual([['kd.resume', { directory: lost.directory, device: 'cpu' }]]),
    );
  });

  it('offers no other executor where it was not at fault', async () => {
    editor.clicks.push('Resume');
    expect(await announced(diverged)).toEqual(['Open Panel', 'Resume', 'Show Log']);
    await vi.waitFor(() =>
      expect(editor.executed).toEqual([['kd.resume', { directory: diverged.directory, device: null }]]),
    );
  });
});

describe('resuming a run whose executor died', () => {
  function services() {
    const calls: unknown[][] = [];
    return {
      calls,
      runs: { entries: [lost, diverged] },
      control: { resume: (...call: unknown[]) => void calls.push(call) },
      panels: { open: () => undefined },
    } as unknown as RunServices & { calls: unknown[][] };
  }

  it('goes where the button says, without a question', async () => {
    const host = services();
    await resumeRun({ directory: lost.directory, device: 'cpu' }, host);
    await resumeRun({ directory: lost.directory, device: null }, host);
    expect(host.calls).toEqual([
      [lost.directory, 'cpu'],
      [lost.directory, null],
    ]);
    expect(editor.offered).toEqual([]);
  });

  it('asks where, when the command comes from elsewhere', async () => {
    const host = services();
    editor.picked = 0;
    await resumeRun('lost', host);
    editor.picked = 1;
    await resumeRun('lost', host);
    expect(host.calls).toEqual([
      [lost.directory, 'cpu'],
      [lost.directory, null],
    ]);
    expect(editor.offered.slice(0, 2)).toMatchObject([
      { label: 'Resume on cpu' },
      { label: 'Try again on onnx-webgpu', detail: 'device lost' },
    ]);
    editor.picked = undefined;
    await expect(resumeRun('lost', host)).rejects.toBeInstanceOf(CancellationError);
  });

  it('asks nothing where another executor would not help, and takes no device that does not exist', async () => {
    const host = services();
    await resumeRun('diverged', host);
    await resumeRun({ directory: lost.directory, device: 'toaster' }, host);
    expect(host.calls).toEqual([
      [diverged.directory, null],
      [lost.directory, null],
    ]);
  });
});
