import { spawn } from 'node:child_process';
import { UserError } from '../protocol/errors.ts';
import { thisNode } from '../runs/index.ts';
import { enginePath } from './command-context.ts';

/**
 * Runs the engine's bundle for an answer instead of a run (`verify`, `doctor`): only it may load tensors. Returns what it
 * printed as JSON. Throws KD5022 where it ends without an answer.
 */
export async function askEngine(args: readonly string[]): Promise<unknown> {
  const { code, signal, stdout, stderr } = await runEngine(args);
  try {
    return JSON.parse(stdout) as unknown;
  } catch {
    // A problem in words, as the engine prints it.
    const known = /^(KD\d{4}) (.*?)(?:\n {2}next: (.*))?$/m.exec(stderr);
    throw new UserError({
      code: known?.[1] ?? 'KD5022',
      message:
        known?.[2] ??
        `the engine ended without an answer (${signal ?? `exit code ${code}`}): ${stderr.trim()}`,
      help: known?.[3] ?? 'reinstall the product; if it stays, report this message',
    });
  }
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

function runEngine(args: readonly string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(thisNode().path, [enginePath(), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
