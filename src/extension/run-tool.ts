import { spawn } from 'node:child_process';

/** A self-test of every executor, or a few steps of an experiment, take seconds; longer means that one hangs. */
const LONGEST_MILLISECONDS = 120_000;

interface Ended {
  readonly code: number | null;
  /** What it printed on standard output. */
  readonly answer: string;
}

/**
 * Runs the command line for an answer on standard output.
 * @param say gets each line that is meant for people
 */
export function runTool(
  node: { readonly path: string; readonly environment: Readonly<Record<string, string>> },
  tool: string,
  parameters: readonly string[],
  say: (line: string) => void,
  timeout = LONGEST_MILLISECONDS,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(node.path, [tool, ...parameters], {
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      timeout,
      env: { ...process.env, ...node.environment },
    });
    let answer = '';
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (answer += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split(/\r?\n/);
      rest = lines.pop() ?? '';
      lines.forEach(say);
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (rest !== '') say(rest);
      resolve({ code, answer: answer.trim() });
    });
  });
}
