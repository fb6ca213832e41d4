import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { transform } from 'esbuild';
import { ROOT } from './paths.mjs';

/**
 * Turns the options of a CommonJS bundle into those of one in parts: `dist/NAME.cjs` and, for what is imported on
 * demand, `dist/NAME/*.cjs`. The bundler splits modern modules only, so its parts become CommonJS one by one afterwards.
 *
 * @param {{ name: string, entry: string }} bundle
 * @param {import('esbuild').BuildOptions} options
 * @returns {import('esbuild').BuildOptions}
 */
export function splitIntoCommonJs({ name, entry }, options) {
  return {
    ...options,
    outfile: undefined,
    banner: {},
    define: {},
    entryPoints: { [name]: entry },
    outdir: 'dist',
    chunkNames: `${name}/[name]-[hash]`,
    outExtension: { '.js': '.cjs' },
    format: 'esm',
    splitting: true,
    write: false,
    plugins: [...(options.plugins ?? []), commonJs(name)],
  };
}

/** @returns {import('esbuild').Plugin} */
function commonJs(name) {
  return {
    name: 'common-js',
    setup(builder) {
      builder.onEnd(async ({ outputFiles }) => {
        if (!outputFiles) return;
        // Parts are named by their content: those of another build would stay for ever.
        rmSync(join(ROOT, 'dist', name), { recursive: true, force: true });
        for (const { path, text } of outputFiles) {
          const { code } = await transform(text, {
            format: 'cjs',
            platform: 'node',
            target: 'node20',
            minify: true,
            // `import()` of a part would be asynchronous for the loader too; `require` is what an editor's host expects.
            supported: { 'dynamic-import': false },
            legalComments: 'none',
          });
          mkdirSync(dirname(path), { recursive: true });
          writeFileSync(path, code);
        }
      });
    },
  };
}
