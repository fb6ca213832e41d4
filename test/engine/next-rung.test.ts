import { describe, expect, test } from 'vitest';
import { offeringNextRung } from '../../src/engine/next-rung.ts';
import type { Executor } from '../../src/executors/executor.ts';
import { UserError } from '../../src/protocol/errors.ts';

const named = (name: string): Executor => ({
  name,
  description: '',
  load: () => Promise.reject(new Error()),
});
const died = (code: string) => new UserError({ code, message: 'out of memory', help: '' });
const help = (error: unknown) => (error as UserError).problem.help;

describe('an executor that died in the middle of a step', () => {
  test.each([
    [['onnx-webgpu', 'onnx-cpu'], 'cpu'],
    [['tensorflow-gpu', 'onnx-cuda', 'tensorflow', 'onnx-cpu'], 'tensorflow'],
    [['onnx-cpu'], 'eager'],
  ])('of %j, offers the next device by the command that goes on there', (order, device) => {
    const offered = offeringNextRung(died('KD6031'), '2026-11-25-x-1', order.map(named));
    expect(help(offered)).toContain(`kd resume 2026-11-25-x-1 --set engine.device=${device}`);
    expect((offered as UserError).problem).toMatchObject({ code: 'KD6031', message: 'out of memory' });
  });

  test('offers to try again alone where nothing slower is left', () => {
    const offered = offeringNextRung(died('KD6011'), 'x', [named('eager-wasm')]);
    expect(help(offered)).toContain('kd resume x');
    expect(help(offered)).not.toContain('--set');
  });

  test('is told apart from every other error', () => {
    const diverged = died('KD4004');
    expect(offeringNextRung(diverged, 'x', [named('onnx-cpu')])).toBe(diverged);
    const defect = new Error('x');
    expect(offeringNextRung(defect, 'x', [named('onnx-cpu')])).toBe(defect);
  });
});
