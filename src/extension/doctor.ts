import { spawn } from 'node:child_process';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { findNode } from '../runs/index.ts';
import { setting } from './settings.ts';
import { requireTrust } from './trust.ts';

/** A self-test of every executor takes seconds; longer means that one hangs. */
const LONGEST_MILLISECONDS = 120_000;

/** Runs `kd doctor` and writes what it says to the log. */
export async function runDoctor(extensionPath: string, log: vscode.LogOutputChannel): Promise<void> {
  const node = await findNode({ configured: setting('nodePath') });
  log.show(true);
  log.info(`Node ${node.version}, from ${node.from}: ${node.path}`);
  const progress = {
    location: vscode.ProgressLocation.Window,
    title: 'KD: testing what this machine can run',
  };
  const code = await vscode.window.withProgress(progress, () => {
    requireTrust('The machine is tested');
    return runTool(node, join(extensionPath, 'dist', 'kd.cjs'), ['doctor'], (line) => log.info(line));
  });
  if (code === 0) return;
  throw new Error(`kd doctor ended with ${code ?? 'a signal'}; what it said stands in the log`);
}

function runTool(
  node: { readonly path: string; readonly environment: Readonly<Record<string, string>> },
  tool: string,
  parameters: readonly string[],
  say: (line: string) => void,
): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(node.path, [tool, ...parameters], {
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      timeout: LONGEST_MILLISECONDS,
      env: { ...process.env, ...node.environment },
    });
    for (const stream of [child.stdout, child.stderr]) {
      let rest = '';
      stream.setEncoding('utf8').on('data', (text: string) => {
        const lines = (rest + text).split(/\r?\n/);
        rest = lines.pop() ?? '';
        lines.forEach(say);
      });
      stream.on('end', () => rest !== '' && say(rest));
    }
    child.once('error', reject);
    child.once('close', resolve);
  });
}
