import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type BuildOptions, type Plugin } from 'esbuild';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OUTPUT = join(ROOT, 'test', 'output');

/** Bundles sources of this repository into a new folder, as the product is bundled. Names are those of the outputs. */
export async function bundle(
  entries: Readonly<Record<string, string>>,
  more: Pick<BuildOptions, 'alias' | 'plugins'> = {},
): Promise<string> {
  // Inside the repository, so that the native runtime is found as it is beside the product's bundles.
  mkdirSync(OUTPUT, { recursive: true });
  const folder = mkdtempSync(join(OUTPUT, 'bundles-'));
  await build({
    absWorkingDir: ROOT,
    entryPoints: entries,
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    mainFields: ['module', 'main'],
    external: ['onnxruntime-node', 'onnxruntime-web'],
    define: { 'import.meta.url': 'bundleUrl' },
    banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
    logLevel: 'error',
    ...more,
  });
  return folder;
}

/** The engine with stand-in work: real processes, lock, socket and files, no tensors. */
export function bundleStandIn(): Promise<string> {
  return bundle({ engine: 'test/process/stand-in-engine.ts', 'engine-worker': 'src/engine/worker.ts' });
}

/** The engine of the product. */
export function bundleEngine(): Promise<string> {
  return bundle({ engine: 'src/engine/main.ts', 'engine-worker': 'src/engine/worker.ts' });
}

/** The engine of the product, whose process and disk fail where `KD_FAULTS` says. */
export function bundleFaultyEngine(): Promise<string> {
  return bundle({ engine: 'test/process/faulty-engine.ts', 'engine-worker': 'src/engine/worker.ts' });
}

/** The engine of the product with its command line beside it. */
export function bundleProduct(): Promise<string> {
  return bundle({
    engine: 'src/engine/main.ts',
    'engine-worker': 'src/engine/worker.ts',
    kd: 'src/cli/main.ts',
  });
}

/** The stand-in, with the command line beside it. */
export function bundleCommandLine(): Promise<string> {
  return bundle({
    engine: 'test/process/stand-in-engine.ts',
    'engine-worker': 'src/engine/worker.ts',
    kd: 'src/cli/main.ts',
  });
}

/** An extension host as a program: `host.cjs`, with an editor that only remembers. */
export function bundleHost(): Promise<string> {
  const editor = join(ROOT, 'test', 'process', 'hosts', 'vscode.ts');
  return bundle({ host: 'test/process/hosts/host.ts' }, { alias: { vscode: editor } });
}

/** A stand-in engine as the version before had it, which was controlled otherwise, with the command line beside it. */
export function bundleOldStandIn(): Promise<string> {
  const older: Plugin = {
    name: 'older',
    setup(builder) {
      builder.onLoad({ filter: /protocol[\\/]control\.ts$/ }, ({ path }) => {
        const text = readFileSync(path, 'utf8');
        const contents = text.replace('CONTROL_VERSION = 2', 'CONTROL_VERSION = 1');
        if (contents === text) throw new Error('the version of the control protocol stands elsewhere');
        return { contents, loader: 'ts' };
      });
    },
  };
  const entries = {
    engine: 'test/process/stand-in-engine.ts',
    'engine-worker': 'src/engine/worker.ts',
    kd: 'src/cli/main.ts',
  };
  return bundle(entries, { plugins: [older] });
}
