import type { Executor } from '../executors/executor.ts';
import { openEager } from '../executors/rungs/eager.ts';
import { formatProblem, UserError } from '../protocol/errors.ts';
import type { RecordFile } from '../runs/record-file.ts';
import type { RunWriter } from '../runs/writer.ts';
import type { FallBack } from '../training/load-program.ts';

const UNTRACEABLE = 'KD6003';
const WRONG_KERNEL = 'KD6032';

/**
 * Steps that cannot be compiled run on the next executor that serves here, or eagerly where no executor could: aloud, in the
 * log, among the events and in the record.
 *
 * A device that was asked for by name and computes wrongly is not replaced.
 *
 * @param order those that serve here, the run's own first
 */
export function fallingBack(
  { file, writer }: { readonly file: RecordFile; readonly writer: RunWriter },
  order: readonly Executor[],
  byName: boolean,
): FallBack {
  return async ({ phase, from, why }) => {
    if (byName && why.code === WRONG_KERNEL) throw new UserError(why);
    const next = why.code === UNTRACEABLE ? undefined : order[order.indexOf(from) + 1];
    const executor = next ?? (await openEager());
    const message = `The steps of ${phase} run on ${executor.name} instead of ${from.name}: ${why.message}.`;
    writer.event({ kind: 'warning', message, phase });
    writer.log(formatProblem(why));
    const { environment } = file.record;
    if (environment !== undefined) {
      const fallen = (environment.fallen ?? []).filter((one) => one.phase !== phase);
      fallen.push({ phase, executor: executor.name, reason: `${why.code}: ${why.message}` });
      file.update({ environment: { ...environment, fallen } });
    }
    return executor;
  };
}
