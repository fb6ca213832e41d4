import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readFixtures } from '../../src/training/fixture.ts';
import { tracedRunner } from '../../src/training/step-runner.ts';
import { verifyFixtures } from '../../src/training/verify.ts';
import { executor } from './package-under-test.ts';

test('golden losses pass on TensorFlow: all cases, values and gradients', async () => {
  const fixtures = readFixtures(join(import.meta.dirname, '../golden/losses'));
  const report = await verifyFixtures(fixtures, tracedRunner(executor()));
  expect(report.cases.filter(({ passed }) => !passed)).toEqual([]);
  expect(report).toMatchObject({ passed: 103, failed: 0, unknown: [] });
});
