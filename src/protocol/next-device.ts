import { DEVICES, type Device } from './devices.ts';
import type { RunRecord } from './records.ts';

/** An executor that died in the middle of a step: out of memory, device lost, a defect of the runtime. */
const DIED = /^KD60(11|30|31|53|54)$/;
/** A process that ended without a word may have been ended by its executor, or by anything else. */
const CRASHED = 'KD5021';

/**
 * Where a run can go on whose executor died in the middle of a step. After a crash the slowest device is not offered: it helps
 * only where the executor was at fault.
 *
 * @returns null where no executor died, or nothing else serves
 */
export function nextDevice({
  failure,
  environment,
}: Pick<RunRecord, 'failure' | 'environment'>): Device | null {
  // A record on disk may hold anything.
  const next = DEVICES.find((device) => device === environment?.next);
  if (next === undefined || failure === undefined) return null;
  if (failure.code === CRASHED) return next === 'eager' ? null : next;
  return executorDied(failure) ? next : null;
}

export function executorDied({ code }: { readonly code: string }): boolean {
  return DIED.test(code);
}

/** The command that goes on there. */
export function resumeCommand(run: string, device: Device): string {
  return `kd resume ${run} --set ${deviceChange(device)}`;
}

/** The change of the config that moves a run to a device. */
export function deviceChange(device: Device): string {
  return `engine.device=${device}`;
}
