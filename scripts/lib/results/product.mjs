import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { ROOT } from '../paths.mjs';

const CONTENTS = [
  "export { checkFile } from './src/cli/experiment-file.ts';",
  "export { compareAll } from './src/statistics/comparison.ts';",
  "export { comparedBy } from './src/statistics/metrics.ts';",
  "export { valuesText } from './src/config/reference/results.ts';",
  "export { diagnose } from './src/diagnosis/index.ts';",
  "export { evidenceOf } from './src/diagnosis/of-run.ts';",
  "export { RunDirectory } from './src/runs/directory.ts';",
].join('\n');

/**
 * The parts of the product that the table is made with: checking an experiment file, judging, and looking for what went wrong.
 *
 * @returns {Promise<{
 *   checkFile: typeof import('../../../src/cli/experiment-file.ts').checkFile,
 *   compareAll: typeof import('../../../src/statistics/comparison.ts').compareAll,
 *   comparedBy: typeof import('../../../src/statistics/metrics.ts').comparedBy,
 *   valuesText: typeof import('../../../src/config/reference/results.ts').valuesText,
 *   diagnosed: (directory: string) => { findings: string[], unable: string[] },
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
  const { checkFile, compareAll, comparedBy, valuesText, diagnose, evidenceOf, RunDirectory } = await import(
    pathToFileURL(path).href
  );
  const diagnosed = (directory) => {
    const run = new RunDirectory(directory);
    const { findings, unable } = diagnose(run.id, evidenceOf(run));
    return { findings: findings.map(({ rule }) => rule), unable: unable.map(({ rule }) => rule) };
  };
  return { checkFile, compareAll, comparedBy, valuesText, diagnosed };
}
