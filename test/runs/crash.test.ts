import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { crashOf, failureOf } from '../../src/runs/crash.ts';
import { newRun } from './scratch.ts';

it.each([
  ['a device that was lost', 'Error: the device was lost', 1, null, 'device', /driver.*engine\.device=cpu/],
  ['a fault of CUDA', 'CUDA failure 700: an illegal memory access', 1, null, 'device', /driver/],
  ['a full disk', 'Error: ENOSPC: no space left on device, write', 1, null, 'disk', /free some space/],
  [
    'a heap that is full',
    'FATAL ERROR: JavaScript heap out of memory',
    null,
    'SIGABRT',
    'memory',
    /batchSize/,
  ],
  ['an end by the system', '', null, 'SIGKILL', 'memory', /batchSize/],
  ['an end by a container', '', 137, null, 'memory', /batchSize/],
  ['a fault in native code', '', null, 'SIGSEGV', 'native', /engine\.device=wasm/],
  ['the same, as an exit code', '', 139, null, 'native', /engine\.device=wasm/],
  ['an end without a word', '', 77, null, 'unknown', /kd resume/],
] as const)('%s is the likely cause, with its next step', (_, words, code, signal, cause, help) => {
  const run = newRun();
  writeFileSync(join(run.path, 'stderr.txt'), words);
  const crash = crashOf(run, { code, signal });
  expect(crash).toMatchObject({ exitCode: code, signal, cause, lastWords: words });
  const failure = failureOf(run, crash);
  expect(failure.help).toMatch(help);
  expect(failure.message).toContain(signal ?? String(code));
});
