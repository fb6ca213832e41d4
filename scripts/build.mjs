#!/usr/bin/env node
/**
 * npm run build [-- --production] [--watch] [--only NAME,NAME]
 * Bundles every process of the product into `dist/`; what each bundle contains is kept in `dist/meta/NAME.json`.
 */
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { context } from 'esbuild';
import { BUNDLES, buildOptions } from './lib/bundles.mjs';
import { stageNativeRuntime } from './lib/native-runtime.mjs';
import { optionsOf } from './lib/options.mjs';
import { ROOT } from './lib/paths.mjs';
import { stageWasmModules } from './lib/wasm-modules.mjs';

const options = optionsOf('build', {
  production: { type: 'boolean' },
  watch: { type: 'boolean' },
  only: { type: 'string' },
});
const names = options.only?.split(',');
const bundles = BUNDLES.filter((bundle) => names?.includes(bundle.name) ?? true);

mkdirSync(join(ROOT, 'dist', 'meta'), { recursive: true });
stageNativeRuntime();
stageWasmModules();
// What `kd verify` recomputes where no folder is named.
cpSync(join(ROOT, 'test', 'golden', 'losses'), join(ROOT, 'dist', 'golden'), { recursive: true });
await Promise.all(bundles.map(build));

async function build(bundle) {
  const settings = buildOptions(bundle, options.production === true);
  const plugins = [...(settings.plugins ?? []), report(bundle)];
  const builder = await context({ absWorkingDir: ROOT, ...settings, plugins });
  if (options.watch) {
    await builder.watch();
    return;
  }
  try {
    await builder.rebuild();
  } catch {
    process.exitCode = 1; // esbuild has printed why
  } finally {
    await builder.dispose();
  }
}

/** Keeps the metafile, marks executables, and says what was built. */
function report(bundle) {
  return {
    name: 'report',
    setup(builder) {
      builder.onEnd((result) => {
        if (!result.metafile) return;
        writeFileSync(join(ROOT, 'dist', 'meta', `${bundle.name}.json`), JSON.stringify(result.metafile));
        for (const [file, output] of Object.entries(result.metafile.outputs)) {
          if (file.endsWith('.map')) continue;
          if (bundle.executable) chmodSync(join(ROOT, file), 0o755);
          console.log(`${file}  ${Math.ceil(output.bytes / 1024)} KB`);
        }
      });
    },
  };
}
