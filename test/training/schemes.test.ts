import { describe, expect, it } from 'vitest';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { initialParameters } from '../../src/models/initialize.ts';
import { parameterSpecs } from '../../src/models/parameters.ts';
import { smallExperiment, term, train, type SmallRun } from './small-run.ts';

const executor = onnxCpu({ threads: 1, spinning: false });
const KD = term('kd', { weight: 0.9, parameters: { temperature: 3 } });
const PAIR = [{ teacher: 'stage2', student: 'stage2' }];

/** One short run of every scheme. */
const RUNS: Readonly<Record<string, SmallRun>> = {
  offline: {},
  'multiTeacher, average': {
    scheme: ['multiTeacher', { combine: 'average' }],
    from: ['teacher', 'middle'],
  },
  'multiTeacher, weights': {
    scheme: ['multiTeacher', { combine: { weights: [3, 1] } }],
    from: ['teacher', 'middle'],
  },
  'multiTeacher, random': {
    scheme: ['multiTeacher', { combine: 'random' }],
    from: ['teacher', 'middle'],
  },
  'multiTeacher, byQuality': {
    scheme: ['multiTeacher', { combine: 'byQuality' }],
    from: ['teacher', 'middle'],
  },
  'multiTeacher, one for each kind of knowledge': {
    scheme: ['multiTeacher', { combine: 'average' }],
    from: ['teacher', 'middle'],
    terms: [{ ...KD, from: ['teacher'] }, term('fitnet', { from: ['middle'], pairs: PAIR })],
  },
  chain: { scheme: ['chain', { through: ['teacher', 'middle', 'student'] }] },
  'online, of one kind': { scheme: ['online', { peers: 3, combine: 'each' }] },
  'online, of several kinds': {
    scheme: ['online', { peers: ['middle'], combine: 'average' }],
    terms: [KD, term('at', { weight: 10, pairs: PAIR })],
  },
  'online, exchange': { scheme: ['online', { peers: 2, combine: 'each', exchange: { steps: 3 } }] },
  'online, with a teacher for one term': {
    scheme: ['online', { peers: 2, combine: 'each' }],
    from: ['teacher'],
    terms: [KD, { ...term('fitnet', { pairs: PAIR }), from: ['teacher'] }],
  },
  'branches, with a teacher': {
    scheme: ['branches', { copies: { count: 3, at: 'stage1' } }],
    from: ['teacher'],
  },
  'branches, exits': { scheme: ['branches', { exits: ['stage1', 'stage2'] }], from: ['teacher'] },
  'self, earlier': { scheme: ['self', { earlier: { epochs: 1 }, bestSoFar: false }] },
  'self, best so far': { scheme: ['self', { bestSoFar: true }] },
  'self, labels alone': {
    scheme: ['self', { bestSoFar: false }],
    terms: [term('labelSmoothing'), term('tfkdReg')],
  },
  'self, own attention': {
    scheme: ['self', { bestSoFar: false }],
    terms: [term('sad', { layers: ['stage1', 'stage2'] })],
  },
  'self, snapshot': {
    scheme: ['self', { earlier: { epochs: 1 }, bestSoFar: false }],
    terms: [term('snapshot')],
  },
  'peers with a leader': { scheme: ['online', { peers: 3, combine: 'each' }], terms: [term('okddip')] },
  'mutual learning': { scheme: ['online', { peers: 2, combine: 'each' }], terms: [term('dml')] },
  'co-distillation': {
    scheme: ['online', { peers: 2, combine: 'each', exchange: { steps: 3 } }],
    terms: [term('codistillation')],
  },
  'adversarial feature maps': {
    scheme: ['online', { peers: 2, combine: 'each' }],
    terms: [term('dml'), term('afd', { pairs: PAIR })],
  },
  'branches with a gate': {
    scheme: ['branches', { copies: { count: 3, at: 'stage1' } }],
    terms: [term('one')],
  },
  'be your own teacher': {
    scheme: ['branches', { exits: ['stage1', 'stage2'] }],
    hardLabelWeight: 1,
    terms: [term('byot')],
  },
  adversarial: { scheme: ['adversarial', {}], terms: [KD, term('gankd')] },
  'data-free': {
    scheme: [
      'dataFree',
      {
        generator: { dafl: { oneHot: 1, entropy: 5, activation: 0.1 } },
        latent: 8,
        filters: 8,
        stepsPerEpoch: 4,
        generatorSteps: 1,
        studentSteps: 1,
        learningRate: 1e-3,
      },
    ],
    terms: [term('kd', { parameters: { temperature: 1 } })],
  },
  'data-free, against the student': {
    scheme: [
      'dataFree',
      {
        generator: { dfad: {} },
        latent: 8,
        filters: 8,
        stepsPerEpoch: 6,
        generatorSteps: 1,
        studentSteps: 2,
        learningRate: 1e-3,
      },
    ],
    terms: [term('logitsL1')],
  },
  'factor transfer': { terms: [term('ft', { pairs: PAIR })] },
  'factor transfer, paraphraser ahead': {
    terms: [term('ft', { pairs: PAIR, parameters: { aheadEpochs: 2 } })],
  },
  'student-aware teacher': {
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
        shared: false,
        start: 'fresh',
      },
    ],
  },
  'student-aware teacher, shared branches that the student starts from': {
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
        direction: 'teacherToBranch',
        constantTeacher: true,
        shared: true,
        start: 'branches',
      },
    ],
  },
  'interactive, of one kind': { scheme: ['interactive', { assistants: 2, rounds: 2, epochs: 1 }] },
  'interactive, of several kinds': {
    scheme: ['interactive', { assistants: ['teacher', 'middle'], rounds: 1, epochs: 2 }],
  },
  'one term for another student': {
    terms: [KD, term('fitnet', { pairs: PAIR, to: ['middle'] })],
    alsoTo: ['middle'],
  },
  'two views': { terms: [term('mlkd')], strongAugment: [{ kind: 'randomCrop', padding: 3 }] },
  'student-friendly refinement': {
    refine: [
      {
        id: 'simplifier',
        refiner: 'simplifier',
        parameters: { tokens: 'class', heads: 2, width: 4 },
      },
    ],
    terms: [
      term('dkd'),
      term('at', { pairs: PAIR }),
      term('crd', { pairs: PAIR, weight: 0.01, parameters: { negatives: 8, dimensions: 4 } }),
    ],
  },
  'confidence and consistency of two views': {
    terms: [term('ccd'), term('consKd')],
    strongAugment: [{ kind: 'randomCrop', padding: 3 }],
  },
  'an adapter on the teacher, and tight classes': {
    terms: [term('pesfkd', { pairs: PAIR }), term('cskd', { layers: ['stage2'] })],
  },
  hierarchical: {
    terms: [
      term('kdexplainerMidcls', { layers: ['stage1'] }),
      term('kdexplainerHier', {
        layers: ['stage2'],
        parameters: {
          clusters: [
            [
              [0, 1, 2, 3, 4],
              [5, 6, 7, 8, 9],
            ],
          ],
        },
      }),
    ],
  },
  'attention graph': {
    teacher: 'resnet8',
    student: 'resnet8',
    train: 40,
    epochs: 1,
    terms: [
      term('mhgd', { pairs: ['stage1', 'stage2'].map((stage) => ({ teacher: stage, student: stage })) }),
    ],
  },
  progressive: {
    scheme: [
      'progressive',
      {
        blocks: [
          ['stage1', 'stage1'],
          ['stage2', 'stage2'],
        ],
        epochs: 1,
      },
    ],
    terms: [KD, term('fitnet', { pairs: PAIR })],
  },
};

describe('a run of the scheme', () => {
  it.each(Object.entries(RUNS))('%s trains, keeps the student alone and judges it', async (_name, run) => {
    const small = await smallExperiment({ epochs: 3, train: 90, batchSize: 16, ...run });
    const { outcome, writer } = await train(small, { executor });
    expect(outcome.status).toBe('completed');
    const { phases, verdict } = outcome.results;
    const student = phases.find(({ phase }) => phase === 'student');
    expect(student?.test['accuracy']).toBeGreaterThanOrEqual(0);
    expect(verdict?.pairs).toBe(1);
    const kept = writer.models.get('student-1') ?? {};
    const model = small.experiment.models['student'];
    expect(Object.keys(kept).sort()).toEqual(
      model === undefined
        ? []
        : parameterSpecs(model.graph)
            .map(({ name }) => name)
            .sort(),
    );
    const losses = writer.metricsLog.filter(({ split, phase }) => split === 'train' && phase === 'student');
    for (const { values } of losses) for (const value of Object.values(values)) expect(value).not.toBe('NaN');
  });
});

describe('a method with another classifier', () => {
  it('answers, is chosen and is kept with it', async () => {
    const small = await smallExperiment({
      epochs: 2,
      baseline: false,
      hardLabelWeight: 0,
      teacher: 'resnet8',
      student: 'resnet8',
      train: 60,
      terms: [term('simkd', { pairs: [{ teacher: 'stage3', student: 'stage3' }] })],
    });
    const { outcome, writer } = await train(small, { executor });
    expect(outcome.status).toBe('completed');
    const kept = Object.keys(writer.models.get('student-1') ?? {});
    expect(kept.some((name) => name.startsWith('term:simkd/'))).toBe(true);
  });
});

describe('peers', () => {
  it('are reported and kept beside the student, and start differently', async () => {
    const small = await smallExperiment({
      epochs: 1,
      baseline: false,
      scheme: ['online', { peers: 2, combine: 'each' }],
    });
    const { outcome, writer } = await train(small, { executor });
    expect(outcome.results.phases.map(({ phase }) => phase)).toEqual(['student', 'student-2']);
    expect([...writer.models.keys()]).toEqual(['student-1', 'student-2-1']);
    const [one, other] = ['student-1', 'student-2-1'].map(
      (name) => writer.models.get(name)?.['stage1.conv/kernel'],
    );
    expect(one?.data).not.toEqual(other?.data);
    const [first] = writer.metricsLog;
    expect(Object.keys(first?.values ?? {})).toContain('student-2/loss/kd');
  });
});

describe('copies', () => {
  it('say nothing before they are taken', async () => {
    const alone = { epochs: 1, baseline: false, train: 90, batchSize: 16, hardLabelWeight: 1 };
    const silent = await smallExperiment({
      ...alone,
      scheme: ['self', { earlier: { epochs: 1 }, bestSoFar: false }],
    });
    const taught = (await train(silent, { executor })).writer.models.get('student-1');
    const plain = await smallExperiment({ ...alone, baseline: true });
    const baseline = (await train(plain, { executor })).writer.models.get('baseline-1');
    for (const [name, { data }] of Object.entries(baseline ?? {})) expect(taught?.[name]?.data).toEqual(data);
  });
});

describe('a block of progressive distillation', () => {
  it('moves the layers up to its own, and no others', async () => {
    const small = await smallExperiment({
      epochs: 1,
      baseline: false,
      scheme: ['progressive', { blocks: [['stage1', 'stage1']], epochs: 1 }],
      terms: [term('fitnet', { pairs: PAIR })],
    });
    const { writer } = await train(small, { executor });
    const block = writer.models.get('student-block1-1') ?? {};
    const student = small.experiment.models['student'];
    const start = student === undefined ? {} : initialParameters(student.graph, 1, 'student');
    expect(block['stage1.conv/kernel']?.data).not.toEqual(start['stage1.conv/kernel']);
    for (const name of ['stage2.conv/kernel', 'hidden1.fc/kernel', 'head.fc/bias'])
      expect(block[name]?.data).toEqual(start[name]);
  });
});
