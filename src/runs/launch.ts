import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from '../protocol/errors.ts';
import { writing } from './disk.ts';
import { FILES } from './layout.ts';
import { announceRun } from './machine.ts';
import type { NodeCommand } from './node.ts';

export interface Launch {
  /** The run directory, status `queued`. */
  readonly directory: string;
  /** `engine.cjs` */
  readonly enginePath: string;
  readonly node: NodeCommand;
  /** Asked here, right before the process is started: whether the user trusts this workspace (or typed the command). */
  readonly permission: () => boolean;
  readonly environment?: NodeJS.ProcessEnv;
}

export interface LaunchedEngine {
  readonly pid: number;
  /** How it ended, for as long as this process is there to see it; a reloaded window asks the run directory instead. */
  readonly exited: Promise<EngineExit>;
}

/** How a process ended: one of the two is set. */
export interface EngineExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Variables by which an editor or a debugger would reach into every Node process below it. */
const NOT_INHERITED = ['NODE_OPTIONS', 'VSCODE_INSPECTOR_OPTIONS', 'ELECTRON_RUN_AS_NODE', 'NODE_CHANNEL_FD'];

/**
 * Starts the engine on a run directory: a process of its own that outlives this one, without standard input, its output in
 * files. Throws KD5018 without permission, KD5019 where the engine cannot be started.
 */
export async function launchEngine(launch: Launch): Promise<LaunchedEngine> {
  if (!existsSync(launch.enginePath)) {
    throw notStarted(launch, 'the engine is missing');
  }
  const stdout = openOutput(launch.directory, FILES.stdout);
  const stderr = openOutput(launch.directory, FILES.stderr);
  // Until the engine says so itself.
  const announcement = announceRun(launch.directory);
  let started = false;
  try {
    if (!launch.permission()) {
      throw new UserError({
        code: 'KD5018',
        message: 'nothing is started in a workspace that is not trusted',
        help: 'trust the workspace (command "Workspaces: Manage Workspace Trust"), then run again',
        file: launch.directory,
      });
    }
    const child = spawn(launch.node.path, [launch.enginePath, 'train', launch.directory], {
      // Not the run directory itself: a folder that is somebody's working folder cannot be moved on Windows.
      cwd: dirname(launch.directory),
      detached: true,
      stdio: ['ignore', stdout, stderr],
      windowsHide: true,
      env: { ...inherited(launch.environment ?? process.env), ...launch.node.environment },
    });
    const exited = new Promise<EngineExit>((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    const pid = await new Promise<number>((resolve, reject) => {
      child.once('error', (error) => reject(notStarted(launch, error.message)));
      child.once('spawn', () => resolve(child.pid ?? 0));
    });
    child.unref();
    started = true;
    void exited.then(() => announcement.withdraw());
    return { pid, exited };
  } finally {
    if (!started) announcement.withdraw();
    closeSync(stdout);
    closeSync(stderr);
  }
}

function openOutput(directory: string, name: string): number {
  const path = join(directory, name);
  return writing(path, () => openSync(path, 'a'));
}

function inherited(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !NOT_INHERITED.includes(name)));
}

function notStarted(launch: Launch, why: string): UserError {
  return new UserError({
    code: 'KD5019',
    message: `the engine could not be started: ${why}`,
    help: 'reinstall the product, or see `kd doctor`',
    file: launch.enginePath,
  });
}
