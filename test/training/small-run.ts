import { join } from 'node:path';
import type {
  DistillSettings,
  Experiment,
  TermSettings,
  TrainSettings,
} from '../../src/config/experiment.ts';
import type { ReaderOptions } from '../../src/bookshelf/book-reader.ts';
import type { Bookshelf } from '../../src/bookshelf/shelf.ts';
import { loadDataset, type Dataset } from '../../src/data/dataset.ts';
import type { DataSettings } from '../../src/data/settings.ts';
import type { Executor } from '../../src/executors/executor.ts';
import { withModule } from '../../src/models/modules/index.ts';
import { buildArchitecture } from '../../src/models/zoo/zoo.ts';
import type { Checkpoint, RunControl } from '../../src/runs/writer.ts';
import { expandScheme } from '../../src/schemes/expand.ts';
import { findScheme } from '../../src/schemes/index.ts';
import { searchingRefiners } from '../../src/schemes/searches.ts';
import type { FallBack } from '../../src/training/load-program.ts';
import { trainExperiment, type TrainingOutcome } from '../../src/training/train-experiment.ts';
import { MemoryWriter } from './memory-writer.ts';

const FOLDER = join(import.meta.dirname, '../../media/sample/data');

export interface SmallRun {
  readonly train?: number;
  readonly test?: number;
  readonly validation?: number;
  readonly epochs?: number;
  readonly teacherEpochs?: number;
  readonly batchSize?: number;
  readonly seeds?: readonly number[];
  readonly baseline?: boolean;
  readonly augment?: DataSettings['augment'];
  readonly strongAugment?: DataSettings['augment'];
  readonly normalize?: DataSettings['normalize'];
  readonly teacherView?: NonNullable<DataSettings['teacherView']>;
  readonly optimizer?: TrainSettings['optimizer'];
  readonly settings?: Partial<TrainSettings>;
  readonly terms?: readonly TermSettings[];
  readonly hardLabelWeight?: DistillSettings['hardLabelWeight'];
  /** Names of architectures; default: tiny convnets. */
  readonly student?: string;
  readonly teacher?: string;
  /** Name and settings; default: offline. */
  readonly scheme?: readonly [name: string, settings: Readonly<Record<string, unknown>>];
  /** Who teaches; default: the teacher. */
  readonly from?: readonly string[];
  readonly refine?: DistillSettings['refine'];
  /** Models that single terms teach beside the student. */
  readonly alsoTo?: readonly string[];
  readonly book?: DistillSettings['book'];
  /** Layers of the student after which it has joints. */
  readonly joints?: readonly string[];
}

export function term(method: string, settings: Partial<TermSettings> = {}): TermSettings {
  return {
    id: method,
    method,
    weight: 1,
    pairs: [],
    layers: [],
    from: null,
    refine: [],
    parameters: {},
    start: 0,
    end: null,
    ...settings,
  };
}

/** Descent with momentum and decay, as most runs here train. */
export const SGD = {
  kind: 'sgd',
  learningRate: 0.02,
  momentum: 0.9,
  nesterov: false,
  weightDecay: 5e-4,
  decoupledDecay: false,
} as const;

/** Real digits, two tiny networks, one of them teaching. */
export async function smallExperiment(
  run: SmallRun = {},
): Promise<{ experiment: Experiment; dataset: Dataset }> {
  const file = (name: string) => join(FOLDER, `${name}-ubyte.gz`);
  const data: DataSettings = {
    format: 'idx',
    train: { inputs: file('train-images-idx3'), labels: file('train-labels-idx1') },
    test: { inputs: file('t10k-images-idx3'), labels: file('t10k-labels-idx1') },
    validation: { fraction: run.validation ?? 0.2 },
    normalize: run.normalize ?? 'trainingSplit',
    augment: run.augment ?? [],
    ...(run.teacherView === undefined ? {} : { teacherView: run.teacherView }),
    ...(run.strongAugment === undefined ? {} : { strongAugment: run.strongAugment }),
    limit: { train: run.train ?? 100, test: run.test ?? 50 },
  };
  const dataset = await loadDataset(data, { root: FOLDER, seed: 1, cacheFolder: null });
  const classes = dataset.classes.length;
  const network = (filters: readonly number[]) =>
    buildArchitecture('convnet', dataset.shape, classes, { filters, hidden: [16] });
  const train: TrainSettings = {
    epochs: run.epochs ?? 2,
    batchSize: run.batchSize ?? 32,
    optimizer: run.optimizer ?? SGD,
    gradientClipping: null,
    gradientAccumulation: 1,
    ema: null,
    ...run.settings,
    seed: 1,
  };
  const teacherEpochs = run.teacherEpochs ?? 2;
  const baseline = run.baseline ?? true;
  const [scheme, settings] = run.scheme ?? ['offline', {}];
  const expanded = findScheme(scheme);
  if (expanded === undefined) throw new Error(`there is no scheme ${scheme}`);
  const from = run.from ?? (expanded.teachers.minimum > 0 ? ['teacher'] : []);
  const experiment: Experiment = {
    name: 'small',
    file: join(FOLDER, 'small.kd.yaml'),
    root: FOLDER,
    task: { kind: 'classification' },
    data,
    models: {
      teacher: {
        name: 'teacher',
        source: 'architecture',
        architecture: run.teacher ?? 'convnet',
        graph:
          run.teacher === undefined
            ? network([6, 8])
            : buildArchitecture(run.teacher, dataset.shape, classes),
        train: { ...train, epochs: teacherEpochs },
      },
      // Between the two in size: an assistant, a second teacher, another peer.
      middle: {
        name: 'middle',
        source: 'architecture',
        architecture: 'convnet',
        graph: network([4, 6]),
        train: { ...train, epochs: teacherEpochs },
      },
      student: {
        name: 'student',
        source: 'architecture',
        architecture: run.student ?? 'convnet',
        graph: (run.joints ?? []).reduce(
          (graph, layer) => withModule(graph, { name: 'joints', settings: { at: [layer] } }),
          run.student === undefined
            ? network([2, 4])
            : buildArchitecture(run.student, dataset.shape, classes),
        ),
        train: null,
      },
    },
    distill: {
      scheme,
      from,
      to: 'student',
      refine: run.refine ?? [],
      terms: run.terms ?? [term('kd', { weight: 0.9, parameters: { temperature: 4 } })],
      hardLabelWeight: run.hardLabelWeight ?? 0.1,
      book: run.book ?? null,
    },
    train,
    compare: { baseline, seeds: run.seeds ?? [1] },
    measure: { gap: { enabled: true, everyEpochs: 1 }, similarity: { enabled: true, everyEpochs: 1 } },
    engine: {
      device: 'auto',
      threads: 1,
      priority: 'auto',
      checkpoints: { keep: 2, maximumAge: null, every: { epochs: 1, minutes: 1e6 }, share: 1 },
    },
    phases: expandScheme(
      expanded,
      {
        from,
        to: 'student',
        ownEpochs: () => teacherEpochs,
        epochs: train.epochs,
        baseline,
        ...(run.alsoTo === undefined ? {} : { alsoTo: run.alsoTo }),
        ahead: (run.terms ?? []).flatMap(({ from: own, parameters: { aheadEpochs } }) =>
          typeof aheadEpochs === 'number' ? [{ from: own, epochs: aheadEpochs }] : [],
        ),
        searches: searchingRefiners(run.refine ?? [], run.terms ?? []),
      },
      settings,
    ),
  };
  return { experiment, dataset };
}

/** Nobody asks for anything. */
export const NO_REQUEST: RunControl = { request: 'none', untilResumed: () => Promise.resolve() };

export interface RunOptions {
  readonly executor: Executor;
  readonly writer?: MemoryWriter;
  readonly control?: RunControl;
  readonly resume?: Checkpoint;
  /** Between checkpoints within an epoch; default: there are none. */
  readonly checkpointMilliseconds?: number;
  readonly fallBack?: FallBack;
  readonly bookshelf?: Bookshelf;
  readonly bookReading?: ReaderOptions;
}

/** Trains on what `smallExperiment` made. */
export async function train(
  { experiment, dataset }: { experiment: Experiment; dataset: Dataset },
  options: RunOptions,
): Promise<{ outcome: TrainingOutcome; writer: MemoryWriter }> {
  const { executor, writer = new MemoryWriter(), control = NO_REQUEST, resume = null } = options;
  const { checkpoints } = experiment.engine;
  const minutes =
    options.checkpointMilliseconds === undefined
      ? checkpoints.every.minutes
      : options.checkpointMilliseconds / 60_000;
  const every = { ...checkpoints.every, minutes };
  const outcome = await trainExperiment({
    experiment: {
      ...experiment,
      engine: { ...experiment.engine, checkpoints: { ...checkpoints, every } },
    },
    dataset,
    executor,
    writer,
    control,
    resume,
    earlierModel: () => ({}),
    ...(options.fallBack === undefined ? {} : { fallBack: options.fallBack }),
    ...(options.bookshelf === undefined ? {} : { bookshelf: options.bookshelf }),
    ...(options.bookReading === undefined ? {} : { bookReading: options.bookReading }),
  });
  return { outcome, writer };
}
