import type { Executor } from '../executors/executor.ts';
import { RUNGS } from '../executors/ladder.ts';
import type { Device } from '../protocol/devices.ts';
import { UserError } from '../protocol/errors.ts';

/** An executor that died in the middle of a step: out of memory, device lost, a defect of the runtime. */
const DIED = /^KD60(11|30|31|53|54)$/;

/**
 * What went wrong, with the command that goes on from the last checkpoint on the next executor. Everything but the death of an
 * executor passes unchanged.
 *
 * @param order those that serve here, the run's own first
 */
export function offeringNextRung(error: unknown, run: string, order: readonly Executor[]): unknown {
  if (!(error instanceof UserError) || !DIED.test(error.problem.code)) return error;
  const device = nextDevice(order);
  const elsewhere =
    device === null ? '' : `, or \`kd resume ${run} --set engine.device=${device}\` to go on elsewhere`;
  const help = `the last checkpoint is kept: \`kd resume ${run}\` tries again when there is more room${elsewhere}`;
  return new UserError({ ...error.problem, help }, { cause: error });
}

/** The device of the next executor that serves, at the end the eager one; null where that is the one that died. */
function nextDevice([died, ...others]: readonly Executor[]): Device | null {
  const own = died === undefined ? undefined : deviceOf(died);
  const next = others.map(deviceOf).find((device) => device !== own);
  return next ?? (own === 'eager' ? null : 'eager');
}

function deviceOf({ name }: Executor): Device {
  return RUNGS.find((rung) => rung.name === name)?.device ?? 'eager';
}
