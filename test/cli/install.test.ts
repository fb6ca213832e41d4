import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { TOOLS } from '../../src/cli/install/tools.ts';
import { checkWheel, replaceFolder, unpackLibrary, WHEELS } from '../../src/cli/install/wheels.ts';
import { extract } from '../../src/cli/install/zip.ts';
import { TENSORFLOW_TOOLS } from '../../src/protocol/tensorflow-tools.ts';

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
    await unpackLibrary(archive('wheel.whl', LIBRARY), place);
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
    ['an archive without the library', { other: 'x' }, /holds no libtensorflow/],
  ])('refuses %s', async (_what, content, message) => {
    const path = join(folder, 'bad.whl');
    if (typeof content === 'string') writeFileSync(path, content);
    else if (content !== null) archive('bad.whl', content);
    else writeFileSync(path, readFileSync(archive('whole.whl', LIBRARY)).subarray(500));
    await expect(unpackLibrary(path, join(folder, 'never'))).rejects.toMatchObject({
      problem: { code: 'KD6063', message: expect.stringMatching(message) as string },
    });
  });
});

describe('a wheel', () => {
  test('is taken only when its SHA-256 is the published one', async () => {
    const path = archive('hash.whl', LIBRARY);
    const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
    await expect(checkWheel({ ...WHEELS.cpu, sha256 }, path)).resolves.toBeUndefined();
    await expect(checkWheel(WHEELS.cpu, path)).rejects.toMatchObject({
      problem: { code: 'KD6062', message: expect.stringContaining(sha256) as string, file: path },
    });
    await expect(checkWheel(WHEELS.cpu, join(folder, 'absent'))).rejects.toMatchObject({
      problem: { code: 'KD6062', message: 'there is no such file' },
    });
  });
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

test('every runtime on offer says its size and its reason, and can be installed', () => {
  expect(TOOLS.map(({ name }) => name)).toEqual(TENSORFLOW_TOOLS.map(({ name }) => name));
  for (const { download, disk, reason, plan } of TOOLS) {
    expect(disk).toBeGreaterThan(download);
    expect(reason).toContain(plan.packageName);
  }
});
