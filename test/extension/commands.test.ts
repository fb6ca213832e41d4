import { beforeEach, describe, expect, it, vi } from 'vitest';
import type * as vscode from 'vscode';
import { registerCommands } from '../../src/extension/commands.ts';
import { configOf, saved } from '../../src/extension/config-argument.ts';
import { COMMANDS, type CommandId } from '../../src/extension/ids.ts';
import { runOf } from '../../src/extension/run-argument.ts';
import {
  pauseRun,
  resumeRun,
  startRun,
  stopRun,
  type RunServices,
} from '../../src/extension/run-commands.ts';
import { cancelQueued, queueFirst, retryQueued } from '../../src/extension/queue-commands.ts';
import { setting } from '../../src/extension/settings.ts';
import { UserError } from '../../src/protocol/errors.ts';
import { CancellationError, editor, Uri, window } from './fake-vscode.ts';
import { entry } from './records.ts';

vi.mock('vscode', () => import('./fake-vscode.ts'));

const lines: string[] = [];
const log = {
  error: (line: string) => lines.push(line),
  show: () => lines.push('shown'),
} as unknown as vscode.LogOutputChannel;

const runs = [entry('working', 'running'), entry('halted', 'stopped'), entry('done', 'completed')];

/** Services that record what is asked of them. */
function services(entries = runs): RunServices & { readonly calls: unknown[][] } {
  const calls: unknown[][] = [];
  const note =
    (name: string) =>
    (...parameters: unknown[]) => {
      calls.push([name, ...parameters]);
    };
  return {
    calls,
    log,
    runs: { entries },
    control: {
      start: note('start'),
      stop: note('stop'),
      stopNow: note('stopNow'),
      queueOf: note('queueOf'),
      pause: note('pause'),
      resume: note('resume'),
    },
    panels: { open: note('open') },
  } as unknown as RunServices & { calls: unknown[][] };
}

const code = (expected: string): unknown =>
  expect.objectContaining({ problem: expect.objectContaining({ code: expected }) as unknown });

beforeEach(() => {
  editor.reset();
  lines.length = 0;
});

describe('every command', () => {
  function registered(handler: () => unknown): (argument?: unknown) => unknown {
    const handlers = Object.fromEntries(Object.values(COMMANDS).map((id) => [id, handler]));
    registerCommands(handlers as Record<CommandId, () => unknown>, log);
    expect([...editor.commands.keys()].sort()).toEqual(Object.values(COMMANDS).sort());
    return (argument) => editor.commands.get(COMMANDS.run)?.(argument);
  }

  it('that fails says why and what to do, with the remedy one click away', async () => {
    const problem = { code: 'KD5102', message: 'not trusted', help: 'trust it' };
    editor.clicks.push('Manage Workspace Trust');
    await registered(() => Promise.reject(new UserError(problem)))();
    await vi.waitFor(() => expect(editor.executed).toEqual([['workbench.trust.manage']]));
    expect(editor.shown).toEqual([
      {
        kind: 'error',
        message: 'not trusted. Next: trust it (KD5102)',
        buttons: ['Manage Workspace Trust', 'Show Log'],
      },
    ]);
  });

  it('that was cancelled says nothing', async () => {
    await registered(() => {
      throw new CancellationError();
    })();
    expect(editor.shown).toEqual([]);
    expect(lines).toEqual([]);
  });

  it('shows no link that a file has written into its words', async () => {
    const message = 'unknown key "[free gift](command:workbench.action.quit)"';
    await registered(() => Promise.reject(new UserError({ code: 'KD2001', message, help: '' })))();
    expect(editor.shown[0]?.message).toContain('[free gift] (command:');
    expect(editor.shown[0]?.message).not.toContain('](');
  });

  it('with a defect writes where it happened to the log', async () => {
    await registered(() => {
      throw new TypeError('x is undefined');
    })();
    expect(editor.shown[0]?.message).toContain('x is undefined');
    expect(lines[0]).toContain('commands.test.ts');
  });
});

describe('the config a command is about', () => {
  const a = Uri.file('/a.kd.yaml');

  it('is its argument, else the active editor, else the only one', async () => {
    expect(await configOf(a)).toBe(a);
    expect(await configOf('file:///b.kd.yaml')).toMatchObject({ scheme: 'file', fsPath: '/b.kd.yaml' });
    editor.found.push(a);
    expect(await configOf(undefined)).toBe(a);
    const active = Uri.file('/active.kd.yaml');
    window.activeTextEditor = { document: { languageId: 'kd-yaml', uri: active } };
    expect(await configOf(undefined)).toBe(active);
  });

  it('is asked for where there are several, and explained where there is none', async () => {
    await expect(configOf(undefined)).rejects.toEqual(code('KD5103'));
    window.activeTextEditor = { document: { languageId: 'yaml', uri: Uri.file('/other.yaml') } };
    editor.found.push(Uri.file('/b.kd.yaml'), a);
    editor.picked = 0;
    expect(await configOf(undefined)).toBe(a);
    editor.picked = undefined;
    await expect(configOf(undefined)).rejects.toBeInstanceOf(CancellationError);
  });

  it('must be a file on this machine to be run', async () => {
    const uri = (text: string) => Uri.parse(text) as unknown as vscode.Uri;
    expect(await saved(uri('file:///a.kd.yaml'))).toMatchObject({ fsPath: '/a.kd.yaml' });
    editor.documents.set('Untitled-1', { isUntitled: true });
    await expect(saved(uri('untitled:Untitled-1'))).rejects.toEqual(code('KD5104'));
    await expect(saved(uri('vscode-vfs://github/a.kd.yaml'))).rejects.toEqual(code('KD5104'));
  });
});

describe('the run a command is about', () => {
  const wanted = { accepts: () => true, question: 'Which?', none: 'none', help: 'start one' };

  it('is named by a row, a directory or an id', async () => {
    const [first] = runs;
    for (const name of [{ directory: first?.directory }, first?.directory, 'working']) {
      expect(await runOf(name, runs, wanted)).toBe(first);
    }
    await expect(runOf('gone', runs, wanted)).rejects.toEqual(code('KD5001'));
  });

  it('is the only fitting one, or the one picked', async () => {
    const stopped = { ...wanted, accepts: ({ status }: { status: string }) => status === 'stopped' };
    expect((await runOf(undefined, runs, stopped)).record.id).toBe('halted');
    editor.picked = 2;
    expect((await runOf(undefined, runs, wanted)).record.id).toBe('done');
    await expect(runOf(undefined, [], wanted)).rejects.toEqual(code('KD5105'));
  });
});

describe('in Restricted Mode', () => {
  it('nothing is started', async () => {
    editor.trusted = false;
    const host = services();
    await expect(startRun(Uri.file('/a.kd.yaml'), host)).rejects.toEqual(code('KD5102'));
    await expect(resumeRun('halted', host)).rejects.toEqual(code('KD5102'));
    expect(host.calls).toEqual([]);
  });
});

describe('stopping and resuming', () => {
  it('reach the run that is meant', async () => {
    const host = services();
    await stopRun(undefined, host);
    // Another one works meanwhile.
    editor.clicks.push('Resume Beside');
    await resumeRun({ directory: '/project/.kd/runs/halted' }, host);
    expect(host.calls.slice(0, 2)).toEqual([
      ['stop', '/project/.kd/runs/working'],
      ['resume', '/project/.kd/runs/halted', null],
    ]);
  });

  it('reach a run that waits: only what works is paused, and what waits goes on', async () => {
    const host = services([entry('working', 'running'), entry('waiting', 'paused')]);
    await pauseRun(undefined, host);
    await resumeRun(undefined, host);
    expect(host.calls.slice(0, 2)).toEqual([
      ['pause', '/project/.kd/runs/working'],
      ['resume', '/project/.kd/runs/waiting', null],
    ]);
    await expect(pauseRun('waiting', host)).rejects.toEqual(code('KD5108'));
  });

  it('ask a run that is stopping already whether it shall end now', async () => {
    const host = services([entry('late', 'stopping')]);
    await stopRun('late', host);
    expect(host.calls).toEqual([]);
    editor.clicks.push('End Now');
    await stopRun('late', host);
    expect(host.calls).toEqual([['stopNow', '/project/.kd/runs/late']]);
  });

  it('reach what waits in the queue', async () => {
    await expect(retryQueued(undefined, services([]))).rejects.toEqual(code('KD5105'));
    const waiting = services([entry('next', 'queued', { waiting: true })]);
    await queueFirst(undefined, waiting);
    await cancelQueued(undefined, waiting);
    expect(waiting.calls.map(([name, root]) => [name, root])).toEqual([
      ['queueOf', '/project'],
      ['queueOf', '/project'],
    ]);
  });

  it('explain why a run cannot be stopped or resumed now', async () => {
    const host = services();
    await expect(stopRun('done', host)).rejects.toEqual(code('KD5108'));
    await expect(resumeRun('working', host)).rejects.toEqual(code('KD5109'));
    await expect(stopRun(undefined, services([]))).rejects.toEqual(code('KD5105'));
    expect(host.calls).toEqual([]);
  });

  it('ask before a second run of the same experiment is started', async () => {
    const host = services([entry('working', 'running', { config: '/a.kd.yaml' })]);
    editor.clicks.push('Open Panel');
    await startRun(Uri.file('/a.kd.yaml'), host);
    expect(editor.shown[0]?.message).toContain('working of this experiment is still working');
    expect(host.calls.map(([name]) => name)).toEqual(['open']);
  });
});

describe('a setting of the wrong type', () => {
  it('counts as not set', () => {
    editor.settings.set('kd.nodePath', 5);
    editor.settings.set('kd.notifyAtEnd', false);
    expect(setting('nodePath')).toBe('');
    expect(setting('notifyAtEnd')).toBe(false);
    expect(setting('panel.openOnRun')).toBe(true);
  });
});
