import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { TOOLS } from '../../src/cli/install/tools.ts';
import { CUDA_WHEELS } from '../../src/cli/install/cuda-wheels.ts';
import { installAside, replaceFolder } from '../../src/cli/install/install-aside.ts';
import { unpackTensorFlow } from '../../src/cli/install/tensorflow-library.ts';
import { slimPackages } from '../../src/cli/install/slim-packages.ts';
import { checkWheel, obtainWheel, requireNeeded, unpackWheel } from '../../src/cli/install/wheels.ts';
import { extract } from '../../src/cli/install/zip.ts';
import { cudaFolder, RUNTIMES } from '../../src/protocol/runtimes.ts';

const folder = mkdtempSync(join(tmpdir(), 'kd-install-test-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** An archive as the format describes it: files, their list, and its end. */
function archive(name: string, files: Readonly<Record<string, string>>): string {
  const parts: Buffer[] = [];
  const list: Buffer[] = [];
  let offset = 0;
  for (const [at, [path, text]] of Object.entries(files).entries()) {
    const [data, method] = at % 2 === 0 ? [deflateRawSync(text), 8] : [Buffer.from(text), 0];
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50);
    local.writeUInt16LE(path.length, 26);
    local.writeUInt16LE(3, 28);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(data.length, 20);
    central.writeUInt16LE(path.length, 28);
    central.writeUInt32LE(offset, 42);
    parts.push(local, Buffer.from(path), Buffer.from('xxx'), data);
    list.push(central, Buffer.from(path));
    offset += 30 + path.length + 3 + data.length;
  }
  const directory = Buffer.concat(list);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat([...parts, directory, end]));
  return path;
}

const LIBRARY = {
  'tensorflow/libtensorflow_cc.so.2': 'library '.repeat(1000),
  'tensorflow/libtensorflow_framework.so.2': 'framework',
  'tensorflow/include/tensorflow/c/c_api.h': 'header',
  'tensorflow/python/__init__.py': 'import os',
};

describe('unpacking a wheel', () => {
  test('writes the files that were asked for, deflated or stored, and no others', async () => {
    const path = archive('plain.zip', { a: 'first '.repeat(100), b: 'second', c: 'third' });
    const written = await extract(path, (name) => (name === 'c' ? null : join(folder, 'out', name)));
    expect(written).toEqual(['a', 'b']);
    expect(readFileSync(join(folder, 'out', 'a'), 'utf8')).toBe('first '.repeat(100));
    expect(readFileSync(join(folder, 'out', 'b'), 'utf8')).toBe('second');
  });

  test('lays the library out under all names by which the addon asks for it', async () => {
    const place = join(folder, 'deps');
    await unpackTensorFlow(archive('wheel.whl', LIBRARY), place);
    expect(readdirSync(join(place, 'lib')).sort()).toEqual([
      'libtensorflow.so',
      'libtensorflow.so.2',
      'libtensorflow.so.2.9.1',
      'libtensorflow_cc.so.2',
      'libtensorflow_framework.so',
      'libtensorflow_framework.so.2',
    ]);
    expect(readFileSync(join(place, 'lib', 'libtensorflow.so'), 'utf8')).toBe(
      LIBRARY['tensorflow/libtensorflow_cc.so.2'],
    );
    expect(readFileSync(join(place, 'include/tensorflow/c/c_api.h'), 'utf8')).toBe('header');
    expect(readdirSync(place).sort()).toEqual(['include', 'lib']);
  });

  test.each([
    ['a file that is no archive', 'text', /cannot be unpacked: it is not a zip archive/],
    ['an archive that was cut off', null, /cannot be unpacked/],
    ['an archive without the library', { other: 'x' }, /holds no tensorflow\/libtensorflow_cc/],
  ])('refuses %s', async (_what, content, message) => {
    const path = join(folder, 'bad.whl');
    if (typeof content === 'string') writeFileSync(path, content);
    else if (content !== null) archive('bad.whl', content);
    else writeFileSync(path, readFileSync(archive('whole.whl', LIBRARY)).subarray(500));
    await expect(unpackTensorFlow(path, join(folder, 'never'))).rejects.toMatchObject({
      problem: { code: 'KD6063', message: expect.stringMatching(message) as string },
    });
  });
});

describe('a wheel', () => {
  const path = archive('hash.whl', LIBRARY);
  const content = readFileSync(path);
  const wheel = {
    ...{ project: 'a-project', version: '1.2.3', file: 'hash.whl', bytes: content.length },
    sha256: createHash('sha256').update(content).digest('hex'),
  };
  const refused = (message: string) => ({ problem: { code: 'KD6062', message, file: path } });

  test('is taken only when its size and its SHA-256 are the published ones', async () => {
    await expect(checkWheel(wheel, path)).resolves.toBeUndefined();
    const other = { ...wheel, sha256: 'f00' };
    await expect(checkWheel(other, path)).rejects.toMatchObject(
      refused(`this is not hash.whl: its SHA-256 is ${wheel.sha256}, not f00`),
    );
    const longer = { ...wheel, bytes: wheel.bytes + 1 };
    await expect(checkWheel(longer, path)).rejects.toMatchObject(
      refused(`this is not hash.whl: it has ${wheel.bytes} bytes, not ${wheel.bytes + 1}`),
    );
    await expect(checkWheel(wheel, join(folder, 'absent'))).rejects.toMatchObject({
      problem: { code: 'KD6062', message: 'there is no such file' },
    });
  });

  test('that a person has downloaded is used as it is, and nothing is fetched', async () => {
    const said: string[] = [];
    const options = { wheels: [path], say: (line: string) => void said.push(line) };
    expect(await obtainWheel(wheel, join(folder, 'downloads'), options)).toBe(path);
    expect(said).toEqual(['checking and unpacking a-project']);
    await expect(obtainWheel({ ...wheel, sha256: 'f00' }, folder, options)).rejects.toMatchObject(
      refused(`this is not hash.whl: its SHA-256 is ${wheel.sha256}, not f00`),
    );
  });

  test('that a runtime does not need is refused by name', () => {
    expect(() => requireNeeded([path], [wheel])).not.toThrow();
    expect(() => requireNeeded([path, '/tmp/other.whl'], [wheel])).toThrow(
      expect.objectContaining({
        problem: expect.objectContaining({ code: 'KD6062', file: '/tmp/other.whl' }) as unknown,
      }),
    );
  });

  test('without one of the files that are wanted is refused', async () => {
    const unpacking = unpackWheel(path, () => null, ['lib/a.so', 'lib/b.so']);
    await expect(unpacking).rejects.toMatchObject({
      problem: { code: 'KD6063', message: 'hash.whl cannot be unpacked: it holds no lib/a.so, lib/b.so' },
    });
  });
});

describe('an installation', () => {
  const options = { say: () => undefined };
  const filled = (text: string) => (aside: string) => {
    writeFileSync(join(aside, 'file'), text);
    return Promise.resolve();
  };

  test('takes its place once it is whole and works', async () => {
    const place = join(folder, 'runtime');
    await installAside('it', place, { ...options, verify: () => Promise.resolve(null) }, filled('first'));
    await installAside('it', place, options, filled('second'));
    expect(readFileSync(join(place, 'file'), 'utf8')).toBe('second');
  });

  test('that does not work leaves what was there', async () => {
    const place = join(folder, 'kept');
    await installAside('it', place, options, filled('good'));
    const verify = () => Promise.resolve('its self-test gave a wrong loss');
    await expect(installAside('it', place, { ...options, verify }, filled('bad'))).rejects.toMatchObject({
      problem: { code: 'KD6064', message: expect.stringContaining('a wrong loss') as string },
    });
    await expect(
      installAside('it', place, options, () => Promise.reject(new Error('disk full'))),
    ).rejects.toThrow('disk full');
    expect(readFileSync(join(place, 'file'), 'utf8')).toBe('good');
    expect(readdirSync(folder).filter((name) => name.startsWith('kept'))).toEqual(['kept']);
  });
});

test('of installed packages goes what Node never reads, and nothing of a package that is laid out otherwise', async () => {
  const home = join(folder, 'slim');
  const scope = join(home, 'node_modules', '@tensorflow');
  const files: Readonly<Record<string, string>> = {
    'tfjs/package.json': '{ "main": "dist/tf.node.js" }',
    'tfjs/LICENSE': 'licence',
    'tfjs/dist/tf.node.js': 'entry',
    'tfjs/dist/tf.node.js.map': 'map',
    'tfjs/dist/ops/add.js': 'module',
    'tfjs/src/ops/add.ts': 'source',
    'tfjs-core/package.json': '{ "main": "lib/index.js" }',
    'tfjs-core/dist/other.js': 'module',
    'tfjs-node/package.json': '{ "main": "dist/index.js" }',
    'tfjs-node/dist/kernels/add.js': 'kernel',
    'tfjs-node-gpu/package.json': '{ "main": "dist/index.js" }',
    'tfjs-node-gpu/dist/kernels/add.js': 'kernel',
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(scope, name)), { recursive: true });
    writeFileSync(join(scope, name), text);
  }
  await slimPackages(home);
  const left = readdirSync(scope, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const gone = ['tfjs/dist/tf.node.js.map', 'tfjs/dist/ops/add.js', 'tfjs/src/ops/add.ts'];
  expect(
    left.map(({ parentPath, name }) => join(parentPath, name).slice(scope.length + 1)).toSorted(),
  ).toEqual(
    Object.keys(files)
      .filter((name) => !gone.includes(name))
      .toSorted(),
  );
});

test('a finished folder takes the place of an older one, of which nothing is left', async () => {
  const [finished, place] = [join(folder, 'new'), join(folder, 'place')];
  for (const [path, text] of [
    [finished, 'new'],
    [place, 'old'],
  ] as const) {
    rmSync(path, { recursive: true, force: true });
    await extract(archive('one.zip', { file: text }), (name) => join(path, name));
  }
  await replaceFolder(finished, place);
  expect(readFileSync(join(place, 'file'), 'utf8')).toBe('new');
  expect(readdirSync(folder).filter((name) => name.startsWith('place'))).toEqual(['place']);
});

describe('every runtime on offer', () => {
  test('says its size and its reason, and can be installed', () => {
    expect(TOOLS.map(({ name }) => name)).toEqual(RUNTIMES.map(({ name }) => name));
    expect(new Set(TOOLS.map(({ folder: place }) => place)).size).toBe(TOOLS.length);
    for (const { download, disk, reason } of TOOLS) {
      expect(disk).toBeGreaterThan(download);
      expect(reason).toMatch(/processor|graphics cards/);
    }
  });

  test('whose files all come from wheels says the size of exactly these', () => {
    for (const { way, otherwise, download } of TOOLS) {
      const wheels = (way.wheels.length > 0 ? way : otherwise)?.wheels ?? [];
      const bytes = wheels.reduce((sum, wheel) => sum + wheel.bytes, 0);
      expect(Math.abs(bytes / 1e6 - download)).toBeLessThan(1.5);
    }
  });

  test('for CUDA stands beside the version of the runtime that the product brings', () => {
    const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const version = manifest.dependencies['onnxruntime-node'] ?? '';
    expect(TOOLS.find(({ name }) => name === 'cuda')?.folder).toBe(cudaFolder(version));
    expect(CUDA_WHEELS[0]).toMatchObject({ project: 'onnxruntime-gpu', version });
    const names = CUDA_WHEELS.flatMap(({ libraries }) => libraries.map((path) => basename(path)));
    expect(new Set(names).size).toBe(names.length);
  });
});
