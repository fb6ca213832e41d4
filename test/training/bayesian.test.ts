import { describe, expect, it } from 'vitest';
import type { Executor } from '../../src/executors/executor.ts';
import { interpreter } from '../../src/executors/interpreter.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { withModule } from '../../src/models/modules/index.ts';
import type { Checkpoint } from '../../src/runs/writer.ts';
import { MemoryWriter } from './memory-writer.ts';
import { smallExperiment, term, train, type SmallRun } from './small-run.ts';

const executor = onnxCpu({ threads: 1, spinning: false });
const DROPOUT = { by: 'dropout', rate: 0.3, samples: 4 };
const VARIATIONAL = { by: 'variational', at: ['hidden1.fc', 'head.fc'], samples: 3, klWeight: 0.01 };
const UNCERTAINTY = term('uncertainty', {
  parameters: {
    lowTemperature: 1,
    highTemperature: 4,
    direction: 'inverse',
    floor: 0.1,
    scale: 'classes',
  },
});

type Modules = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Models that are Bayesian, each by its own settings, and what they do not know measured at the end. */
async function uncertain(modules: Modules, run: SmallRun = {}) {
  const made = await smallExperiment({
    train: 80,
    test: 40,
    epochs: 1,
    teacherEpochs: 1,
    terms: [UNCERTAINTY],
    hardLabelWeight: 0,
    ...run,
  });
  const models = Object.fromEntries(
    Object.entries(made.experiment.models).map(([name, model]) => {
      const settings = modules[name];
      if (settings === undefined) return [name, model];
      return [name, { ...model, graph: withModule(model.graph, { name: 'bayesian', settings }) }];
    }),
  );
  const measure = { ...made.experiment.measure, uncertainty: { coverage: 0.9, shift: 'blur' as const } };
  return { ...made, experiment: { ...made.experiment, models, measure } };
}

const losses = (writer: MemoryWriter, phase: string, name: string) =>
  writer.metricsLog.flatMap((one) =>
    one.phase === phase && one.values[name] !== undefined ? [Number(one.values[name])] : [],
  );

describe('a student of a Bayesian teacher', () => {
  it.each([
    ['dropout', DROPOUT],
    ['distributions of weights', VARIATIONAL],
  ])('learns from random passes by %s, and says what it does not know', async (_, settings) => {
    const { writer } = await train(await uncertain({ teacher: settings, student: settings }), { executor });
    expect(losses(writer, 'student', 'loss/uncertainty').every((value) => value > 0)).toBe(true);
    expect(losses(writer, 'student', 'gradientShare/uncertainty')[0]).toBeGreaterThan(0);
    for (const { test } of writer.lastResults?.phases ?? []) {
      for (const head of ['uncertainty', 'uncertainty/shifted']) {
        const of = (name: string) => Number(test[`${head}/${name}`]);
        expect(of('coverage')).toBeGreaterThan(0.5);
        expect(of('setSize')).toBeGreaterThanOrEqual(1);
        expect(of('calibrationError')).toBeGreaterThanOrEqual(0);
        // Passes that do not agree: something is not known.
        expect(of('epistemic')).toBeGreaterThan(0);
        expect(of('aleatoric') + of('epistemic')).toBeCloseTo(of('total'), 5);
        expect(of('total')).toBeLessThanOrEqual(Math.log(10) + 1e-6);
      }
      expect(test['uncertainty/shifted/loss/ce']).not.toBe(test['uncertainty/loss/ce']);
    }
  });

  it('hears an ensemble of plain networks just as well, together with a Bayesian one', async () => {
    const run: SmallRun = {
      scheme: ['multiTeacher', { combine: 'average' }],
      from: ['teacher', 'middle'],
      baseline: false,
    };
    for (const modules of [{}, { middle: DROPOUT }]) {
      const { writer } = await train(await uncertain(modules, run), { executor });
      expect(losses(writer, 'student', 'loss/uncertainty').every((value) => value > 0)).toBe(true);
      const student = writer.lastResults?.phases.find(({ phase }) => phase === 'student');
      // A network with one answer has no epistemic uncertainty.
      expect(Number(student?.test['uncertainty/epistemic'])).toBeCloseTo(0, 6);
    }
  });

  it('learns compiled what it learns kernel by kernel', async () => {
    const of = async (one: Executor) => {
      const made = await uncertain(
        { teacher: DROPOUT, student: VARIATIONAL },
        { train: 40, baseline: false },
      );
      const { writer } = await train(made, { executor: one });
      return [...losses(writer, 'student', 'loss'), ...losses(writer, 'student', 'loss/bayesian')];
    };
    const [got, want] = [await of(executor), await of(interpreter)];
    expect(got.length).toBeGreaterThan(3);
    expect(got).toHaveLength(want.length);
    got.forEach((value, at) => expect(value).toBeCloseTo(want[at] ?? NaN, 3));
  });

  it('goes on from a checkpoint bit for bit, with augmented samples for which the passes are drawn anew', async () => {
    const made = await uncertain(
      { teacher: VARIATIONAL, student: DROPOUT },
      { epochs: 2, augment: [{ kind: 'randomCrop', padding: 2 }] },
    );
    const whole = (await train(made, { executor })).writer;
    const writer = new MemoryWriter();
    let resume: Checkpoint | undefined;
    for (const stop of [3, 2]) {
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
    expect([...writer.models]).toEqual([...whole.models]);
    expect(writer.lastResults?.phases.map(({ test }) => test)).toEqual(
      whole.lastResults?.phases.map(({ test }) => test),
    );
  });
});
