import { describe, expect, it } from 'vitest';
import { describe as describeModel } from '../../src/models/describe.ts';
import { gapBounds, isLookedAt } from '../../src/training/gap/gap-bounds.ts';
import { isDue } from '../../src/training/measurements.ts';
import { planPhase, type PhasePlan } from '../../src/training/plan.ts';
import { smallExperiment, type SmallRun } from './small-run.ts';

const SHARE = 0.01;
const SMALL: SmallRun = {};
const LARGE: SmallRun = { student: 'resnet8', teacher: 'resnet20' };
/** Multiply-adds in a millisecond. */
const MILLISECOND = 50e6;

async function planOf(run: SmallRun, train: number): Promise<PhasePlan> {
  const { experiment } = await smallExperiment(run);
  const phase = experiment.phases.find(({ loss }) => loss === 'distill');
  if (phase === undefined) throw new Error('nobody is taught');
  return planPhase(experiment, phase, train);
}

function boundsOf(plan: PhasePlan, train: number, validation: number) {
  const rhythm = { enabled: true, everyEpochs: 1, share: SHARE };
  return gapBounds(rhythm, plan, { train, validation, looked: Math.min(8, validation) });
}

describe('how much of the gap is measured', () => {
  it('is everything where that is within its share of the work', async () => {
    const plan = await planOf({ ...LARGE, epochs: 30 }, 50_000);
    expect(boundsOf(plan, 50_000, 10_000)).toMatchObject({
      rhythm: { everyEpochs: 1 },
      looks: 8,
      reported: 10_000,
    });
  });

  it('is less the smaller the training, and however small it is numbers and a look at its end, and a report', async () => {
    const sizes = [50_000, 5000, 500, 50];
    const found = [];
    for (const train of sizes)
      found.push(boundsOf(await planOf({ ...LARGE, epochs: 4 }, train), train, train / 5));
    const falls = (values: readonly number[]) =>
      values.every((value, at) => at === 0 || value <= (values[at - 1] ?? 0));
    expect(falls(found.map(({ looks }) => looks))).toBe(true);
    expect(falls(found.map(({ reported }) => reported))).toBe(true);
    expect(falls(found.map(({ rhythm }) => -rhythm.everyEpochs))).toBe(true);
    const least = found.at(-1);
    if (least === undefined) throw new Error('nothing was found');
    expect(least).toMatchObject({ looks: 1, reported: 128 });
    const epochs = [0, 1, 2, 3];
    expect(epochs.filter((epoch) => isDue(least.rhythm, epoch, 4))).toEqual([3]);
    expect(epochs.filter((epoch) => isLookedAt(epoch, 4, least.looks))).toEqual([3]);
  });

  it('costs no more than its share, reckoned anew, wherever it is more than the least', async () => {
    let more = 0;
    for (const run of [SMALL, LARGE]) {
      for (const epochs of [2, 10, 60]) {
        for (const train of [300, 3000, 30_000]) {
          const plan = await planOf({ ...run, epochs }, train);
          const validation = Math.round(train / 4);
          const { rhythm, looks, reported } = boundsOf(plan, train, validation);
          if (reported === 128 || looks === 1 || rhythm.everyEpochs === epochs) continue;
          more++;
          const [m, t] = [plan.learner, plan.teacher].map((model) =>
            model === null ? 0 : describeModel(model.graph).multiplyAdds,
          ) as [number, number];
          const times = (happens: (epoch: number) => boolean) =>
            Array.from({ length: epochs }, (_, epoch) => epoch).filter(happens).length;
          const row = 10 * 0.0002 * MILLISECOND;
          const cost =
            8 * t +
            Math.min(reported, validation) * (m + row) +
            8 * m +
            10 * MILLISECOND +
            times((epoch) => isLookedAt(epoch, epochs, looks)) * (8 * m + 3 * MILLISECOND) +
            times((epoch) => isDue(rhythm, epoch, epochs)) * (validation * row + 0.5 * MILLISECOND);
          const { batchSize } = plan.settings;
          const work = epochs * (train * 3 * m + Math.ceil(train / batchSize) * MILLISECOND);
          // After the last epoch it is measured whether the rhythm falls on it or not.
          expect(cost - (validation * row + 0.5 * MILLISECOND)).toBeLessThanOrEqual(SHARE * work);
        }
      }
    }
    expect(more).toBeGreaterThan(5);
  });

  it('is all of it where a rhythm was asked for', async () => {
    const plan = await planOf({ ...SMALL, epochs: 4 }, 50);
    const asked = { enabled: true, everyEpochs: 2 };
    expect(gapBounds(asked, plan, { train: 50, validation: 10, looked: 8 })).toEqual({
      rhythm: asked,
      looks: 8,
      reported: 10_000,
    });
  });
});
