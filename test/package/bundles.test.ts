import { readFileSync } from 'node:fs';
import type { Metafile } from 'esbuild';
import { describe, expect, it } from 'vitest';

const TENSORS = /(^|\/)(@tensorflow|onnxruntime-(node|web|common))(\/|$)/;

function metafile(bundle: string): Metafile {
  return JSON.parse(readFileSync(`dist/meta/${bundle}.json`, 'utf8')) as Metafile;
}

/** Everything that goes into a bundle, and everything it asks for when it runs. */
function parts(bundle: string): string[] {
  const { inputs, outputs } = metafile(bundle);
  const asked = Object.values(outputs).flatMap((output) => output.imports.map(({ path }) => path));
  return [...Object.keys(inputs), ...asked];
}

function output(bundle: string): string {
  return readFileSync(`dist/${bundle}.${bundle === 'panel' ? 'js' : 'cjs'}`, 'utf8');
}

/** The first circle of imports among our own files, from any file to itself; types do not count, they are gone. */
function importCircle(bundle: string): string[] {
  const { inputs } = metafile(bundle);
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    const next = (inputs[file]?.imports ?? []).map((imported) => imported.path);
    for (const imported of next.filter((name) => /^(src|webview)\//.test(name))) {
      const circle = visit(imported, [...path, file]);
      if (circle.length > 0) return circle;
    }
    done.add(file);
    return [];
  };
  return Object.keys(inputs).reduce<string[]>(
    (found, file) => (found.length > 0 ? found : visit(file, [])),
    [],
  );
}

const BUNDLES = ['extension', 'server', 'server-lookups', 'engine', 'engine-worker', 'kd', 'panel'];

describe('the bundles', () => {
  it.each(['extension', 'server', 'server-lookups', 'kd', 'engine-worker', 'panel'])(
    '%s holds no TensorFlow.js, no ONNX Runtime, and nothing of ours that stands on them',
    (bundle) => {
      expect(parts(bundle).filter((path) => TENSORS.test(path))).toEqual([]);
      expect(
        parts(bundle).filter((path) => /^src\/(compiler|executors|training|measures)\//.test(path)),
      ).toEqual([]);
    },
  );

  it('engine holds TensorFlow.js, and finds ONNX Runtime beside it', () => {
    const { inputs, outputs } = metafile('engine');
    expect(Object.keys(inputs).some((path) => path.includes('@tensorflow/tfjs-core'))).toBe(true);
    const imports = Object.values(outputs).flatMap((result) => result.imports);
    const found = imports.filter(({ external }) => external).map(({ path }) => path);
    expect(found).toContain('onnxruntime-node');
    expect(found).toContain('onnxruntime-web');
  });

  it('only the extension asks for the editor', () => {
    const asking = BUNDLES.filter((bundle) => parts(bundle).includes('vscode'));
    expect(asking).toEqual(['extension']);
  });

  it('extension starts without what it needs on demand: language client, YAML parser, config checks', () => {
    const { outputs } = metafile('extension');
    const loaded = new Set<string>(['dist/extension.cjs']);
    for (const file of loaded) {
      const imports = outputs[file]?.imports ?? [];
      for (const { path, kind } of imports)
        if (kind === 'import-statement' && path !== 'vscode') loaded.add(path);
    }
    const inputs = [...loaded].flatMap((file) => Object.keys(outputs[file]?.inputs ?? {}));
    expect(inputs).toContain('src/extension/main.ts');
    expect(
      inputs.filter((path) =>
        /node_modules\/(vscode-|yaml)|src\/(config\/(check|schema)|methods|models)\//.test(path),
      ),
    ).toEqual([]);
  });

  it('panel runs in a browser under a strict policy: nothing of Node, no code from text', () => {
    expect(parts('panel').filter((path) => path.startsWith('node:') || path.startsWith('src/runs/'))).toEqual(
      [],
    );
    expect(output('panel')).not.toMatch(/\beval\(|new Function\(|[^.\w]Function\("/);
  });

  it.each(BUNDLES)('%s is shipped without a source map', (bundle) => {
    expect(output(bundle)).not.toContain('sourceMappingURL');
  });

  it.each(BUNDLES)('%s has no circle of imports', (bundle) => {
    expect(importCircle(bundle)).toEqual([]);
  });
});
