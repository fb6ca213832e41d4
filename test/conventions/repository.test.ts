import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const tracked = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'])
  .toString()
  .split('\0')
  .filter((file) => file !== '' && existsSync(file));
const sources = tracked.filter((file) => /\.(ts|mjs|js)$/.test(file));

interface LockedPackage {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  packages: Record<string, LockedPackage>;
};
const packages = Object.entries(lock.packages).filter(([path, { link }]) => path !== '' && link !== true);

function linesMatching(files: readonly string[], pattern: RegExp): string[] {
  return files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
  );
}

describe('the repository', () => {
  it('says beside every switched-off rule why it is off', () => {
    const switchedOff = /(eslint-disable|@ts-(expect-error|ignore|nocheck))(?![\w-]* [^*]*(--|: ))/;
    expect('// eslint-disable-next-line no-console').toMatch(switchedOff);
    expect('// eslint-disable-next-line no-console -- the command line prints').not.toMatch(switchedOff);
    expect(
      linesMatching(
        sources.filter((file) => file !== 'test/conventions/repository.test.ts'),
        switchedOff,
      ),
    ).toEqual([]);
  });

  it('installs from whatever registry the user has: no host is written down', () => {
    expect(packages.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
    expect(packages.filter(([, { integrity }]) => integrity === undefined)).toEqual([]);
    expect(readFileSync('.npmrc', 'utf8')).not.toMatch(/registry\s*=|\/\/|_auth/i);
  });

  it('can be installed with npm ci on every platform: the lock file knows the builds for each', () => {
    const locked = new Set(packages.map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 13)));
    const wanted = packages.flatMap(([path, { optionalDependencies }]) =>
      Object.keys(optionalDependencies ?? {}).map((name) => ({ path, name })),
    );
    expect(wanted.filter(({ name }) => !locked.has(name))).toEqual([]);
  });

  it('names no path of one machine', () => {
    const files = tracked.filter((file) => /\.(ts|mjs|js|json|md|yaml|yml|css|html)$/.test(file));
    const paths = [process.cwd(), '/work/' + 'main', '../' + 'shared'];
    const machine = new RegExp(paths.map((path) => path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'));
    expect(linesMatching(files, machine)).toEqual([]);
  });
});
