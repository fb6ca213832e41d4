import type { Executor } from '../executors/executor.ts';
import { RUNGS } from '../executors/ladder.ts';
import { nativeVersion } from '../executors/onnx-cuda-files.ts';
import type { Device } from '../protocol/devices.ts';
import { UserError } from '../protocol/errors.ts';
import { executorDied, nextDevice, resumeCommand } from '../protocol/next-device.ts';
import type { RunRecord } from '../protocol/records.ts';

/**
 * What went wrong, with the command that goes on from the last checkpoint on the next executor. Everything but the death of an
 * executor passes unchanged.
 */
export function offeringNextRung(
  error: unknown,
  { id, environment }: Pick<RunRecord, 'id' | 'environment'>,
): unknown {
  if (!(error instanceof UserError) || !executorDied(error.problem)) return error;
  const device = nextDevice({ failure: error.problem, ...(environment && { environment }) });
  const elsewhere = device === null ? '' : `, or \`${resumeCommand(id, device)}\` to go on elsewhere`;
  const help = `the last checkpoint is kept: \`kd resume ${id}\` tries again when there is more room${elsewhere}`;
  return new UserError({ ...error.problem, help }, { cause: error });
}

/**
 * The device of the next executor that serves. Where a device was asked for by name the others were not tried: then the
 * processor, which nearly always serves. At the end the eager one; undefined where that is the run's own.
 *
 * @param order those that serve here, the run's own first
 */
export function deviceAfter([own, ...others]: readonly Executor[]): Device | undefined {
  const device = own === undefined ? undefined : deviceOf(own);
  const processor = nativeVersion() === null ? 'wasm' : 'cpu';
  const candidates = [
    ...others.map(deviceOf),
    ...(isProcessor(device) ? [] : ([processor] as const)),
    'eager' as const,
  ];
  return device === 'eager' ? undefined : candidates.find((one) => one !== device);
}

function isProcessor(device: Device | undefined): boolean {
  return device === 'cpu' || device === 'wasm';
}

function deviceOf({ name }: Executor): Device {
  return RUNGS.find((rung) => rung.name === name)?.device ?? 'eager';
}
