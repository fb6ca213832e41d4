import { describe, expect, it } from 'vitest';
import { planPhase } from '../../src/training/plan.ts';
import { similarityRhythm } from '../../src/training/similarity-rhythm.ts';
import { isDue } from '../../src/training/measurements.ts';
import { smallExperiment, type SmallRun } from './small-run.ts';

async function everyOf(run: SmallRun, train: number, share: number | null = 0.02): Promise<number> {
  const { experiment } = await smallExperiment(run);
  const phase = experiment.phases.find(({ loss }) => loss === 'distill');
  if (phase === undefined) throw new Error('nobody is taught');
  const rhythm = { enabled: true, everyEpochs: 1, ...(share === null ? {} : { share }) };
  const plan = planPhase(experiment, phase, train);
  return similarityRhythm(rhythm, plan, { probe: 128, train }).everyEpochs;
}

describe('how often layers are compared', () => {
  const large: SmallRun = { student: 'resnet8', teacher: 'resnet20', epochs: 30 };

  it('is every epoch where that is within its share of the work, and less often the smaller the data', async () => {
    expect(await everyOf(large, 50_000)).toBe(1);
    const fewer = await everyOf(large, 1_000);
    expect(fewer).toBeGreaterThan(1);
    expect(await everyOf(large, 500)).toBeGreaterThan(fewer);
  });

  it('is after the last epoch alone where the answer of the teacher is more than all of it', async () => {
    const every = await everyOf({ ...large, epochs: 3 }, 60);
    expect(every).toBe(3);
    const rhythm = { enabled: true, everyEpochs: every };
    expect([0, 1, 2].map((epoch) => isDue(rhythm, epoch, 3))).toEqual([false, false, true]);
  });

  it('is as often as was asked for where a rhythm is given', async () => {
    expect(await everyOf(large, 60, null)).toBe(1);
  });
});
