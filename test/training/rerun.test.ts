import { describe, expect, it } from 'vitest';
import { MEASURED_VALUES } from '../../src/protocol/records.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { smallExperiment, train, type SmallRun } from './small-run.ts';

const RUN: SmallRun = {
  train: 120,
  epochs: 2,
  teacherEpochs: 1,
  augment: [{ kind: 'randomCrop', padding: 2 }],
  settings: { mixing: [{ kind: 'mixup', alpha: 0.4, probability: 0.5 }] },
};

/** Everything a run leaves behind but what it measured of the machine. */
async function whatRemains(threads: number) {
  const executor = onnxCpu({ threads, spinning: false });
  const { writer, outcome } = await train(await smallExperiment(RUN), { executor });
  const kept = (values: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(Object.entries(values).filter(([name]) => !MEASURED_VALUES.includes(name)));
  return {
    metrics: writer.metricsLog.map((record) => ({ ...record, values: kept(record.values) })),
    models: [...writer.models],
    gaps: writer.gaps,
    results: outcome.results.phases.map((result) => kept({ ...result })),
    verdict: outcome.results.verdict,
    tensors: writer.checkpoints.at(-2)?.tensors,
  };
}

describe('the same experiment again', () => {
  it('on the same executor gives the same bits: metrics, weights, checkpoints and verdict, also on two threads', async () => {
    const first = await whatRemains(1);
    expect(await whatRemains(1)).toEqual(first);
    expect(await whatRemains(2)).toEqual(first);
  });
});
