import { describe, expect, it } from 'vitest';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { interpreter } from '../../src/executors/interpreter.ts';
import type { Executor } from '../../src/executors/executor.ts';
import { withModule, type ModuleSettings } from '../../src/models/modules/index.ts';
import { plainModel } from '../../src/models/plain-model.ts';
import { tf } from '../../src/compiler/tfjs.ts';
import type { Checkpoint } from '../../src/runs/writer.ts';
import { MemoryWriter } from './memory-writer.ts';
import { smallExperiment, term, train, type SmallRun } from './small-run.ts';

const executor = onnxCpu({ threads: 1, spinning: false });
const VAM: ModuleSettings = { name: 'vam', settings: { at: ['stage2'], groups: 2, entropyWeight: 0.1 } };
const QUANTIZE: ModuleSettings = { name: 'quantize', settings: { bits: 2, activationBits: 4 } };

/** The student with modules, with the mixing ratio lowered from step to step. */
async function withModules(modules: readonly ModuleSettings[], run: SmallRun = {}) {
  const { experiment, dataset } = await smallExperiment({
    terms: [term('kd', { weight: { kind: 'linear', from: 1, to: 0, over: { unit: 'epochs', value: 2 } } })],
    hardLabelWeight: { kind: 'linear', from: 0, to: 1, over: { unit: 'epochs', value: 2 } },
    teacherEpochs: 1,
    ...run,
  });
  const { student } = experiment.models;
  if (student === undefined) throw new Error('no student');
  const graph = modules.reduce((now, module) => withModule(now, module), student.graph);
  return {
    experiment: { ...experiment, models: { ...experiment.models, student: { ...student, graph } } },
    dataset,
  };
}

async function lossesOn(one: Executor): Promise<number[]> {
  const made = await withModules([VAM, QUANTIZE], { train: 40, epochs: 1, baseline: false });
  const { writer } = await train(made, { executor: one });
  return writer.metricsLog.flatMap(({ phase, values }) =>
    phase === 'student'
      ? Object.entries(values).flatMap(([name, value]) => (name.startsWith('loss') ? [Number(value)] : []))
      : [],
  );
}

describe('a student with modules', () => {
  it('learns compiled what it learns kernel by kernel', async () => {
    const [got, want] = [await lossesOn(executor), await lossesOn(interpreter)];
    expect(got.length).toBeGreaterThan(8);
    expect(got).toHaveLength(want.length);
    // A weight beside a threshold of the quantiser may fall on either side of it.
    got.forEach((value, index) => expect(value).toBeCloseTo(want[index] ?? NaN, 3));
  }, 60_000);

  it('counts the attention’s entropy in its loss, also alone, and records it', async () => {
    const { writer } = await train(await withModules([VAM]), { executor });
    for (const phase of ['student', 'baseline']) {
      const entropies = writer.metricsLog.flatMap((one) =>
        one.phase === phase && one.values['loss/vam'] !== undefined ? [Number(one.values['loss/vam'])] : [],
      );
      expect(entropies[0]).toBeCloseTo(Math.log(2), 3);
      expect(entropies.at(-1)).toBeLessThan(entropies[0] ?? NaN);
    }
  });

  it('keeps weights of full precision whose rounded model answers the same', async () => {
    const made = await withModules([QUANTIZE]);
    const { writer } = await train(made, { executor });
    const kept = writer.models.get('student-1');
    const { student } = made.experiment.models;
    if (kept === undefined) throw new Error('nothing was kept');
    expect(new Set(kept['stage2.conv/kernel']?.data).size).toBeGreaterThan(100);
    const { tensors, codes } = plainModel(tf, student.graph, kept);
    expect(Object.keys(codes)).toEqual(['stage2.conv/kernel', 'hidden1.fc/kernel']);
    expect(new Set(tensors['stage2.conv/kernel']?.data).size).toBe(3);
  });

  it('goes on from a checkpoint bit for bit', async () => {
    const made = await withModules([VAM, QUANTIZE]);
    const whole = (await train(made, { executor })).writer;
    const writer = new MemoryWriter();
    let resume: Checkpoint | undefined;
    for (const stop of [4, 3]) {
      let looks = 0;
      const control = {
        get request() {
          return looks++ >= stop ? ('stop' as const) : ('none' as const);
        },
        untilResumed: () => Promise.resolve(),
      };
      await train(made, { executor, writer, control, ...(resume && { resume }) });
      resume = writer.checkpoints.at(-1);
    }
    await train(made, { executor, writer, ...(resume && { resume }) });
    expect(writer.models).toEqual(whole.models);
  });
});
