import type {
  EventRecord,
  GapRecord,
  LayersRecord,
  MetricsRecord,
  PhaseResult,
  PictureRecord,
  RunRecord,
  RunStatus,
  SimilarityMeasure,
  SimilarityRecord,
  Verdict,
  VerdictWord,
} from '../../src/protocol/records.ts';
import { SIMILARITY_MEASURES } from '../../src/protocol/records.ts';

export interface SampleOptions {
  readonly seeds?: readonly number[];
  readonly epochs?: number;
  readonly stepsPerEpoch?: number;
  /** Training steps between two records. */
  readonly every?: number;
  readonly status?: RunStatus;
  /** Share of the metrics that have been written. */
  readonly done?: number;
  readonly verdict?: VerdictWord;
  readonly name?: string;
  readonly id?: string;
  readonly classNames?: readonly string[];
}

/** All that a run directory holds, made up but shaped like a real run. The same options make the same run. */
export interface SampleRun {
  readonly record: RunRecord;
  readonly metrics: readonly MetricsRecord[];
  readonly gap: readonly GapRecord[];
  readonly similarity: readonly SimilarityRecord[];
  readonly events: readonly EventRecord[];
  readonly layers: LayersRecord;
  readonly verdict: Verdict | null;
  /** Left out: it has none. */
  readonly pictures?: readonly PictureRecord[];
}

const START = 1_764_000_000;
const DIGITS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
const TEACHER_LAYERS = [
  'stem',
  'stage1.block0',
  'stage1.block1',
  'stage2.block0',
  'stage2.block1',
  'stage3.block0',
  'stage3.block1',
  'pool',
  'head',
];
const STUDENT_LAYERS = ['stem', 'stage1', 'stage2', 'stage3', 'pool', 'head'];
const FINAL_ACCURACY: Readonly<Record<string, number>> = { teacher: 0.991, student: 0.978, baseline: 0.969 };

/** Noise in -1..1 that depends on its arguments alone. */
function noise(...of: readonly number[]): number {
  const mixed = of.reduce((sum, one, index) => sum + one * (12.9898 + 7.233 * index), 0.5);
  const raw = Math.sin(mixed) * 43758.5453;
  return 2 * (raw - Math.floor(raw)) - 1;
}

export function sampleRun(options: SampleOptions = {}): SampleRun {
  const {
    seeds = [1, 2, 3],
    epochs = 8,
    stepsPerEpoch = 94,
    every = 10,
    status = 'completed',
    done = 1,
  } = options;
  const jobs = [
    { phase: 'teacher', seed: seeds[0] ?? 1 },
    ...seeds.flatMap((seed) => [
      { phase: 'student', seed },
      { phase: 'baseline', seed },
    ]),
  ];
  const all: Omit<MetricsRecord, 'seq' | 'time'>[] = jobs.flatMap(({ phase, seed }) =>
    metricsOf(phase, seed, epochs, stepsPerEpoch, every),
  );
  const metrics = all
    .slice(0, Math.floor(all.length * done))
    .map((record, seq): MetricsRecord => ({ seq, time: START + seq * 0.4, ...record }));
  const last = metrics.at(-1);
  const wasReached = ({ phase, seed, epoch }: { phase: string; seed: number; epoch: number }) =>
    metrics.some(
      (one) => one.phase === phase && one.seed === seed && one.epoch === epoch && one.split === 'validation',
    );
  const perEpoch = seeds.flatMap((seed) =>
    Array.from({ length: epochs }, (_, epoch) => ({ phase: 'student', seed, epoch })),
  );
  const verdict = status === 'completed' ? sampleVerdict(options.verdict ?? 'BEATS', seeds.length) : null;
  const results = jobs.map(({ phase, seed }) => resultOf(phase, seed, epochs));
  return {
    metrics,
    verdict,
    gap: perEpoch
      .filter(wasReached)
      .map(({ seed, epoch }) => gapOf(seed, epoch, epochs, options.classNames ?? DIGITS)),
    similarity: perEpoch
      .filter(wasReached)
      .flatMap(({ seed, epoch }) =>
        SIMILARITY_MEASURES.map((measure, index) => similarityOf(seed, epoch, epochs, measure, index)),
      ),
    layers: layersOf(),
    events: jobs
      .filter(({ phase, seed }) => metrics.some((one) => one.phase === phase && one.seed === seed))
      .map(({ phase, seed }, index): EventRecord => ({
        type: 'event',
        time: START + index * 60,
        kind: 'phase',
        message: `${phase} with seed ${seed}: ${epochs} epochs`,
        phase,
        seed,
      })),
    record: {
      formatVersion: 1,
      id: options.id ?? '2026-11-23-mnist-1',
      name: options.name ?? 'MNIST, ConvNet to MLP',
      config: '/home/ada/digits/mnist.kd.yaml',
      root: '/home/ada/digits',
      configHash: 'c0ffee',
      overrides: [],
      seeds,
      status,
      createdAt: new Date(START * 1000).toISOString(),
      startedAt: new Date(START * 1000).toISOString(),
      ...(['completed', 'failed', 'stopped'].includes(status) && {
        finishedAt: new Date((START + 280) * 1000).toISOString(),
      }),
      environment: {
        product: '0.1.0',
        node: 'v20.19.0',
        platform: 'linux x64',
        cpu: 'Intel(R) Xeon(R)',
        cores: 2,
        memoryGigabytes: 24,
        executor: 'ONNX Runtime, CPU',
        refused: [{ name: 'CUDA', reason: 'no NVIDIA driver was found' }],
        packages: {},
      },
      ...(last && {
        progress: {
          phase: last.phase,
          seed: last.seed,
          epoch: last.epoch,
          epochs,
          step: last.step,
          done: metrics.length / all.length,
          secondsLeft: (all.length - metrics.length) * 0.4,
        },
      }),
      ...(status === 'completed' && { results: { phases: results, verdict } }),
      ...(status === 'failed' && {
        failure: {
          code: 'KD4003',
          message: 'the term "kd" became NaN in step 214 of the student (seed 2)',
          help: 'lower train.optimizer.sgd.learningRate, then resume from the last checkpoint',
        },
      }),
    },
  };
}

function metricsOf(phase: string, seed: number, epochs: number, stepsPerEpoch: number, every: number) {
  const records: Omit<MetricsRecord, 'seq' | 'time'>[] = [];
  const total = epochs * stepsPerEpoch;
  const isDistilled = phase === 'student';
  const salt = seed * 31 + phase.length;
  const learningRate = (step: number) => 0.05 * 0.5 * (1 + Math.cos((Math.PI * step) / total));
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    for (let step = epoch * stepsPerEpoch + every; step <= (epoch + 1) * stepsPerEpoch; step += every) {
      const fall = Math.exp((-5 * step) / total);
      const ce = 0.06 + 2.2 * fall * fall + 0.05 * noise(salt, step) * (0.3 + fall);
      const kd = 0.09 + 1.6 * fall + 0.06 * noise(salt, step, 1) * (0.3 + fall);
      records.push({
        phase,
        seed,
        epoch,
        step,
        split: 'train',
        values: {
          loss: isDistilled ? 0.1 * ce + 0.9 * kd : ce,
          ...(isDistilled && {
            'loss/ce': ce,
            'loss/kd': kd,
            'gradientShare/ce': 0.3 + 0.1 * noise(salt, epoch, 7),
            'gradientShare/kd': 0.7 - 0.1 * noise(salt, epoch, 7),
          }),
          accuracy: accuracyAt(phase, step / total) + 0.01 * noise(salt, step, 2),
          learningRate: learningRate(step),
          imagesPerSecond: 5200 + 300 * noise(salt, step, 3),
          memoryMegabytes: 310 + 2 * epoch,
        },
      });
    }
    const step = (epoch + 1) * stepsPerEpoch;
    const fall = Math.exp((-5 * step) / total);
    const ce = 0.07 + 2.2 * fall * fall + 0.02 * noise(salt, epoch, 4);
    records.push({
      phase,
      seed,
      epoch,
      step,
      split: 'validation',
      values: {
        loss: ce,
        ...(isDistilled && { 'loss/ce': ce, 'loss/kd': 0.1 + 1.6 * fall + 0.02 * noise(salt, epoch, 5) }),
        accuracy: accuracyAt(phase, step / total) + 0.002 * noise(salt, epoch, 6),
      },
    });
  }
  return records;
}

function accuracyAt(phase: string, share: number): number {
  return (FINAL_ACCURACY[phase] ?? 0.9) - 0.6 * Math.exp(-7 * share);
}

function gapOf(seed: number, epoch: number, epochs: number, names: readonly string[]): GapRecord {
  const fall = Math.exp((-4 * (epoch + 1)) / epochs);
  const perClass = names.map((name, index) => {
    const teacherAccuracy = Math.min(1, 0.985 + 0.012 * noise(index, 1));
    const behind = 0.004 + 0.02 * Math.abs(noise(index, 2)) + 0.25 * fall;
    return {
      name,
      count: 90 + (index % 7) * 4,
      teacherAccuracy,
      studentAccuracy: Math.min(1, teacherAccuracy - behind + 0.012 * (1 + noise(index, seed, epoch))),
      kl: 0.03 + 0.02 * Math.abs(noise(index, 3)) + 0.6 * fall,
      js: 0.01 + 0.005 * Math.abs(noise(index, 3)) + 0.12 * fall,
      agreement: Math.max(0, teacherAccuracy - behind / 2),
    };
  });
  const mean = (value: (row: (typeof perClass)[number]) => number) =>
    perClass.reduce((sum, row) => sum + value(row), 0) / perClass.length;
  return {
    phase: 'student',
    seed,
    epoch,
    kl: mean(({ kl }) => kl),
    js: mean(({ js }) => js),
    softened: { temperature: 4, kl: 0.01 + 0.1 * fall, js: 0.002 + 0.02 * fall },
    teacherCalibrationError: 0.012,
    studentCalibrationError: 0.02 + 0.05 * fall + 0.002 * noise(seed, epoch),
    agreement: 0.975 - 0.4 * fall + 0.003 * noise(seed, epoch),
    teacherAccuracy: mean(({ teacherAccuracy }) => teacherAccuracy),
    studentAccuracy: mean(({ studentAccuracy }) => studentAccuracy),
    perClass,
  };
}

function layersOf(): LayersRecord {
  const side = (model: string, architecture: string, names: readonly string[], width: number) => ({
    model,
    architecture,
    layers: names.map((name, at) => ({
      ...{ name, path: `${name}.out`, main: !name.includes('.') },
      shape: ['pool', 'head'].includes(name)
        ? [width]
        : [28 >> Math.floor((3 * at) / names.length), 28, width],
    })),
  });
  const teacher = side('teacher', 'resnet20', TEACHER_LAYERS, 64);
  const student = side('student', 'resnet8', STUDENT_LAYERS, 16);
  return {
    formatVersion: 1,
    meetings: [
      {
        ...{ phase: 'student', method: 'fitnet', batch: 64, teacher, student },
        adapters: teacher.layers.map((large) =>
          student.layers.map((small) =>
            large.shape.length === 3 && small.shape.length === 3
              ? { parameters: 1_216, multiplyAdds: 802_816, kernels: ['1x1x16x64'] }
              : null,
          ),
        ),
        matched: [{ teacher: 'stage2.block1', student: 'stage2' }],
        cost: { comparisons: 24, milliseconds: 1_860, share: 0.012 },
      },
    ],
  };
}

function similarityOf(
  seed: number,
  epoch: number,
  epochs: number,
  measure: SimilarityMeasure,
  index: number,
): SimilarityRecord {
  const grown = (1 - Math.exp((-3 * (epoch + 1)) / epochs)) * (1 - 0.1 * index);
  return {
    phase: 'student',
    seed,
    epoch,
    measure,
    samples: 128,
    batches: 4,
    errors: TEACHER_LAYERS.map((_, i) =>
      STUDENT_LAYERS.map((_name, j) => 0.01 + 0.005 * Math.abs(noise(i, j, 9))),
    ),
    teacherLayers: TEACHER_LAYERS,
    studentLayers: STUDENT_LAYERS,
    values: TEACHER_LAYERS.map((_, i) =>
      STUDENT_LAYERS.map((_name, j) => {
        const apart = i / (TEACHER_LAYERS.length - 1) - j / (STUDENT_LAYERS.length - 1);
        return Math.min(
          1,
          Math.max(0, 0.12 + 0.82 * grown * Math.exp(-6 * apart * apart) + 0.03 * noise(i, j, seed)),
        );
      }),
    ),
  };
}

function resultOf(phase: string, seed: number, epochs: number): PhaseResult {
  const accuracy = (FINAL_ACCURACY[phase] ?? 0.9) + 0.001 * noise(seed, phase.length);
  const isTeacher = phase === 'teacher';
  return {
    phase,
    model: isTeacher ? 'teacher' : 'student',
    seed,
    epochs,
    validation: { accuracy: accuracy + 0.001, loss: 0.08 },
    test: { accuracy, loss: 0.09 },
    bestEpoch: epochs - 2,
    lastEpoch: epochs - 1,
    lastValidation: { accuracy, loss: 0.09 },
    parameters: isTeacher ? 272_474 : 78_042,
    multiplyAdds: isTeacher ? 40_550_000 : 12_500_000,
    bytes: isTeacher ? 1_089_896 : 312_168,
    millisecondsPerStep: isTeacher ? 42.1 : 12.4,
    imagesPerSecond: isTeacher ? 1520 : 5160,
  };
}

function sampleVerdict(verdict: VerdictWord, pairs: number): Verdict {
  const common = {
    verdict,
    metric: 'accuracy',
    unit: 'points',
    level: 0.95,
    pairs,
    test: 'paired t-test',
  } as const;
  switch (verdict) {
    case 'BEATS':
      return { ...common, difference: 0.87, interval: [0.41, 1.33] };
    case 'NO BEATS':
      return { ...common, difference: -0.22, interval: [-0.61, 0.17] };
    case 'INCONCLUSIVE':
      return {
        ...common,
        difference: 0.3,
        interval: null,
        pairs: 2,
        note: 'Two pairs are too few for an interval; use three seeds or more.',
      };
  }
}
