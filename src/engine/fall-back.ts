import type { Executor } from '../executors/executor.ts';
import { openEager } from '../executors/rungs/eager.ts';
import { formatProblem } from '../protocol/errors.ts';
import type { RecordFile } from '../runs/record-file.ts';
import type { RunWriter } from '../runs/writer.ts';
import type { FallBack } from '../training/load-program.ts';

const UNTRACEABLE = 'KD6003';

/**
 * Steps that cannot be compiled run on the next executor that serves here, or eagerly where no executor could: aloud, in the
 * log, among the events and in the record.
 *
 * @param others those that serve beside the run's own, in the order of the ladder
 */
export function fallingBack(file: RecordFile, writer: RunWriter, others: readonly Executor[]): FallBack {
  return async ({ phase, from, why }) => {
    const next = why.code === UNTRACEABLE ? undefined : others[others.indexOf(from) + 1];
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
