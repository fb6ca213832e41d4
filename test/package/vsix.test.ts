import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { vsixFile, vsixTarget } from '../../scripts/lib/vsix.mjs';
import type { VerifyReport } from '../../src/protocol/records.ts';
import { readZip, type ZipEntry } from './zip.ts';

const EXPECTED = 'test/package/expected-content.txt';
const BUDGET_MB = 30;
const BUDGET_WITHOUT_NATIVE_MB = 5;
/** What all have, and 4 MB of WebAssembly. */
const BUDGET_UNIVERSAL_MB = BUDGET_WITHOUT_NATIVE_MB + 4;
const TEXT = /\.(cjs|js|json|md|txt|css|html|svg|yaml|xml|vsixmanifest)$/;

let bytes: Buffer;
let entries: ZipEntry[];

beforeAll(() => {
  bytes = readFileSync(vsixFile());
  entries = readZip(bytes).filter(({ name }) => !name.endsWith('/'));
});

/** The list holds for any platform and any content: the native libraries of this one, and names made from a content, are left open. */
function portable(name: string): string {
  const native = `bin/napi-v6/${process.platform}/${process.arch}/`;
  return name.includes(native)
    ? `${name.slice(0, name.indexOf(native))}bin/napi-v6/PLATFORM/ARCH/*`
    : name.replace(/^(extension\/dist\/extension\/[\w-]+)-[A-Z0-9]{8}\.cjs$/, '$1-HASH.cjs');
}

describe('the universal package', () => {
  const universal = () => {
    const file = readFileSync(vsixFile('universal'));
    return { file, entries: readZip(file).filter(({ name }) => !name.endsWith('/')) };
  };

  it('holds WebAssembly and no native library, and else what the package of this platform holds', () => {
    const names = universal().entries.map(({ name }) => name);
    expect(names.filter((name) => /\.(node|so|dll|dylib)(\.\d|$)/.test(name))).toEqual([]);
    const web = 'extension/dist/node_modules/onnxruntime-web/';
    expect(names.filter((name) => name.startsWith(web)).sort()).toEqual([
      `${web}dist/ort-wasm-simd-threaded.mjs`,
      `${web}dist/ort-wasm-simd-threaded.wasm`,
      `${web}dist/ort.node.min.mjs`,
      `${web}package.json`,
    ]);
    const rest = (all: readonly string[]) =>
      all.filter((name) => !/\/onnxruntime-(web|node|common)\//.test(name)).sort();
    expect(rest(names)).toEqual(rest(entries.map(({ name }) => name)));
  });

  it('computes on WebAssembly with what it holds alone', () => {
    const folder = mkdtempSync(join(tmpdir(), 'kd-universal-'));
    for (const entry of universal().entries) {
      if (!entry.name.startsWith('extension/dist/')) continue;
      mkdirSync(dirname(join(folder, entry.name)), { recursive: true });
      writeFileSync(join(folder, entry.name), entry.content());
    }
    cpSync('test/golden/losses/kd.json', join(folder, 'fixtures/kd.json'));
    const kd = join(folder, 'extension/dist/kd.cjs');
    const output = execFileSync(process.execPath, [kd, 'verify', 'fixtures', '--device', 'wasm', '--json'], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const { executors, passed, failed } = JSON.parse(output) as VerifyReport;
    expect({ executors: executors.length, some: passed > 0, failed }).toEqual({
      executors: 1,
      some: true,
      failed: 0,
    });
    expect(executors[0]).toMatch(/^onnx-wasm/);
    rmSync(folder, { recursive: true, force: true });
  });

  it('is small, and for any platform', () => {
    const { file, entries: held } = universal();
    console.log(`VSIX universal: ${(file.length / 1e6).toFixed(2)} MB`);
    expect(file.length / 1e6).toBeLessThan(BUDGET_UNIVERSAL_MB);
    const manifest = held.find(({ name }) => name === 'extension.vsixmanifest');
    expect(manifest?.content().toString('utf8')).not.toContain('TargetPlatform');
  });
});

describe('the package', () => {
  it(`holds exactly the files of ${EXPECTED}`, () => {
    const names = [...new Set(entries.map(({ name }) => portable(name)))].sort();
    if (process.env['KD_UPDATE_EXPECTED'] === '1') writeFileSync(EXPECTED, `${names.join('\n')}\n`);
    expect(names).toEqual(readFileSync(EXPECTED, 'utf8').trim().split('\n'));
  });

  it('holds the native library of this platform and of no other', () => {
    const native = entries.map(({ name }) => name).filter((name) => /\.(node|so|dll|dylib)(\.|$)/.test(name));
    expect(native.length).toBeGreaterThan(0);
    const here = `extension/dist/node_modules/onnxruntime-node/bin/napi-v6/${process.platform}/${process.arch}/`;
    expect(native.filter((name) => !name.startsWith(here))).toEqual([]);
    expect(native.filter((name) => /cuda|tensorrt/i.test(name))).toEqual([]);
  });

  it('is small', () => {
    const native = entries
      .filter(({ name }) => name.includes('/node_modules/onnxruntime-node/bin/'))
      .reduce((sum, { compressedBytes }) => sum + compressedBytes, 0);
    const [whole, rest] = [bytes.length / 1e6, (bytes.length - native) / 1e6];
    console.log(
      `VSIX ${vsixTarget()}: ${whole.toFixed(1)} MB, ${rest.toFixed(2)} MB without the native runtime`,
    );
    expect(whole).toBeLessThan(BUDGET_MB);
    expect(rest).toBeLessThan(BUDGET_WITHOUT_NATIVE_MB);
  });

  it('holds no source map, no test, no source, no run', () => {
    const names = entries.map(({ name }) => name);
    expect(names.filter((name) => /\.map$|\.tsx?$|(^|\/)(test|src|scripts|\.kd)\//.test(name))).toEqual([]);
  });

  it('holds no secret, no path of the machine that built it, and no registry', () => {
    const forbidden: [string, RegExp][] = [
      ['private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
      ['token', /\b(npm_[A-Za-z0-9]{36}|gh[pousr]_[A-Za-z0-9]{36}|AKIA[0-9A-Z]{16})\b/],
      ['registry', /registry\.npmjs|_authToken|\/-\/[\w.-]+\.tgz/],
      ['path', new RegExp(`${process.cwd().replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}[/"']`)],
    ];
    const found = entries
      .filter(({ name }) => TEXT.test(name))
      .flatMap((entry) => {
        const text = entry.content().toString('utf8');
        return forbidden
          .filter(([, pattern]) => pattern.test(text))
          .map(([what]) => `${entry.name}: ${what}`);
      });
    expect(found).toEqual([]);
  });

  it('names its platform and the oldest editor it supports', () => {
    const manifest =
      entries
        .find(({ name }) => name === 'extension.vsixmanifest')
        ?.content()
        .toString('utf8') ?? '';
    expect(manifest).toContain(`TargetPlatform="${vsixTarget()}"`);
    const engine = /Microsoft\.VisualStudio\.Code\.Engine" Value="\^1\.(\d+)\.\d+"/.exec(manifest)?.[1];
    expect(Number(engine)).toBeLessThanOrEqual(100);
  });

  it('names the licence of everything in it', () => {
    const notices = entries.find(({ name }) => name === 'extension/dist/THIRD-PARTY-NOTICES.txt');
    const text = notices?.content().toString('utf8') ?? '';
    for (const name of [
      '@tensorflow/tfjs-core',
      'onnxruntime-node',
      'chart.js',
      'yaml',
      'vscode-languageclient',
    ]) {
      expect(text).toContain(`\n${name} `);
    }
  });
});
