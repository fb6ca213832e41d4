import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadBinding } from '../../src/executors/tensorflow/binding.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A package with native parts for these versions of Node's interface, each no library at all. */
function entryOf(versions: readonly (number | string)[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'kd-binding-'));
  folders.push(folder);
  for (const version of versions) {
    const lib = join(folder, 'lib', `napi-v${version}`);
    mkdirSync(lib, { recursive: true });
    writeFileSync(join(lib, 'tfjs_binding.node'), 'no library');
  }
  return join(folder, 'dist', 'index.js');
}

describe('the native part of a TensorFlow package', () => {
  const known = Number(process.versions.napi);

  test('is that of the highest version that this Node knows', () => {
    expect(() => loadBinding(entryOf([3, known, 8.5, known + 1, 'x']))).toThrow(
      join('lib', `napi-v${known}`, 'tfjs_binding.node'),
    );
    expect(() => loadBinding(entryOf([3, known - 1]))).toThrow(`napi-v${known - 1}`);
  });

  test('is missed in words where there is none for this Node', () => {
    const missing = `it has no native part for Node's interface ${known} in `;
    expect(() => loadBinding(entryOf([]))).toThrow(missing);
    expect(() => loadBinding(entryOf([known + 1]))).toThrow(missing);
  });
});
