import { describe, expect, it } from 'vitest';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { smallExperiment, term, train, type SmallRun } from './small-run.ts';

const executor = onnxCpu({ threads: 1, spinning: false });
const CROP = [{ kind: 'randomCrop', padding: 3 }] as const;

/** Weights of the student that was taught, and what its term came to epoch by epoch. */
async function taught(run: SmallRun) {
  const small = { train: 60, epochs: 2, teacherEpochs: 1, batchSize: 16, baseline: false, test: 10 };
  const made = await smallExperiment({ ...small, ...run });
  const { outcome, writer } = await train(made, { executor });
  expect(outcome.status).toBe('completed');
  return writer.models.get('student-1');
}

describe('what teachers see of a sample', () => {
  it('is bit for bit the same for every choice where nothing is augmented', async () => {
    const joint = await taught({});
    expect(await taught({ teacherView: 'separate' })).toEqual(joint);
    expect(await taught({ teacherView: 'plain' })).toEqual(joint);
  });

  it('makes another student where the views differ', async () => {
    const seen = [
      await taught({ augment: CROP }),
      await taught({ augment: CROP, teacherView: 'separate' }),
      await taught({ augment: CROP, teacherView: 'plain' }),
    ];
    for (const [a, b] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const)
      expect(seen[a]).not.toEqual(seen[b]);
  });

  it('is set apart for the stronger view too', async () => {
    const two: SmallRun = { terms: [term('ccd')], augment: [], strongAugment: CROP };
    const joint = await taught(two);
    expect(await taught({ ...two, teacherView: 'separate' })).not.toEqual(joint);
    expect(await taught({ ...two, strongAugment: [], teacherView: 'separate' })).toEqual(
      await taught({ ...two, strongAugment: [] }),
    );
  });
});
