import type { TimedProgram, TimedRun } from './timed-executor.ts';

/** How often everything happens in a whole run of a phase, all seeds together. */
export interface Work {
  readonly jobs: number;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  /** Batches of the validation and the test split. */
  readonly validationBatches: number;
  readonly testBatches: number;
  /** Batches that teachers answer once, before the first seed; 0: they answer in every step. */
  readonly answeredBatches: number;
}

export interface PhaseTimes {
  readonly loadMilliseconds: number;
  /** From the end of one step to the end of the next: batch, answers and all. */
  readonly stepMilliseconds: number;
  readonly totalMilliseconds: number;
}

const isStep = ({ graph }: TimedRun) => /^(train|accumulate|generate)/.test(graph);

/** The time of the whole phase, from what a few steps and one look at each split took. */
export function estimatePhase({ runs, loadMilliseconds }: TimedProgram, work: Work): PhaseTimes {
  const step = stepMilliseconds(runs);
  const mean = (matches: (graph: string) => boolean) => {
    const own = runs.filter(({ graph }) => matches(graph));
    // The first run of a graph allocates.
    const counted = own.length > 1 ? own.slice(1) : own;
    return median(counted.map(({ start, end }) => end - start));
  };
  const predict = mean((graph) => graph.startsWith('predict'));
  const evaluate = mean((graph) => graph.startsWith('evaluate'));
  const answers = new Set(runs.map(({ graph }) => graph).filter((graph) => graph.startsWith('answers/')));
  const answering = [...answers].reduce((sum, name) => sum + mean((graph) => graph === name), 0);
  const probing = mean((graph) => graph === 'probe') + mean((graph) => graph === 'probeTeacher');
  const shares = mean((graph) => graph === 'shares');
  const validation = work.validationBatches * (evaluate > 0 ? evaluate : predict);
  const epoch = work.stepsPerEpoch * step + validation + probing + shares;
  const job = work.epochs * epoch + 2 * work.testBatches * predict;
  return {
    loadMilliseconds,
    stepMilliseconds: step,
    totalMilliseconds: loadMilliseconds + work.answeredBatches * answering + work.jobs * job,
  };
}

/** Of steps between which nothing else was done than what every step does. */
function stepMilliseconds(runs: readonly TimedRun[]): number {
  const intervals: number[] = [];
  let last: number | null = null;
  for (const run of runs) {
    if (isStep(run)) {
      if (last !== null) intervals.push(run.end - last);
      last = run.end;
    } else if (!run.graph.startsWith('answers/')) last = null;
  }
  if (intervals.length > 0) return median(intervals);
  const steps = runs.filter(isStep);
  return median(steps.map(({ start, end }) => end - start));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
