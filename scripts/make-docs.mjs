import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

// Writes the reference pages and the JSON Schema from the schema in src/config and from docs/results.json; a test proves that they are up to date.
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { outputFiles } = await build({
  stdin: {
    contents: [
      "export { referenceFiles } from './src/config/reference/pages.ts';",
      "export { diagnosisPage } from './src/diagnosis/page.ts';",
    ].join('\n'),
    resolveDir: root,
    loader: 'ts',
  },
  bundle: true,
  platform: 'node',
  format: 'esm',
  // What is bundled from CommonJS asks for Node's own modules by `require`.
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
  write: false,
});
const bundle = join(root, 'build', 'make-docs.mjs');
mkdirSync(dirname(bundle), { recursive: true });
writeFileSync(bundle, outputFiles[0].contents);
const { referenceFiles, diagnosisPage } = await import(bundle);
rmSync(bundle);

const results = JSON.parse(readFileSync(join(root, 'docs', 'results.json'), 'utf8'));
const diagnosed = results.rows
  .filter(({ findings }) => findings !== undefined)
  .map(({ name, againstAlone, findings, unable = null }) => ({
    ...{ name, findings, unable },
    verdict: againstAlone?.verdict ?? null,
  }));
const files = { ...referenceFiles(results), 'docs/diagnosis.md': diagnosisPage(diagnosed) };
for (const [path, text] of Object.entries(files)) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
// A method that is gone leaves no page behind.
for (const folder of ['docs/methods', 'docs/refiners', 'docs/generators', 'docs/recipes']) {
  for (const name of readdirSync(join(root, folder)))
    if (!(`${folder}/${name}` in files)) rmSync(join(root, folder, name));
}
process.stdout.write(`${Object.keys(files).length} files written\n`);
