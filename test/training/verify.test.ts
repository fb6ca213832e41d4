import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import { eagerOn } from '../../src/executors/eager/executor.ts';
import { openWasmBackend } from '../../src/executors/eager/wasm.ts';
import { UserError } from '../../src/protocol/errors.ts';
import { readFixtures } from '../../src/training/fixture.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { onnxWasm } from '../../src/executors/onnx-wasm.ts';
import { eagerRunner, tracedRunner } from '../../src/training/step-runner.ts';
import { verifyFixtures } from '../../src/training/verify.ts';

const FOLDER = join(import.meta.dirname, '../golden/losses');
const shipped = readFixtures(FOLDER);
const lastRung = eagerOn(await openWasmBackend());

describe('golden losses', () => {
  it.each([
    ['plain TensorFlow.js', eagerRunner(tf)],
    ['ONNX Runtime, traced as training computes', tracedRunner(onnxCpu({ threads: 1, spinning: false }))],
    ['WebAssembly', tracedRunner(onnxWasm({ threads: 1 }))],
    ['TensorFlow.js as WebAssembly, the last rung', tracedRunner(lastRung)],
  ])('passes all 103 cases of 51 methods on %s', async (_, runner) => {
    const report = await verifyFixtures(shipped, runner);
    expect(report.cases.filter((one) => !one.passed)).toEqual([]);
    expect(report).toMatchObject({ passed: 103, failed: 0, unknown: [] });
    expect(new Set(report.cases.map((one) => one.method)).size).toBe(51);
  });

  it('lists a fixture of a method that the catalogue lacks as unknown, and does not count it', async () => {
    const strange = shipped.slice(0, 1).map((fixture) => ({ ...fixture, method: 'alchemy' }));
    const report = await verifyFixtures(strange, eagerRunner(tf));
    expect(report).toEqual({ cases: [], passed: 0, failed: 0, unknown: ['alchemy'] });
  });

  it('fails a case whose expected gradient is off by more than its tolerance', async () => {
    const [fixture] = shipped.filter((one) => one.id === 'at-A2');
    const gradients = structuredClone(fixture?.gradients ?? {});
    const data = gradients['feats_student.0']?.data ?? new Float32Array();
    data[7] = (data[7] ?? 0) + 1e-3;
    const report = await verifyFixtures([{ ...fixture, gradients } as never], eagerRunner(tf));
    expect(report.failed).toBe(1);
    expect(report.cases[0]?.gradients.map((one) => one.passed)).toEqual([false, true]);
    expect(report.cases[0]?.gradients[0]?.maxError).toBeCloseTo(1e-3, 5);
  });

  it('fails, and says why, where a case lacks an input of its method', async () => {
    const [fixture] = shipped.filter((one) => one.id === 'kd-A1');
    const tensors = { ...fixture?.tensors };
    delete tensors['logits_teacher'];
    const report = await verifyFixtures([{ ...fixture, tensors } as never], eagerRunner(tf));
    expect(report.cases[0]).toMatchObject({
      passed: false,
      message: expect.stringContaining('logits_teacher') as string,
    });
  });
});

describe('reading fixtures', () => {
  it.each([
    ['no JSON', '{'],
    ['another format', '{"format":"x"}'],
    ['a tensor with too few numbers', brokenShape()],
  ])('refuses a file with %s by name', (_, text) => {
    const folder = mkdtempSync(join(tmpdir(), 'fixtures-'));
    writeFileSync(join(folder, 'kd.json'), text);
    expect(() => readFixtures(folder)).toThrow(UserError);
    expect(() => readFixtures(folder)).toThrow('Not a golden fixture');
  });

  it('refuses a folder that is not there or holds no fixture', () => {
    expect(() => readFixtures('/nowhere/at/all')).toThrow(UserError);
    expect(() => readFixtures(mkdtempSync(join(tmpdir(), 'empty-')))).toThrow('no fixtures');
  });
});

function brokenShape(): string {
  return readFileSync(join(FOLDER, 'kd.json'), 'utf8').replace(/"shape":\s*\[\s*4,/, '"shape": [3,');
}
