import type { BookSettings } from '../../src/book/settings.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import type { AugmentSettings } from '../../src/data/settings.ts';
import type { ModelGraph } from '../../src/models/description.ts';
import { buildArchitecture } from '../../src/models/zoo/zoo.ts';
import type { Phase } from '../../src/schemes/phase.ts';
import type { BatchSizes } from '../../src/training/phase-program.ts';

/** What is measured on: images of CIFAR's size in as many classes as CIFAR-100 has. */
export const SHAPE = [32, 32, 3] as const;
export const CLASSES = 100;

export const RATES = { learningRate: 0.05, momentum: 0.9 } as const;
export const DISTILLATION = { temperature: 4, kdWeight: 0.9, hardLabelWeight: 0.1 } as const;

/** A model of the zoo, and its settings where they differ from those of its name. */
export interface NetworkName {
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

export function networkOf({ name, settings }: NetworkName): ModelGraph {
  return buildArchitecture(name, [...SHAPE], CLASSES, settings);
}

/** Hard labels alone, or a frozen teacher beside them. */
export function phaseOf(taught: boolean): Phase {
  return {
    name: taught ? 'student' : 'baseline',
    train: [{ instance: 'student', model: 'student' }],
    freeze: taught ? ['teacher'] : [],
    loss: taught ? 'distill' : 'task',
    epochs: 1,
    settingsOf: { experiment: true },
    perSeed: true,
  };
}

/** Full batches alone, to train and to answer; no evaluation and no measurements. */
export function sizesOf(batch: number): BatchSizes {
  return {
    ...{ train: batch, predict: batch, shares: batch },
    ...{ accumulate: 0, trainLast: 0, evaluate: 0, evaluateLast: 0, probe: 0, attention: 0 },
  };
}

/** How a student is taught, where it is not by the logits of a live teacher that sees plain images. */
export interface Lessons {
  readonly augment?: readonly AugmentSettings[];
  /** Layers of both networks whose attention maps are compared, beside the logits. */
  readonly maps?: readonly string[];
  readonly book?: BookSettings | null;
}

/** As much of an experiment as planning a phase and feeding its steps reads. */
export function experimentOf(
  student: ModelGraph,
  teacher: ModelGraph | null,
  batchSize: number,
  { augment = [], maps = [], book = null }: Lessons = {},
): Experiment {
  const model = (name: string, graph: ModelGraph) => ({
    name,
    source: 'architecture' as const,
    architecture: graph.architecture,
    graph,
    train: null,
  });
  const term = { layers: [], from: null, refine: [], start: 0, end: null };
  const experiment = {
    data: { format: 'cifar', augment },
    phases: [phaseOf(teacher !== null)],
    models: {
      student: model('student', student),
      ...(teacher === null ? {} : { teacher: model('teacher', teacher) }),
    },
    distill: {
      scheme: 'offline',
      from: ['teacher'],
      to: 'student',
      refine: [],
      terms: [
        {
          ...{ ...term, id: 'kd', method: 'kd', weight: DISTILLATION.kdWeight, pairs: [] },
          parameters: { temperature: DISTILLATION.temperature },
        },
        ...(maps.length === 0 ? [] : [{ ...term, id: 'at', method: 'at', ...attention(maps) }]),
      ],
      hardLabelWeight: DISTILLATION.hardLabelWeight,
      book,
    },
    train: {
      epochs: 1,
      batchSize,
      optimizer: { kind: 'sgd', ...RATES, nesterov: false, weightDecay: 0, decoupledDecay: false },
      gradientClipping: null,
      gradientAccumulation: 1,
      ema: null,
      seed: 1,
    },
    measure: { metrics: [] },
    task: { kind: 'classification' },
  };
  return experiment as unknown as Experiment;
}

/** Attention transfer as its authors weigh it. */
function attention(maps: readonly string[]) {
  const pairs = maps.map((layer) => ({ teacher: layer, student: layer }));
  return { weight: 1000, pairs, parameters: { power: 2 } };
}
