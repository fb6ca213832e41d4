import type { Experiment } from '../config/experiment.ts';
import { metricChosenBy } from '../protocol/compared-metric.ts';
import type { ComparedMetric } from '../protocol/comparison.ts';
import type { PhaseResult, RunResults, Verdict } from '../protocol/records.ts';
import { mainMetricOfTask } from '../schemes/measured.ts';
import type { Phase } from '../schemes/phase.ts';
import { commonMetric, comparedBy } from '../statistics/metrics.ts';
import { judge, judgeAll, type SeedPair } from '../statistics/verdict.ts';
import type { Job } from './jobs.ts';
import { settingsOf } from './plan.ts';

type Judged = Pick<RunResults, 'metric' | 'verdict' | 'verdicts'>;

/**
 * The taught student against the same student alone, seed by seed, on the test split, by the metric that chose their weights
 * (`selectBy`); null without a baseline. Peers of the same model are judged beside it, corrected for their number: none of them was
 * chosen before.
 */
export function judgeRun(
  experiment: Experiment,
  jobs: readonly Job[],
  finished: readonly PhaseResult[],
): Judged {
  const { compare, distill } = experiment;
  // The last phase in which the student is taught: blocks and assistants come before it.
  const taught = jobs.findLast(
    ({ phase }) => phase.loss === 'distill' && phase.train[0]?.model === distill.to,
  )?.phase;
  const alone = jobs.findLast(
    ({ phase }) =>
      phase.loss === 'task' && phase.perSeed && phase.train.some(({ model }) => model === distill.to),
  )?.phase;
  const judged = taught === undefined ? jobs.map(({ phase }) => phase) : [taught, ...(alone ? [alone] : [])];
  const metric = metricOf(experiment, judged, finished);
  if (!compare.baseline || taught === undefined || alone === undefined)
    return { metric: metric.name, verdict: null };
  const asked = { ...compare.statistics, metric };
  const pairsOf = (name: string, split: 'test' | 'lastTest') =>
    compare.seeds.map((seed): SeedPair => {
      const reached = (of: string) =>
        Number(finished.find(({ phase, seed: own }) => phase === of && own === seed)?.[split]?.[metric.name]);
      return { seed, student: reached(name), baseline: reached(alone.name) };
    });
  const withLast = (name: string, verdict: Verdict): Verdict => {
    const { difference, interval } = judge(pairsOf(name, 'lastTest'), {
      ...asked,
      level: verdict.level,
    });
    return {
      ...verdict,
      lastEpoch: { difference, interval },
      compared: { student: name, baseline: alone.name },
    };
  };
  const verdict = withLast(taught.name, judge(pairsOf(taught.name, 'test'), asked));
  const peers = taught.train.slice(1).filter(({ model }) => model === distill.to);
  if (peers.length === 0) return { metric: metric.name, verdict };
  const students = [taught.name, ...peers.map(({ instance }) => instance)];
  const contestants = students.map((name) => ({ name, pairs: pairsOf(name, 'test') }));
  const all = judgeAll(contestants, asked);
  return {
    metric: metric.name,
    verdict,
    verdicts: all.map((one) => ({ ...one, verdict: withLast(one.student, one.verdict) })),
  };
}

/** What chose the weights of all of these phases, where that compares and is measured; else what models of the task are judged by. */
function metricOf(
  experiment: Experiment,
  phases: readonly Phase[],
  finished: readonly PhaseResult[],
): ComparedMetric {
  const usual = mainMetricOfTask(experiment.task);
  const chosen = phases.map((phase) => metricChosenBy(settingsOf(experiment, phase).selectBy ?? usual));
  const names = new Set(phases.map(({ name }) => name));
  const tests = finished.filter(({ phase }) => names.has(phase)).map(({ test }) => test);
  return commonMetric(chosen, tests) ?? comparedBy(usual);
}
