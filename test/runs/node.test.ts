import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findNode } from '../../src/runs/index.ts';
import { scratchFolder } from './scratch.ts';

function fakeNode(version: string): string {
  const path = join(scratchFolder(), 'node');
  writeFileSync(path, `#!/bin/sh\necho ${version}\n`);
  chmodSync(path, 0o755);
  return path;
}
const pathOf = (...programs: readonly string[]) => ({
  PATH: programs.map((path) => dirname(path)).join(delimiter),
});

describe.skipIf(process.platform === 'win32')('the Node that runs the engine', () => {
  it('is the configured one, whatever stands on PATH', async () => {
    const [configured, other] = [fakeNode('v22.1.0'), fakeNode('v20.0.0')];
    expect(await findNode({ configured, environment: pathOf(other) })).toMatchObject({
      path: configured,
      version: '22.1.0',
      from: 'setting',
    });
  });

  it('is never replaced in silence where the configured one cannot be used', async () => {
    await expect(findNode({ configured: '/nowhere/node' })).rejects.toMatchObject({
      problem: { code: 'KD5017' },
    });
    await expect(findNode({ configured: fakeNode('v18.20.0') })).rejects.toThrow(/too old/);
  });

  it('is the first on PATH that is new enough', async () => {
    const [old, broken, good] = [fakeNode('v18.0.0'), fakeNode('hello'), fakeNode('v24.3.0')];
    expect(await findNode({ environment: pathOf(old, broken, good) })).toMatchObject({
      path: good,
      from: 'path',
      environment: {},
    });
  });

  it("is the editor's own where there is no other", async () => {
    const found = await findNode({ environment: pathOf(fakeNode('v16.0.0')), self: '/editor' });
    expect(found).toMatchObject({
      path: '/editor',
      from: 'editor',
      environment: { ELECTRON_RUN_AS_NODE: '1' },
    });
  });
});
