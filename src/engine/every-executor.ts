import type { Executor } from '../executors/executor.ts';
import { climb, refused as refusedRung, RUNGS, tryRung } from '../executors/ladder.ts';
import { isRefusal } from '../executors/rungs/rung.ts';
import type { RefusedExecutor } from '../protocol/records.ts';

/** Everything that can compute here, and why the rest cannot. */
export interface EveryExecutor {
  /** Those that `auto` chooses from, in the order of the ladder. */
  readonly serving: readonly Executor[];
  /** Rungs that a run does not ask while another serves. */
  readonly standby: readonly Executor[];
  readonly refused: readonly RefusedExecutor[];
}

/** Tries all rungs of the ladder, the last resorts too. */
export async function everyExecutor(): Promise<EveryExecutor> {
  const { serving, refused } = await climb({ device: 'auto' });
  const asked = [...serving, ...refused].map(({ name }) => name);
  const standby: Executor[] = [];
  const others: RefusedExecutor[] = [];
  for (const rung of RUNGS) {
    if (rung.lastResort !== true || asked.some((name) => name.startsWith(rung.name))) continue;
    const opened = await tryRung(rung, { byName: true });
    if (isRefusal(opened)) others.push(refusedRung(rung, opened));
    else standby.push(opened);
  }
  return { serving, standby, refused: [...refused, ...others] };
}
