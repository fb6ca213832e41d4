import { describe, expect, test } from 'vitest';
import { deviceAfter, offeringNextRung } from '../../src/engine/next-rung.ts';
import type { Executor } from '../../src/executors/executor.ts';
import type { Device } from '../../src/protocol/devices.ts';
import { UserError } from '../../src/protocol/errors.ts';
import { nextDevice } from '../../src/protocol/next-device.ts';
import type { RunRecord } from '../../src/protocol/records.ts';

const named = (name: string): Executor => ({
  name,
  description: '',
  load: () => Promise.reject(new Error()),
});
const died = (code: string) => new UserError({ code, message: 'out of memory', help: '' });
const help = (error: unknown) => (error as UserError).problem.help;

function environment(next?: Device): NonNullable<RunRecord['environment']> {
  return {
    ...{ product: '0', node: '20', platform: 'linux', cpu: '', cores: 2, memoryGigabytes: 8, packages: {} },
    ...{ executor: 'onnx-webgpu', refused: [], ...(next === undefined ? {} : { next }) },
  };
}

describe('the device after the one that a run trains on', () => {
  test.each([
    [['onnx-webgpu', 'onnx-cpu'], 'cpu'],
    [['tensorflow-gpu', 'onnx-cuda', 'tensorflow', 'onnx-cpu'], 'tensorflow'],
    [['onnx-cpu', 'tensorflow'], 'tensorflow'],
    [['onnx-cpu'], 'eager'],
    [['onnx-wasm'], 'eager'],
    [['eager-wasm'], undefined],
  ])('of %j is %s', (order, device) => {
    expect(deviceAfter(order.map(named))).toBe(device);
  });

  test('is the processor where a card was asked for by name and the others were not tried', () => {
    expect(deviceAfter([named('onnx-cuda')])).toBe('cpu');
  });
});

describe('an executor that died in the middle of a step', () => {
  test.each(['KD6011', 'KD6030', 'KD6031', 'KD6053', 'KD6054'])(
    'with %s offers the next device by the command that goes on there',
    (code) => {
      const offered = offeringNextRung(died(code), { id: '2026-11-25-x-1', environment: environment('cpu') });
      expect(help(offered)).toContain('kd resume 2026-11-25-x-1 --set engine.device=cpu');
      expect((offered as UserError).problem).toMatchObject({ code, message: 'out of memory' });
    },
  );

  test('offers to try again alone where nothing slower is left', () => {
    const offered = offeringNextRung(died('KD6011'), { id: 'x', environment: environment() });
    expect(help(offered)).toContain('kd resume x');
    expect(help(offered)).not.toContain('--set');
  });

  test('is told apart from every other error', () => {
    const run = { id: 'x', environment: environment('cpu') };
    const diverged = died('KD4004');
    expect(offeringNextRung(diverged, run)).toBe(diverged);
    const defect = new Error('x');
    expect(offeringNextRung(defect, run)).toBe(defect);
  });

  test('and took the process with it goes on elsewhere, but not on the slowest device', () => {
    const failure = { code: 'KD5021', message: 'signal SIGSEGV', help: '' };
    expect(nextDevice({ failure, environment: environment('cpu') })).toBe('cpu');
    expect(nextDevice({ failure, environment: environment('eager') })).toBeNull();
    expect(nextDevice({ environment: environment('cpu') })).toBeNull();
  });

  test('is offered no device that a damaged record names', () => {
    const failure = { code: 'KD6030', message: 'device lost', help: '' };
    expect(nextDevice({ failure, environment: environment('[x](command:y)' as Device) })).toBeNull();
  });
});
