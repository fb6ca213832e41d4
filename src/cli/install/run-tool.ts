import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** Lines of a failed program's output that are worth showing. */
const SHOWN_LINES = 12;

export interface RunToolOptions {
  readonly cwd: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs a program to its end, arguments as they are, no shell. Throws an Error with the end of its output where it fails. */
export function runTool(
  program: string,
  args: readonly string[],
  { cwd, environment = {} }: RunToolOptions,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      env: { ...withoutProjectSettings(process.env), ...environment },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve();
      else {
        const end = output.trim().split('\n').slice(-SHOWN_LINES).join('\n');
        reject(new Error(`${program} ${args[0] ?? ''} ended with ${code ?? signal ?? 'nothing'}\n${end}`));
      }
    });
  });
}

/** Runs the npm that belongs to this Node, else the one on the PATH. */
export function runNpm(args: readonly string[], options: RunToolOptions): Promise<void> {
  const folder = dirname(process.execPath);
  const own = [join(folder, 'node_modules'), join(folder, '..', 'lib', 'node_modules')]
    .map((modules) => join(modules, 'npm', 'bin', 'npm-cli.js'))
    .find((path) => existsSync(path));
  const quiet = [...args, '--no-audit', '--no-fund', '--loglevel=error'];
  return own === undefined
    ? runTool('npm', quiet, options)
    : runTool(process.execPath, [own, ...quiet], options);
}

/** A PATH on which the programs of a folder's packages come first. */
export function pathWith(modules: string): string {
  return [join(modules, '.bin'), dirname(process.execPath), process.env.PATH ?? ''].join(delimiter);
}

/** `npm run` hands a project's settings down in the environment; another project's installation is not to see them. */
function withoutProjectSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const hidden = /^npm_(package_|lifecycle_|config_(local_prefix|omit|onnxruntime))/i;
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !hidden.test(name)));
}
