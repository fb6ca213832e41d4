import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findRoot, isWithin } from '../../src/config/root.ts';

let top: string;
beforeAll(() => {
  top = mkdtempSync(join(tmpdir(), 'kd-root-'));
  mkdirSync(join(top, 'repository/.git'), { recursive: true });
  mkdirSync(join(top, 'repository/inner/.kd'), { recursive: true });
  mkdirSync(join(top, 'repository/inner/deep'), { recursive: true });
  mkdirSync(join(top, 'repository/beside/deep'), { recursive: true });
});
afterAll(() => rmSync(top, { recursive: true, force: true }));

describe('the root of an experiment', () => {
  it('is the nearest folder above that has .kd', () => {
    expect(findRoot(join(top, 'repository/inner/deep/a.kd.yaml'), [top])).toBe(join(top, 'repository/inner'));
  });

  it('is else the innermost workspace folder around the file', () => {
    const folders = [top, join(top, 'repository/beside'), join(top, 'repository/inner')];
    expect(findRoot(join(top, 'repository/beside/deep/a.kd.yaml'), folders)).toBe(
      join(top, 'repository/beside'),
    );
  });

  it('is else the nearest folder with .git', () => {
    expect(findRoot(join(top, 'repository/beside/deep/a.kd.yaml'))).toBe(join(top, 'repository'));
  });

  it("is else the file's own folder", () => {
    expect(findRoot(join(top, 'a.kd.yaml'))).toBe(top);
  });
});

describe('a path within a folder', () => {
  it.each([
    ['/a', '/a', true],
    ['/a', '/a/b', true],
    ['/a', '/a/..b', true],
    ['/a', '/ab', false],
    ['/a', '/b', false],
    ['/a/b', '/a', false],
  ])('%s and %s: %s', (folder, path, within) => {
    expect(isWithin(folder, path)).toBe(within);
  });
});
