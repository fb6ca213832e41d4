import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from '../paths.mjs';

/** Longest a measuring process may take, in milliseconds. */
const TIMEOUT_MS = 900_000;

/** @type {Map<string, Promise<string>>} */
const bundles = new Map();

/** Bundles `test/bench/NAME.ts` for Node, once, and returns the path of the program. */
export function bundleBench(name) {
  const bundle = bundles.get(name) ?? buildBundle(name);
  bundles.set(name, bundle);
  return bundle;
}

async function buildBundle(name) {
  const outfile = join('build', 'bench', `${name}.mjs`);
  await build({
    absWorkingDir: ROOT,
    entryPoints: [`test/bench/${name}.ts`],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    mainFields: ['module', 'main'],
    external: ['onnxruntime-node', 'onnxruntime-web', 'playwright-core', 'esbuild'],
    // What is bundled of CommonJS asks for Node's own modules by `require`.
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
    },
    logLevel: 'warning',
  });
  return join(ROOT, outfile);
}

/**
 * Runs a process of its own to the end and reads the JSON of its last line.
 *
 * @param {string[]} command
 * @param {Record<string, string>} [environment]
 * @returns {Promise<any>}
 */
export function measureProcess([program, ...args], environment = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: ROOT,
      env: { ...process.env, KD_BENCH_STARTED: String(Date.now() / 1000), ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TIMEOUT_MS,
    });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => (output += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk) => (errors += chunk));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const last = output.trim().split('\n').at(-1) ?? '';
      if (code === 0 && last.startsWith('{')) resolve(JSON.parse(last));
      else
        reject(
          new Error(
            withoutRoot(
              `${[program, ...args].join(' ')} ended with ${code ?? signal}: ${errors.trim().slice(-500)}`,
            ),
          ),
        );
    });
  });
}

/** What is said of a process is stored with the rows, for readers on other machines. */
function withoutRoot(text) {
  return text.replaceAll(`${ROOT}/`, '').replaceAll(process.execPath, 'node');
}
