import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, transform } from 'esbuild';
import { ROOT } from '../paths.mjs';

/** What every training runs through. */
const SHARED = [
  'training/train-experiment.ts',
  'data/dataset.ts',
  'models/initialize.ts',
  'executors/onnx-cpu.ts',
];
/** Folders in which no result is made. What the config says is counted as the effective config. */
const PASSED = /^src\/(config|runs|protocol|schema|statistics)\//;
/** One file a method and a scheme: counted for the rows that use it. The lists of them count for none. */
const CHOSEN = /^src\/(methods\/[^/]+\/|schemes\/)|\/index\.ts$/;

/** @type {Map<string, Promise<readonly string[]>>} */
const reached = new Map();
/** @type {Map<string, Promise<string>>} */
const hashes = new Map();

/**
 * SHA-256 over the source that the result of a row depends on: its methods, refiners, generator's loss and scheme with all
 * that they import, and everything that trains. Comments and layout do not count.
 *
 * @param {import('./systems.mjs').System} system
 */
export async function codeHash(system) {
  const shared = (await filesFrom(SHARED.map((path) => `src/${path}`))).filter((path) => !CHOSEN.test(path));
  const own = await filesFrom(sourcesOf(system));
  const files = [...new Set([...shared, ...own])].filter((path) => !PASSED.test(path)).sort();
  const lines = await Promise.all(files.map(async (path) => `${path} ${await hashOf(path)}`));
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}

/** The files of what the row's config names, also in single phases. */
export function sourcesOf({ config: { distill, phases = [] } }) {
  const { scheme = 'offline', refine = [], match } = distill;
  const generator = scheme.dataFree?.generator;
  const terms = [...match, ...phases.flatMap((phase) => phase.match ?? [])];
  const names = [scheme, ...refine, ...terms, ...(generator === undefined ? [] : [generator])].map(
    (choice) => (typeof choice === 'string' ? choice : Object.keys(choice)[0]),
  );
  return [...new Set(names)].map((name) => {
    const file = declarations().get(name);
    if (file === undefined) throw new Error(`no file of src/methods or src/schemes exports ${name}`);
    return file;
  });
}

/** @type {Map<string, string> | undefined} */
let declared;

/** Which file declares a method, refiner, generator's loss or scheme. */
function declarations() {
  declared ??= new Map(
    ['src/methods', 'src/schemes'].flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith('.ts'))
        .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
        .flatMap((path) =>
          [...readFileSync(join(ROOT, path), 'utf8').matchAll(/^export const (\w+) = define\w+\(/gm)].map(
            ([, name]) => /** @type {const} */ ([name, path]),
          ),
        ),
    ),
  );
  return declared;
}

/** All files of ours that these import, themselves included. */
function filesFrom(entryPoints) {
  const key = entryPoints.join();
  const known = reached.get(key) ?? bundledFiles(entryPoints);
  reached.set(key, known);
  return known;
}

async function bundledFiles(entryPoints) {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints,
    outdir: 'build/results',
    bundle: true,
    write: false,
    metafile: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
  return Object.keys(metafile.inputs);
}

function hashOf(path) {
  const known = hashes.get(path) ?? hashOfCode(path);
  hashes.set(path, known);
  return known;
}

async function hashOfCode(path) {
  const { code } = await transform(readFileSync(join(ROOT, path), 'utf8'), {
    loader: 'ts',
    minifyWhitespace: true,
    legalComments: 'none',
  });
  return createHash('sha256').update(code).digest('hex');
}
