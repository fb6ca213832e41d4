import { beforeAll, describe, expect, it } from 'vitest';
import type { Experiment, ModelSettings } from '../../src/config/experiment.ts';
import { loadDataset } from '../../src/data/dataset.ts';
import type { DegradationSettings } from '../../src/data/degradation.ts';
import { eagerOn } from '../../src/executors/eager/executor.ts';
import { cpuBackend } from '../../src/executors/eager/cpu.ts';
import type { Executor } from '../../src/executors/executor.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { buildArchitecture } from '../../src/models/zoo/zoo.ts';
import { MEASURED_VALUES } from '../../src/protocol/records.ts';
import type { Checkpoint, RunControl } from '../../src/runs/writer.ts';
import { MemoryWriter } from './memory-writer.ts';
import { smallExperiment, term, train, type SmallRun } from './small-run.ts';

const executor = onnxCpu({ threads: 1, spinning: false });
const UNDERSAMPLING: DegradationSettings = { kind: 'undersampling', acceleration: 3, centre: 0.1, seed: 2 };
const ADAM = {
  kind: 'adam',
  learningRate: 0.004,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
} as const;
const BLOCKS = [{ teacher: 'cascade2.relu1', student: 'cascade2.relu1' }];
const TERMS = [term('logitsL1'), term('at', { weight: 1, pairs: BLOCKS })];
const SCHEME = [
  'studentAware',
  {
    branches: [['cascade1', 'cascade1']],
    labelWeight: 1,
    imitationWeight: 1,
    temperature: 1,
    direction: 'branchToTeacher',
    constantTeacher: false,
    compare: 'images',
    scale: 'paper',
    shared: true,
    start: 'branches',
  },
] as const;

/** Digits from a third of their spectrum, by two small cascades. */
async function images(run: SmallRun = {}, loss: 'l1' | 'l2' = 'l1') {
  const made = await smallExperiment({
    ...{ train: 60, test: 20, epochs: 3, teacherEpochs: 3, batchSize: 8, optimizer: ADAM },
    ...{ terms: TERMS, hardLabelWeight: 1 },
    ...run,
  });
  const data = { ...made.experiment.data, degradation: UNDERSAMPLING };
  const dataset = await loadDataset(data, { root: made.experiment.root, seed: 1, cacheFolder: null });
  const model = (name: string, settings: Readonly<Record<string, unknown>>): ModelSettings => ({
    ...{ name, source: 'architecture', architecture: 'dccnn' },
    graph: buildArchitecture('dccnn', dataset.shape, 10, { cascades: 2, ...settings }, UNDERSAMPLING),
    train: name === 'teacher' ? { ...made.experiment.train, epochs: run.teacherEpochs ?? 3 } : null,
  });
  const experiment: Experiment = {
    ...made.experiment,
    data,
    task: { kind: 'reconstruction', loss },
    models: {
      teacher: model('teacher', { depth: 3, filters: 6 }),
      student: model('student', { depth: 2, filters: 4 }),
    },
    measure: { ...made.experiment.measure, gap: { enabled: false, everyEpochs: 1 } },
  };
  return { experiment, dataset };
}

/** Everything a run leaves behind, less what is measured on the machine. */
function remains(writer: MemoryWriter) {
  const unmeasured = (values: object) =>
    Object.fromEntries(Object.entries(values).filter(([name]) => !MEASURED_VALUES.includes(name)));
  return {
    metrics: writer.metricsLog.map((one) => ({ ...one, values: unmeasured(one.values) })),
    results: writer.lastResults?.phases.map(unmeasured),
    verdict: writer.lastVerdict,
    models: [...writer.models],
  };
}

function stopAfter(steps: number): RunControl {
  let looks = 0;
  return {
    get request() {
      return looks++ >= steps ? ('stop' as const) : ('none' as const);
    },
    untilResumed: () => Promise.resolve(),
  };
}

describe('a run whose answers are images', () => {
  let made: Awaited<ReturnType<typeof images>>;
  let writer: MemoryWriter;
  beforeAll(async () => {
    made = await images();
    writer = (await train(made, { executor })).writer;
  });
  const results = () => writer.lastResults?.phases ?? [];

  it('makes better images than those that it reads, teacher, student and baseline', () => {
    expect(results().map(({ phase }) => phase)).toEqual(['teacher', 'student', 'baseline']);
    for (const { phase, test, validation } of results()) {
      for (const values of [test, validation])
        expect(Number(values['psnr']), phase).toBeGreaterThan(Number(values['inputPsnr']) + 1);
      expect(test['loss']).toBe(test['loss/image']);
    }
  });

  it('records what is said of images, and nothing of classes', () => {
    const named = new Set(writer.metricsLog.flatMap(({ values }) => Object.keys(values)));
    for (const name of ['psnr', 'ssim', 'inputPsnr', 'loss/image', 'loss/logitsL1', 'loss/at'])
      expect(named, name).toContain(name);
    for (const name of ['accuracy', 'loss/ce', 'macroF1', 'epochAccuracy', 'gap/kl'])
      expect(named, name).not.toContain(name);
    expect(results().every((one) => one.confusion === undefined)).toBe(true);
    expect(writer.gaps).toEqual([]);
  });

  it('keeps the weights of the highest PSNR on validation, and is judged by it in dB', () => {
    const psnr = writer.metricsLog
      .filter(({ phase, split }) => phase === 'student' && split === 'validation')
      .map(({ values }) => Number(values['psnr']));
    const student = results().find(({ phase }) => phase === 'student');
    expect(student?.validation['psnr']).toBe(Math.max(...psnr));
    const baseline = results().find(({ phase }) => phase === 'baseline');
    expect(writer.lastVerdict).toMatchObject({ metric: 'psnr', unit: 'dB', pairs: 1 });
    expect(writer.lastVerdict?.difference).toBeCloseTo(
      Number(student?.test['psnr']) - Number(baseline?.test['psnr']),
      9,
    );
  });

  it('compares the layers of both all the same', () => {
    expect(writer.similarities.length).toBeGreaterThan(0);
  });

  it.each([[[4, 9]], [[13]], [[20, 5]]])('goes on bit for bit after stops at %j', async (stops) => {
    const again = new MemoryWriter();
    let resume: Checkpoint | undefined;
    for (const stop of [...stops, Infinity]) {
      const { outcome } = await train(made, {
        ...{ executor, writer: again, control: stopAfter(stop) },
        ...(resume && { resume }),
      });
      expect(outcome.status).toBe(stop === Infinity ? 'completed' : 'stopped');
      resume = again.checkpoints.at(-1);
    }
    expect(remains(again)).toEqual(remains(writer));
  });
});

describe('a step of such a run', () => {
  const losses = async (on: Executor) => {
    const small = { train: 6, test: 2, validation: 0.34, epochs: 1, teacherEpochs: 1, batchSize: 2 };
    const made = await images({ ...small, scheme: SCHEME, baseline: false }, 'l2');
    const { writer } = await train(made, { executor: on });
    return writer.metricsLog.map(({ phase, split, values }) => ({
      what: `${phase} ${split}`,
      ...{ loss: Number(values['loss']), image: Number(values['loss/image']) },
    }));
  };

  it('is that of eager TensorFlow.js', async () => {
    const [compiled, eager] = [await losses(executor), await losses(eagerOn(cpuBackend))];
    expect(compiled.map(({ what }) => what)).toEqual(eager.map(({ what }) => what));
    compiled.forEach(({ what, loss, image }, at) => {
      expect(loss, what).toBeCloseTo(eager[at]?.loss ?? NaN, 4);
      expect(image, what).toBeCloseTo(eager[at]?.image ?? NaN, 4);
    });
  });
});

describe('a teacher of images that learns with cascades of its student', () => {
  it('drops them, and the student goes on from them', async () => {
    const still = { ...ADAM, learningRate: 1e-12 };
    const { experiment, dataset } = await images({ scheme: SCHEME, baseline: false });
    // The student stands still, so that what it started from can be seen.
    const settings = { ...experiment.train, optimizer: still };
    const { writer } = await train({ experiment: { ...experiment, train: settings }, dataset }, { executor });
    const teacher = writer.models.get('teacher-1') ?? {};
    expect(Object.keys(teacher).every((name) => /^cascade[12]\.conv[123]\//.test(name))).toBe(true);
    const tails = writer.models.get('teacher-tails-1') ?? {};
    expect(Object.keys(tails).sort()).toEqual(
      ['cascade2.conv1/bias', 'cascade2.conv1/kernel', 'cascade2.conv2/bias', 'cascade2.conv2/kernel'].sort(),
    );
    const student = writer.models.get('student-1') ?? {};
    for (const [name, { data }] of Object.entries(tails))
      data.forEach((value, at) => {
        expect(student[name]?.data[at]).toBeCloseTo(value, 5);
      });
    const losses = writer.metricsLog.find(
      ({ phase, split }) => phase === 'teacher' && split === 'train',
    )?.values;
    for (const part of ['loss/image', 'loss/image2', 'loss/sftn'])
      expect(losses?.[part], part).toBeGreaterThan(0);
  });

  it('has the published loss: its own, the mean of the tails’, and their distance from its images', async () => {
    const { writer } = await train(await images({ scheme: SCHEME, epochs: 1, teacherEpochs: 1 }), {
      executor,
    });
    const [first] = writer.metricsLog.filter(
      ({ phase, split }) => phase === 'teacher' && split === 'validation',
    );
    const value = (name: string) => Number(first?.values[name]);
    // One tail: the means are its own.
    expect(value('loss')).toBeCloseTo(value('loss/image') + value('loss/image2') + value('loss/sftn'), 5);
  });
});

describe('a model that learns nothing of images', () => {
  it('is told of, as a teacher too', async () => {
    const still = { ...ADAM, learningRate: 1e-12 };
    const { writer } = await train(
      await images({ ...{ train: 20, epochs: 1, teacherEpochs: 1, optimizer: still }, baseline: false }),
      { executor },
    );
    const told = writer.events.filter(({ kind }) => kind === 'guard').map(({ message }) => message);
    expect(told.filter((message) => /no better images than it reads/.test(message))).toHaveLength(2);
  });
});
