import { describe, expect, it } from 'vitest';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { measuredIn, type Measured } from '../../src/schemes/measured.ts';
import { SGD, smallExperiment, train, type SmallRun } from './small-run.ts';

const executor = onnxCpu({ threads: 1, spinning: false });

/** The gap to the teacher is asked for by a key of its own. */
function names(values: object = {}): string[] {
  return Object.keys(values)
    .filter((name) => !/^(gap|similarity)\//.test(name))
    .sort();
}

async function trained(run: SmallRun, metrics?: readonly Measured[]) {
  const made = await smallExperiment({ train: 80, epochs: 1, teacherEpochs: 1, baseline: false, ...run });
  const measure = { ...made.experiment.measure, ...(metrics === undefined ? {} : { metrics }) };
  const { writer, outcome } = await train(
    { ...made, experiment: { ...made.experiment, measure } },
    { executor },
  );
  const recorded = (split: string) => {
    const own = writer.metricsLog.find((one) => one.phase === 'student' && one.split === split);
    return names(own?.values);
  };
  const result = outcome.results.phases.find(({ phase }) => phase === 'student');
  return { validation: recorded('validation'), test: recorded('test'), result };
}

const LOSSES = ['loss', 'loss/ce', 'loss/kd'];

describe('what is measured', () => {
  it('is what is asked for, beside accuracy and losses, in records and results alike', async () => {
    const { validation, test, result } = await trained({}, ['top5Accuracy']);
    expect(validation).toEqual(['accuracy', ...LOSSES, 'top5Accuracy']);
    expect(test).toEqual(['accuracy', 'loss', 'loss/ce', 'top5Accuracy']);
    for (const values of [result?.test, result?.lastTest]) expect(names(values)).toEqual(test);
    expect(names(result?.validation)).toEqual(validation);
    expect(result?.confusion).toBeUndefined();
    expect(Number(result?.test['top5Accuracy'])).toBeGreaterThanOrEqual(Number(result?.test['accuracy']));
  });

  it('is as usual where nothing is said, and the confusion stands in the results', async () => {
    const { test, result } = await trained({});
    const usual = ['balancedAccuracy', 'calibrationError', 'loss', 'loss/ce', 'macroF1', 'quadraticKappa'];
    expect(test).toEqual(['accuracy', ...usual]);
    expect(result?.confusion).toHaveLength(10);
  });

  it('holds in any case what chooses the weights, ends the training or moves a schedule', async () => {
    const still = {
      kind: 'plateau',
      from: 0.02,
      factor: 0.5,
      minimum: 0,
      patience: 0,
      minimumGain: 0,
    } as const;
    const { validation } = await trained(
      {
        optimizer: { ...SGD, learningRate: { ...still, by: 'balancedAccuracy' } },
        settings: {
          selectBy: 'quadraticKappa',
          earlyStopping: { by: 'macroF1', patience: 3, minimumGain: 0 },
        },
      },
      [],
    );
    expect(validation).toEqual(['accuracy', 'balancedAccuracy', ...LOSSES, 'macroF1', 'quadraticKappa']);
    const nested = [
      { warmUp: { then: { kind: 'plateau', by: 'top5Accuracy' } } },
      [{ kind: 'plateau', by: 1 }],
    ];
    expect([...measuredIn([], {}, nested)].sort()).toEqual(['accuracy', 'loss/ce', 'top5Accuracy']);
  });
});
