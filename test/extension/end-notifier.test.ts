import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as vscode from 'vscode';
import { EndNotifier } from '../../src/extension/runs/end-notifier.ts';
import type { RunEntry } from '../../src/extension/runs/run-entry.ts';
import type { RunsListener, RunsWatcher } from '../../src/extension/runs/runs-watcher.ts';
import { thisProcess } from '../../src/runs/processes.ts';
import { RecordFile } from '../../src/runs/record-file.ts';
import { newRun } from '../runs/scratch.ts';
import { editor, Uri } from './fake-vscode.ts';
import { entry } from './records.ts';

vi.mock('vscode', () => import('./fake-vscode.ts'));

let storage = '';
const notifiers: EndNotifier[] = [];
beforeEach(() => {
  editor.reset();
  storage = mkdtempSync(join(tmpdir(), 'kd-end-'));
});
afterEach(() => {
  for (const notifier of notifiers.splice(0)) notifier.dispose();
  rmSync(storage, { recursive: true, force: true });
});

/** A window that waits for the end of these runs. */
function windowOn(...worked: readonly RunEntry[]) {
  const state = new Map<string, unknown>();
  const context = {
    globalStorageUri: Uri.file(storage),
    workspaceState: {
      get: (key: string, fallback: unknown) => state.get(key) ?? fallback,
      update: state.set.bind(state),
    },
  };
  const lines: string[] = [];
  const log = { info: (line: string) => lines.push(line), warn: (line: string) => lines.push(line) };
  let listener: RunsListener = () => undefined;
  const runs = {
    entries: worked,
    onDidChange: (given: RunsListener) => {
      listener = given;
      return { dispose: () => undefined };
    },
  };
  notifiers.push(
    new EndNotifier(
      runs as unknown as RunsWatcher,
      context as unknown as vscode.ExtensionContext,
      log as unknown as vscode.LogOutputChannel,
    ),
  );
  return {
    lines,
    sees(...now: readonly RunEntry[]): void {
      const before = runs.entries;
      runs.entries = now;
      listener(now, before);
    },
  };
}

describe('the end of a run', () => {
  it('is told once, whichever of two windows sees it first', async () => {
    const works = entry('a', 'running', { startedAt: '2026-01-01T00:00:01.000Z' });
    const later = entry('b', 'running', { name: 'Later', startedAt: '2026-01-01T00:00:02.000Z' });
    const [one, other] = [windowOn(works, later), windowOn(works, later)];
    const ended = { ...works, status: 'stopped' } as const;
    one.sees(ended, later);
    other.sees(ended, later);
    one.sees(ended, later);
    await vi.waitFor(() => expect(editor.shown).toHaveLength(1));
    other.sees(ended, { ...later, status: 'completed' });
    await vi.waitFor(() => expect(editor.shown).toHaveLength(2));
    expect(editor.shown[0]).toEqual({
      kind: 'information',
      message: 'Digits: stopped. Resume goes on from there.',
      buttons: [],
    });
    expect(editor.shown[1]?.message).toBe('Later: completed');
    expect([...one.lines, ...other.lines]).toHaveLength(2);
  });

  it('is none where a run was taken out of the queue before it began', async () => {
    const waits = entry('waits', 'queued', { waiting: true });
    const works = entry('works', 'running', { startedAt: '2026-01-01T00:00:01.000Z' });
    const window = windowOn(waits, works);
    window.sees({ ...waits, status: 'stopped' }, { ...works, status: 'completed' });
    await vi.waitFor(() => expect(editor.shown).toHaveLength(1));
    expect(editor.shown[0]?.message).toBe('Digits: completed');
  });

  it('of an engine that vanished while nobody looked is told with the cause and the next step', async () => {
    const run = newRun();
    const file = new RecordFile(run.path);
    // No process has this number and start.
    const process = { ...thisProcess(), startTime: '1', socket: '', token: '' };
    file.become('running', { process });
    const record = run.record();
    expect(run.status()).toBe('interrupted');
    const window = windowOn({ directory: run.path, record, status: 'running' });
    window.sees({ directory: run.path, record, status: 'interrupted' });
    await vi.waitFor(() => expect(editor.shown).toHaveLength(1));
    expect(editor.shown[0]?.kind).toBe('warning');
    expect(editor.shown[0]?.message).toMatch(
      /^Digits was interrupted: the engine ended .*nobody saw how.*\. Next: .*`kd resume /,
    );
  });
});
