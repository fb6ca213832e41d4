import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { ROOT } from '../paths.mjs';

const CONTENTS = [
  "export { checkFile } from './src/cli/experiment-file.ts';",
  "export { compareAll } from './src/measures/comparison.ts';",
].join('\n');

/**
 * The parts of the product that the table is made with: checking an experiment file, and judging.
 *
 * @returns {Promise<{
 *   checkFile: typeof import('../../../src/cli/experiment-file.ts').checkFile,
 *   compareAll: typeof import('../../../src/measures/comparison.ts').compareAll,
 * }>}
 */
export async function loadProduct() {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    stdin: { contents: CONTENTS, resolveDir: ROOT, loader: 'ts' },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    // What is bundled from CommonJS asks for Node's own modules by `require`.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
  const folder = join(ROOT, 'build', 'results');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'product.mjs');
  writeFileSync(path, outputFiles[0].contents);
  return import(pathToFileURL(path).href);
}
