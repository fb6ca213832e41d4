import { spawn } from 'node:child_process';
import { UserError } from '../protocol/errors.ts';
import { thisNode } from '../runs/index.ts';
import { enginePath } from './command-context.ts';

/**
 * Runs the engine's bundle for an answer instead of a run (`verify`, `doctor`): only it may load tensors. Returns what it
 * printed as JSON. @param onWords gets each line of what it says meanwhile. Throws KD5022 where it ends without an answer.
 */
export async function askEngine(
  args: readonly string[],
  onWords: (words: string) => void = () => undefined,
): Promise<unknown> {
  const { code, signal, stdout, stderr } = await runEngine(args, onWords);
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

function runEngine(args: readonly string[], onWords: (words: string) => void): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(thisNode().path, [enginePath(), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    let said = 0;
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      // Whole lines as they come; a problem is told by whoever asked.
      const end = stderr.lastIndexOf('\n');
      for (const line of stderr.slice(said, Math.max(said, end)).split('\n'))
        if (line !== '' && !/^(KD\d{4} | {2}next: )/.test(line)) onWords(line);
      said = Math.max(said, end + 1);
    });
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
