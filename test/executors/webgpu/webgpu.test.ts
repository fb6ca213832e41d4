import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { bundle } from '../../process/build.ts';
import { LIMIT_CASES } from '../limit-cases.ts';
import type { WebGpuReport } from './child.ts';
import { softwareAdapter } from './software-adapter.ts';

/** Of the largest number in a tensor: the adapter sums in another order than the processor. */
const TOLERANCE = 5e-6;
/** Building shaders on the processor takes most of it. */
const TIMEOUT_MS = 300_000;

let report: WebGpuReport | string;

beforeAll(async () => {
  const adapter = softwareAdapter();
  report = typeof adapter === 'string' ? adapter : await inChild(adapter);
  if (typeof report !== 'string' && report.refused !== null) report = report.refused;
}, TIMEOUT_MS);

async function inChild(adapter: Readonly<Record<string, string>>): Promise<WebGpuReport> {
  const folder = await bundle({ child: 'test/executors/webgpu/child.ts' });
  try {
    const done = spawnSync(process.execPath, [join(folder, 'child.cjs')], {
      env: { ...process.env, ...adapter },
      encoding: 'utf8',
      timeout: TIMEOUT_MS,
    });
    if (done.status !== 0)
      throw new Error(`the child ended with ${done.status ?? done.signal}: ${done.stderr}`);
    return JSON.parse(done.stdout.trim().split('\n').at(-1) ?? '') as WebGpuReport;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The report; skips the case where there is no adapter, with the reason for the tally. */
function given(context: TestContext): WebGpuReport {
  if (typeof report === 'string') return context.skip(`not run: ${report}`);
  return report;
}

describe('WebGPU on a software adapter', () => {
  test('trains a residual net as the reference does, loss and every parameter', (context) => {
    const { training } = given(context);
    expect(training.loss).toBeLessThanOrEqual(TOLERANCE);
    expect(training.state).toBeLessThanOrEqual(TOLERANCE);
  });

  test.for(LIMIT_CASES.map(([name]) => name))('computes %s', (name, context) => {
    expect(given(context).cases[name]).toBeLessThanOrEqual(TOLERANCE);
  });

  test('keeps state on the device between steps, reads it and takes what is written', (context) => {
    expect(given(context).state).toEqual({ w: [3, 22], frozen: [1, 10], after: [5, 24] });
  });

  test('passes the test of the kernels in use, and is refused by name where nothing is written around its limits', (context) => {
    const { kernels, naive } = given(context);
    expect(kernels).toBeNull();
    expect(naive).toMatch(/Conv2DBackpropFilter of \[2, 6, 6, 4\].* off by/);
  });
});
