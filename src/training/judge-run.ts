import type { Experiment } from '../config/experiment.ts';
import type { PhaseResult, RunResults, Verdict } from '../protocol/records.ts';
import { mainMetricOfTask } from '../schemes/measured.ts';
import { comparedBy } from '../statistics/metrics.ts';
import { judge, judgeAll, type SeedPair } from '../statistics/verdict.ts';
import type { Job } from './jobs.ts';

type Judged = Pick<RunResults, 'verdict' | 'verdicts'>;

/**
 * The taught student against the same student alone, seed by seed, on the test split; null without a baseline. Peers of the
 * same model are judged beside it, corrected for their number: none of them was chosen before.
 */
export function judgeRun(
  { compare, distill, task }: Experiment,
  jobs: readonly Job[],
  finished: readonly PhaseResult[],
): Judged {
  // The last phase in which the student is taught: blocks and assistants come before it.
  const taught = jobs.findLast(
    ({ phase }) => phase.loss === 'distill' && phase.train[0]?.model === distill.to,
  )?.phase;
  const alone = jobs.findLast(
    ({ phase }) =>
      phase.loss === 'task' && phase.perSeed && phase.train.some(({ model }) => model === distill.to),
  )?.phase.name;
  if (!compare.baseline || taught === undefined || alone === undefined) return { verdict: null };
  const metric = mainMetricOfTask(task);
  const asked = { ...compare.statistics, metric: comparedBy(metric) };
  const pairsOf = (name: string, split: 'test' | 'lastTest') =>
    compare.seeds.map((seed): SeedPair => {
      const reached = (of: string) =>
        Number(finished.find(({ phase, seed: own }) => phase === of && own === seed)?.[split]?.[metric]);
      return { seed, student: reached(name), baseline: reached(alone) };
    });
  const withLast = (name: string, verdict: Verdict): Verdict => {
    const { difference, interval } = judge(pairsOf(name, 'lastTest'), {
      ...asked,
      level: verdict.level,
    });
    return { ...verdict, lastEpoch: { difference, interval }, compared: { student: name, baseline: alone } };
  };
  const verdict = withLast(taught.name, judge(pairsOf(taught.name, 'test'), asked));
  const peers = taught.train.slice(1).filter(({ model }) => model === distill.to);
  if (peers.length === 0) return { verdict };
  const students = [taught.name, ...peers.map(({ instance }) => instance)];
  const contestants = students.map((name) => ({ name, pairs: pairsOf(name, 'test') }));
  const all = judgeAll(contestants, asked);
  return {
    verdict,
    verdicts: all.map((one) => ({ ...one, verdict: withLast(one.student, one.verdict) })),
  };
}
