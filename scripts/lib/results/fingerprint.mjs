import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, transform } from 'esbuild';
import { ROOT } from '../paths.mjs';
import { baseOf, teacherOf } from './configs.mjs';

/** What every training runs through. */
const SHARED = [
  'training/train-experiment.ts',
  'data/dataset.ts',
  'models/initialize.ts',
  'executors/onnx-cpu.ts',
];
/** Folders in which no result is made. What the config says is counted as the effective config. */
const PASSED = /^src\/(config|runs|protocol|schema|statistics)\//;
/** Where a file declares what a config chooses by name; such a file counts for the rows that name it. */
const NAMED = ['src/methods', 'src/schemes', 'src/models/modules', 'src/models/zoo'];
const DECLARATION = /^export const (\w+) = define\w+\((?:\{\s*name: '([^']+)')?/gm;
/** What counts only where what a row names imports it: parts of methods. Lists of files count nowhere. */
const PARTS = /^src\/methods\/[^/]+\//;
const LIST = /\/index\.ts$/;

/** @type {Map<string, Promise<readonly string[]>>} */
const reached = new Map();
/** @type {Map<string, Promise<string>>} */
const hashes = new Map();

/**
 * SHA-256 over the source that the result of a row depends on. Comments and layout do not count.
 *
 * @param {import('./systems.mjs').System} system
 */
export async function codeHash(system) {
  const files = await filesOf(system);
  const lines = await Promise.all(files.map(async (path) => `${path} ${await hashOf(path)}`));
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}

/**
 * The files that a row runs through: those that its config names with all that they import, and everything that trains.
 *
 * @param {import('./systems.mjs').System} system
 */
export async function filesOf(system) {
  const named = new Set(declarations().values());
  const shared = (await filesFrom(SHARED.map((path) => `src/${path}`))).filter(
    (path) => !named.has(path) && !PARTS.test(path),
  );
  const own = await filesFrom(sourcesOf(system));
  return [...new Set([...shared, ...own])].filter((path) => !PASSED.test(path) && !LIST.test(path)).sort();
}

/**
 * The files of what a row's config names, its base and its teacher included, also within terms and in single phases: scheme,
 * methods, refiners, generator's loss, architectures and modules.
 */
export function sourcesOf(system) {
  const { distill, phases = [] } = system.config;
  const { scheme = 'offline', refine = [], match } = distill;
  const terms = [...match, ...phases.flatMap((phase) => phase.match ?? [])];
  const models = modelsOf(system);
  const words = [
    ...[scheme, ...asList(settingsOf(scheme).generator)],
    ...[...refine, ...terms, ...terms.flatMap((term) => settingsOf(term).refine ?? [])],
    ...models.flatMap(({ architecture, modules = [] }) => [...asList(architecture), ...modules]),
  ].map(wordOf);
  return [...new Set(words)].map(declarationOf);
}

/** The models of a row over those of its base, key by key, as its file extends it. */
function modelsOf(system) {
  const base = baseOf(system).config.models;
  const own = { teacher: teacherOf(system), ...system.config.models };
  return [...new Set([...Object.keys(base), ...Object.keys(own)])].map((name) => ({
    ...base[name],
    ...own[name],
  }));
}

/** Also of a preset: `vgg8` stands with `vgg`. */
function declarationOf(word) {
  const file = declarations().get(word) ?? declarations().get(word.replace(/[-\d].*$/, ''));
  if (file === undefined) throw new Error(`no file of ${NAMED.join(', ')} declares ${word}`);
  return file;
}

/** Of a choice as a config writes it: its name, or its name with settings. */
const wordOf = (choice) => (typeof choice === 'string' ? choice : Object.keys(choice)[0]);
const settingsOf = (choice) => (typeof choice === 'string' ? {} : (Object.values(choice)[0] ?? {}));
const asList = (choice) => (choice === undefined ? [] : [choice]);

/** @type {Map<string, string> | undefined} */
let declared;

/** Which file declares what a config names, by its name there and in the code. */
function declarations() {
  declared ??= new Map(
    NAMED.flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith('.ts'))
        .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
        .flatMap((path) =>
          [...readFileSync(join(ROOT, path), 'utf8').matchAll(DECLARATION)].flatMap(([, ...names]) =>
            names.flatMap((name) => (name === undefined ? [] : [/** @type {const} */ ([name, path])])),
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
