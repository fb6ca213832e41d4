import { readFileSync } from 'node:fs';
import { splitIntoCommonJs } from './split.mjs';

/**
 * What is bundled from what. `external` names what the process finds at run time instead: `vscode` is given by the
 * editor, the native runtime lies next to the engine (`native-runtime.mjs`).
 *
 * `split`: what is imported on demand is shipped in files of its own, so that the rest starts sooner.
 *
 * @typedef {{ name: string, entry: string, platform: 'node' | 'browser', external: string[], executable?: boolean,
 *   split?: boolean }} Bundle
 * @type {Bundle[]}
 */
export const BUNDLES = [
  { name: 'extension', entry: 'src/extension/main.ts', platform: 'node', external: ['vscode'], split: true },
  { name: 'server', entry: 'src/server/main.ts', platform: 'node', external: [] },
  { name: 'server-lookups', entry: 'src/server/lookup-thread.ts', platform: 'node', external: [] },
  {
    name: 'engine',
    entry: 'src/engine/main.ts',
    platform: 'node',
    external: ['onnxruntime-node', 'onnxruntime-web'],
  },
  { name: 'engine-worker', entry: 'src/engine/worker.ts', platform: 'node', external: [] },
  { name: 'kd', entry: 'src/cli/main.ts', platform: 'node', external: [], executable: true },
  { name: 'panel', entry: 'webview/main.ts', platform: 'browser', external: [] },
];

/** Optional peers of the engine: installed by those who have a use for them, never bundled. */
const OPTIONAL_PEERS = ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'];

/**
 * @param {Bundle} bundle
 * @param {boolean} production minified and without source maps
 * @returns {import('esbuild').BuildOptions}
 */
export function buildOptions(bundle, production) {
  const node = bundle.platform === 'node';
  const whole = wholeOptions(bundle, production, node);
  return bundle.split && production ? splitIntoCommonJs(bundle, whole) : whole;
}

/** @returns {import('esbuild').BuildOptions} */
function wholeOptions(bundle, production, node) {
  return {
    entryPoints: [bundle.entry],
    outfile: `dist/${bundle.name}.${node ? 'cjs' : 'js'}`,
    bundle: true,
    platform: bundle.platform,
    format: node ? 'cjs' : 'iife',
    target: node ? 'node20' : 'chrome120',
    external: [...bundle.external, ...OPTIONAL_PEERS],
    mainFields: node ? ['module', 'main'] : ['browser', 'module', 'main'],
    conditions: [production ? 'production' : 'development'],
    // Modules that ask for their own address get that of the bundle, which CommonJS has under another name.
    define: node ? { 'import.meta.url': 'bundleUrl' } : { 'process.env.NODE_ENV': '"production"' },
    banner: node ? { js: nodeBanner(bundle) } : {},
    minify: production,
    // Error and class names reach logs and messages.
    keepNames: true,
    sourcemap: production ? false : 'linked',
    legalComments: 'none',
    plugins: node ? [] : [withoutCodeFromText],
    metafile: true,
    logLevel: 'warning',
  };
}

/**
 * The toolkit's base looks for the global object by `new Function` where all else fails. A panel under a strict policy may
 * not hold that, and no browser of today gets there.
 *
 * @type {import('esbuild').Plugin}
 */
const withoutCodeFromText = {
  name: 'without-code-from-text',
  setup(builder) {
    builder.onLoad({ filter: /fast-element[\\/]dist[\\/]esm[\\/]platform\.js$/ }, ({ path }) => {
      const contents = readFileSync(path, 'utf8');
      const last = 'new Function("return this")()';
      if (!contents.includes(last)) throw new Error(`${path} has changed: "${last}" is not there`);
      return { contents: contents.replace(last, '{}') };
    });
  },
};

/** @param {Bundle} bundle */
function nodeBanner(bundle) {
  const shebang = bundle.executable ? '#!/usr/bin/env node\n' : '';
  return `${shebang}const bundleUrl = require('node:url').pathToFileURL(__filename).href;`;
}
