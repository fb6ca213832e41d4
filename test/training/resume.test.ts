import { beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { Validator } from '../../src/config/check/validate.ts';
import { toPhase, type WrittenPhase } from '../../src/config/phases/read.ts';
import { writtenPhases } from '../../src/config/phases/write.ts';
import { Report } from '../../src/config/report.ts';
import { phasesField } from '../../src/config/schema/phases.ts';
import { Source } from '../../src/config/syntax/source.ts';
import { parseConfig } from '../../src/config/syntax/parse.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { schemes } from '../../src/schemes/index.ts';
import type { Phase } from '../../src/schemes/phase.ts';
import { MEASURED_VALUES } from '../../src/protocol/records.ts';
import type { Checkpoint, RunControl } from '../../src/runs/writer.ts';
import { MemoryWriter } from './memory-writer.ts';
import { smallExperiment, term, train, type SmallRun } from './small-run.ts';

const executor = onnxCpu({ threads: 1, spinning: false });
const STAGE = [{ teacher: 'stage2', student: 'stage2' }];

const ADAM: SmallRun = {
  train: 90,
  epochs: 2,
  teacherEpochs: 2,
  seeds: [1, 2],
  batchSize: 16,
  augment: [{ kind: 'randomCrop', padding: 2 }],
  optimizer: {
    kind: 'adam',
    learningRate: { kind: 'cosine', from: 0.01, to: 0, over: { unit: 'epochs', value: 2 } },
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    weightDecay: 1e-4,
  },
  terms: [
    term('kd', { weight: { kind: 'linear', from: 1, to: 0.5, over: { unit: 'epochs', value: 2 } } }),
    term('fitnet', { pairs: STAGE }),
    term('l2', {
      pairs: STAGE.map((pair) => ({ ...pair, adapter: { kind: 'conv3x3', batchNorm: true } as const })),
    }),
    term('at', { weight: 10, pairs: STAGE, start: 1 }),
    // A memory and random draws.
    term('crd', { weight: 0.01, pairs: STAGE, parameters: { negatives: 8, dimensions: 4 } }),
  ],
};

/** Everything that the loop carries from step to step beside what Adam does. */
const CARRIED: SmallRun = {
  ...ADAM,
  seeds: [1],
  optimizer: {
    kind: 'rmsprop',
    learningRate: { kind: 'linear', from: 0.01, to: 0.001, over: { unit: 'steps', value: 8 } },
    alpha: 0.9,
    epsilon: 1e-3,
    momentum: 0.5,
    centered: true,
    weightDecay: 0.01,
    decoupledDecay: true,
  },
  settings: {
    gradientClipping: { by: 'norm', limit: 1 },
    gradientAccumulation: 2,
    ema: { decay: 0.9, warmUp: true },
  },
};

/** Everything a run leaves behind, less what is measured on the machine. */
function remains(writer: MemoryWriter) {
  const unmeasured = (values: object) =>
    Object.fromEntries(Object.entries(values).filter(([name]) => !MEASURED_VALUES.includes(name)));
  const last = <T extends { phase: string; seed: number; epoch: number }>(records: readonly T[]) => [
    ...new Map(records.map((one) => [`${one.phase} ${one.seed} ${one.epoch}`, one])).values(),
  ];
  return {
    metrics: writer.metricsLog.map((one) => ({ ...one, values: unmeasured(one.values) })),
    results: writer.lastResults?.phases.map(unmeasured),
    verdict: writer.lastVerdict,
    gaps: last(writer.gaps),
    similarities: last(writer.similarities),
    pictures: last(writer.pictures),
    models: [...writer.models].map(([name, tensors]) => [name, tensors]),
  };
}

/** Phases after they were written into a config and read from it. */
function rewritten(phases: readonly Phase[]): readonly Phase[] {
  const report = new Report('phases');
  const tree = parseConfig(new Source('phases', stringify(writtenPhases(phases))), report).root;
  const value = tree === null ? null : new Validator(report, true).validate(phasesField, tree);
  expect(report.diagnostics).toEqual([]);
  return (value as readonly WrittenPhase[]).map((phase) => toPhase(phase, [], () => false));
}

const resumed: string[] = [];

/** Asks to stop when the loop has looked `steps` times. */
function stopAfter(steps: number): RunControl {
  let looks = 0;
  return {
    get request() {
      return looks++ >= steps ? ('stop' as const) : ('none' as const);
    },
    untilResumed: () => Promise.resolve(),
  };
}

/** Trains with a stop after each of these numbers of looks, and then to the end. */
async function withStops(made: Awaited<ReturnType<typeof smallExperiment>>, stops: readonly number[]) {
  const writer = new MemoryWriter();
  let resume: Checkpoint | undefined;
  for (const stop of stops) {
    const { outcome } = await train(made, {
      executor,
      writer,
      control: stopAfter(stop),
      ...(resume && { resume }),
    });
    expect(outcome.status).toBe('stopped');
    resume = writer.checkpoints.at(-1);
  }
  const { outcome } = await train(made, { executor, writer, ...(resume && { resume }) });
  expect(outcome.status).toBe('completed');
  return writer;
}

describe('going on from a checkpoint', () => {
  let made: Awaited<ReturnType<typeof smallExperiment>>;
  let whole: ReturnType<typeof remains>;
  beforeAll(async () => {
    made = await smallExperiment(ADAM);
    whole = remains((await train(made, { executor })).writer);
  });

  it('the run that is compared with did all the work', () => {
    expect(whole.results).toHaveLength(5);
    expect(whole.metrics.length).toBeGreaterThan(60);
  });

  // Steps of a training: 2 epochs of 5 batches (72 samples in batches of 16). Five trainings, so 50 looks.
  it.each([[[0, 3, 9]], [[11, 1, 6, 14]], [[27, 17]]])(
    'is bit for bit the run that was never stopped: stops after %j',
    async (stops) => {
      expect(remains(await withStops(made, stops))).toEqual(whole);
    },
  );

  it.each([4, 31, 55])(
    'is the same after a kill at record %i, with records beyond the checkpoint cut off',
    async (at) => {
      const writer = new MemoryWriter();
      writer.onMetrics = () => {
        if (writer.metricsLog.length === at) throw new Error('killed');
      };
      // A checkpoint after every step that takes any time: kills then fall close behind one.
      await expect(train(made, { executor, writer, checkpointMilliseconds: 20 })).rejects.toThrow('killed');
      writer.onMetrics = () => undefined;
      const resume = writer.checkpoints.at(-1);
      if (resume !== undefined) writer.cutBackTo(resume);
      else writer.metricsLog = [];
      await train(made, { executor, writer, ...(resume && { resume }) });
      expect(remains(writer)).toEqual(whole);
    },
  );

  it('is bit for bit the same in the middle of an accumulated gradient, with a mean of the weights', async () => {
    const carried = await smallExperiment(CARRIED);
    const { writer } = await train(carried, { executor });
    const stopped = await withStops(carried, [1, 2, 6, 4]);
    expect(remains(stopped)).toEqual(remains(writer));
    const names = Object.keys(stopped.checkpoints[0]?.tensors ?? {});
    const prefixes = new Set(names.filter((name) => name.includes(':')).map((name) => name.split(':')[0]));
    expect([...prefixes].sort()).toEqual([
      'average',
      'gradientSum',
      'meanGradient',
      'meanSquare',
      'momentum',
    ]);
  });

  it.each<[string, SmallRun]>([
    ['peers', { scheme: ['online', { peers: 2, combine: 'each' }] }],
    ['copies of peers', { scheme: ['online', { peers: 2, combine: 'each', exchange: { steps: 3 } }] }],
    ['one teacher', {}],
    [
      'several teachers',
      {
        scheme: ['multiTeacher', { combine: { weights: [3, 1] } }],
        from: ['teacher', 'middle'],
        terms: [
          term('kd'),
          term('crd', {
            weight: 0.01,
            pairs: STAGE,
            from: ['middle'],
            parameters: { negatives: 8, dimensions: 4 },
          }),
        ],
      },
    ],
    ['assistants', { scheme: ['chain', { through: ['teacher', 'middle', 'student'] }] }],
    ['branches', { scheme: ['branches', { copies: { count: 2, at: 'stage1' } }], terms: [term('one')] }],
    ['the best self so far', { scheme: ['self', { bestSoFar: true }] }],
    ['a discriminator', { scheme: ['adversarial', {}], terms: [term('kd'), term('gankd')] }],
    [
      'a generator',
      {
        scheme: [
          'dataFree',
          {
            generator: { dafl: { oneHot: 1, entropy: 5, activation: 0.1 } },
            latent: 8,
            filters: 8,
            stepsPerEpoch: 5,
            generatorSteps: 1,
            studentSteps: 2,
            learningRate: 1e-3,
          },
        ],
        terms: [term('kd', { parameters: { temperature: 1 } })],
      },
    ],
    ['a paraphraser ahead', { terms: [term('ft', { pairs: STAGE, parameters: { aheadEpochs: 2 } })] }],
    [
      'a student-aware teacher',
      {
        scheme: [
          'studentAware',
          {
            branches: [
              ['stage1', 'stage1'],
              ['stage2', 'stage2'],
            ],
            labelWeight: 1,
            imitationWeight: 1,
            temperature: 1,
            direction: 'branchToTeacher',
            constantTeacher: false,
            shared: true,
            start: 'branches',
          },
        ],
      },
    ],
    ['rounds of interaction', { scheme: ['interactive', { assistants: 2, rounds: 2, epochs: 1 }] }],
    ['an earlier self', { scheme: ['self', { earlier: { epochs: 1 }, bestSoFar: false }] }],
    ['exits', { scheme: ['branches', { exits: ['stage1'] }], from: ['teacher'] }],
    [
      'a teacher drawn in each step',
      { scheme: ['multiTeacher', { combine: 'random' }], from: ['teacher', 'middle'] },
    ],
    [
      'a learned simplifier of the teacher',
      {
        refine: [
          {
            id: 'simplifier',
            refiner: 'simplifier',
            parameters: { temperature: 4, tokens: 'batch', heads: 2, width: 4, residual: true },
          },
        ],
      },
    ],
    [
      'a search on validation, and a detector of regions',
      {
        terms: [
          term('fitnet', {
            pairs: STAGE,
            refine: [
              {
                id: 'dafa',
                refiner: 'dafa',
                parameters: {
                  relaxation: 0.5,
                  magnitudeGradient: 'operation',
                  searchEpochs: 1,
                  searchEvery: 2,
                  searchLearningRate: 0.01,
                },
              },
              {
                id: 'dam',
                refiner: 'dam',
                parameters: { regions: 2, detectorWeight: 1, mask: 'sum' },
              },
            ],
          }),
        ],
      },
    ],
    [
      'views of the teacher’s own',
      { teacherView: 'separate', augment: [{ kind: 'randomCrop', padding: 2 }] },
    ],
    [
      'the best self so far',
      {
        scheme: ['self', { bestSoFar: true }],
        terms: [term('adaptiveSmoothing', { parameters: { temperature: 1 } })],
      },
    ],
    [
      'an adapter on the teacher',
      {
        terms: [
          term('pesfkd', {
            pairs: STAGE,
            parameters: {
              temperature: 6,
              bottleneck: 4,
              labels: 1,
              opponentLearningRate: 1e-3,
              form: 'paper',
            },
          }),
        ],
      },
    ],
    [
      'grafts, few samples a class, and teachers that count by their accuracy',
      {
        scheme: [
          'grafting',
          {
            blocks: [
              ['stage1', 'stage1'],
              ['stage2', 'stage2'],
            ],
            epochs: 1,
            jointEpochs: 1,
            shots: 4,
            combine: { byScore: { power: 2 } },
          },
        ],
        from: ['teacher', 'middle'],
        joints: ['stage1', 'stage2'],
        terms: [term('kd'), term('netgraft', { parameters: { normalized: true, reduction: 'mean' } })],
      },
    ],
    [
      'blocks',
      {
        scheme: ['progressive', { blocks: [['stage1', 'stage1']], epochs: 1 }],
        terms: [term('kd'), term('fitnet', { pairs: STAGE })],
      },
    ],
  ])('is bit for bit the same with %s', async (_what, scheme) => {
    const small = await smallExperiment({ train: 90, batchSize: 16, epochs: 2, teacherEpochs: 1, ...scheme });
    const { writer } = await train(small, { executor });
    // The same phases, written out and read again.
    const phases = rewritten(small.experiment.phases);
    const written = { ...small, experiment: { ...small.experiment, phases } };
    expect(remains(await withStops(written, [6, 3, 5, 4]))).toEqual(remains(writer));
    resumed.push(small.experiment.distill.scheme);
  });

  it('is tried with every scheme', () => {
    // `book` needs a shelf: book.test.ts.
    expect(schemes.map(({ name }) => name).filter((name) => !resumed.includes(name))).toEqual(['book']);
  });

  it('refuses a checkpoint of other work', async () => {
    const writer = new MemoryWriter();
    await train(made, { executor, writer, control: stopAfter(12) });
    const resume = writer.checkpoints.at(-1);
    if (resume === undefined) throw new Error('no checkpoint');
    const other = { ...resume, meta: { ...resume.meta, phase: 'other' } };
    await expect(train(made, { executor, resume: other })).rejects.toMatchObject({
      problem: { code: 'KD4007' },
    });
  });

  it('is the same after a pause in the middle, which has a checkpoint of its own', async () => {
    const writer = new MemoryWriter();
    const pausedAt: number[] = [];
    let looks = 0;
    const { outcome } = await train(made, {
      executor,
      writer,
      control: {
        get request() {
          return looks++ === 7 ? 'pause' : 'none';
        },
        untilResumed: () => {
          pausedAt.push(writer.checkpoints.at(-1)?.meta.step ?? -1);
          return Promise.resolve();
        },
      },
    });
    expect(outcome.status).toBe('completed');
    expect(pausedAt).toEqual([7]);
    expect(remains(writer)).toEqual(whole);
  });
});
