import type { WholeStep } from '../../protocol/records.ts';
import type { Phase } from '../../schemes/phase.ts';
import { median } from '../middle.ts';
import { OpenPhase, type ProfileOptions } from './open-phase.ts';
import { byRound, quantile, timesInTurns } from './timing.ts';

/** The phase of the student alone. */
const ALONE = 'baseline';

/**
 * What a training step of each phase takes as a whole: its batch, the answers of teachers that are live, the update. The steps of all
 * phases are taken in turns, so that their ratio to the step of the student alone holds on a busy machine too.
 */
export async function wholeSteps(
  phases: readonly Phase[],
  options: ProfileOptions,
): Promise<readonly WholeStep[]> {
  const open: OpenPhase[] = [];
  try {
    const work = new Map<string, () => Promise<unknown>>();
    const batchTimes = new Map<string, number>();
    for (const phase of phases) {
      const opened = await OpenPhase.open(phase, options);
      open.push(opened);
      const { feeds, batchTimes: times } = await opened.feeds();
      batchTimes.set(phase.name, median(times));
      const { whole } = opened;
      work.set(phase.name, async () => {
        for (const step of whole) await step.run(feeds);
      });
    }
    const times = await timesInTurns(work, options.runs);
    const timesOf = (name: string) =>
      (times.get(name) ?? []).map((time) => time + (batchTimes.get(name) ?? 0));
    return open.map(({ phase: { name }, plan }) => {
      const own = timesOf(name);
      const ratios = byRound(own, timesOf(ALONE), (one, alone) => one / alone);
      const isCompared = name !== ALONE && work.has(ALONE);
      return {
        phase: name,
        learners: plan.learners.map(({ model }) => model),
        milliseconds: median(own),
        overAlone: isCompared
          ? { ratio: median(ratios), quartiles: [quantile(ratios, 1 / 4), quantile(ratios, 3 / 4)] }
          : null,
      };
    });
  } finally {
    for (const phase of open) await phase.dispose();
  }
}
