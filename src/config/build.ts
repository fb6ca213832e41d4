import type { BookSettings } from '../book/settings.ts';
import { LIKENESS } from '../data/likeness.ts';
import type { DuplicateSettings } from '../data/settings.ts';
import { findMethod } from '../methods/index.ts';
import type { DataPlaces } from './check/data.ts';
import type { ResolvedModel } from './check/models.ts';
import type {
  AugmentSettings,
  DataSettings,
  EngineSettings,
  Experiment,
  MeasureRhythm,
  MeasureSettings,
  ModelSettings,
  TaskSettings,
  TrainSettings,
  UncertaintyRhythm,
} from './experiment.ts';
import { MEASURED_BY_DEFAULT } from '../schemes/measured.ts';
import { chosen, type ConfigValue } from './loose.ts';
import { phasesOf } from './phases/phases.ts';
import { mergedBooks, rolesOf } from './roles.ts';
import { refinerSettings, scheduled, termSettings, trainSettings } from './settings.ts';
import { taskSettings } from './task.ts';

export interface Ingredients {
  readonly file: string;
  readonly root: string;
  /** Without any fault. */
  readonly value: ConfigValue;
  readonly places: DataPlaces;
  readonly models: ReadonlyMap<string, ResolvedModel>;
  /** Used where the file has none. */
  readonly defaultName: string;
}

/** The experiment that a config without faults describes. */
export function buildExperiment({ file, root, value, places, models, defaultName }: Ingredients): Experiment {
  const { task, degradation } = taskSettings(value.task);
  const train = ofTask(task, trainSettings(value.train));
  const refiners = new Map<string, number>();
  const settingsOf = (name: string): TrainSettings | null => {
    const own = value.models[name]?.train;
    return own === undefined ? null : ofTask(task, trainSettings({ ...value.train, ...own }));
  };
  return {
    name: value.name ?? defaultName,
    file,
    root,
    task,
    data: { ...dataSettings(value.data, places), ...(degradation === null ? {} : { degradation }) },
    models: Object.fromEntries(
      [...models.values()].map((model) => [model.name, modelSettings(model, settingsOf(model.name))]),
    ),
    distill: {
      scheme: chosen(value.distill.scheme)?.word ?? 'offline',
      from: rolesOf(value).from,
      to: value.distill.to,
      refine: refinerSettings(value.distill.refine, refiners),
      terms: termSettings(value.distill.match, refiners),
      hardLabelWeight: scheduled(
        value.distill.hardLabelWeight ?? defaultHardLabelWeight(value.distill.match),
      ),
      book: bookSettings(value),
    },
    train,
    compare: {
      baseline: value.compare.baseline,
      seeds: value.compare.seeds ?? [train.seed],
      ...(value.compare.statistics === undefined ? {} : { statistics: value.compare.statistics }),
    },
    measure: measureSettings(value.measure, task),
    engine: engineSettings(value.engine),
    phases: phasesOf(value),
  };
}

/** Weights of networks that make images are chosen by them, unless something else is said. */
function ofTask({ kind }: TaskSettings, train: TrainSettings): TrainSettings {
  return kind === 'reconstruction' && train.selectBy === 'accuracy' ? { ...train, selectBy: 'psnr' } : train;
}

/** Of the training's work, where nothing is said about how often layers are compared. */
const SIMILARITY_SHARE = 0.02;
/** Of the same, where nothing is said about the gap: both together stay below 3 %. */
const GAP_SHARE = 0.01;

function engineSettings({ checkpoints, ...engine }: ConfigValue['engine']): EngineSettings {
  const { maximumAge = null } = checkpoints;
  return { ...engine, threads: engine.threads ?? null, checkpoints: { ...checkpoints, maximumAge } };
}

const WHOLE_BOOK: BookSettings = { precision: 'float32', topK: null, views: 4, name: null };

/** Where teachers are merged there is one without being told. */
function bookSettings(value: ConfigValue): BookSettings | null {
  const { book } = value.distill;
  if (book === undefined || book === true)
    return book === true || mergedBooks(value).length > 0 ? WHOLE_BOOK : null;
  if (book === false) return null;
  const { precision, topK = null, views, name = null } = book;
  return { precision, topK, views, name };
}

const HARD_LABEL_WEIGHT = { besideAnswers: 0.1, otherwise: 1 } as const;

/**
 * What the recipes of the methods say, where all of them do; else 0.1 where every term compares answers, and 1 otherwise: RepDistiller and mdistiller weigh hard labels so beside kd at 0.9 and
 * beside feature losses.
 */
export function defaultHardLabelWeight(match: readonly (object | undefined)[]): number {
  const recipes = match.map((term) => findMethod(chosen(term)?.word ?? '')?.hardLabelWeight?.value);
  const own = recipes.filter((value) => value !== undefined);
  if (own.length === match.length && own.length > 0) return Math.max(...own);
  const onlyAnswers = match.every((term) => findMethod(chosen(term)?.word ?? '')?.knowledge === 'response');
  return onlyAnswers && match.length > 0 ? HARD_LABEL_WEIGHT.besideAnswers : HARD_LABEL_WEIGHT.otherwise;
}

function dataSettings(value: ConfigValue['data'], places: DataPlaces): DataSettings {
  return {
    ...places,
    validation: { fraction: value.validation.fraction },
    normalize: value.normalize,
    augment: value.augment.map(augmentSettings),
    ...(value.strongAugment === undefined ? {} : { strongAugment: value.strongAugment.map(augmentSettings) }),
    ...(value.teacherView === 'joint' ? {} : { teacherView: value.teacherView }),
    limit: { train: value.limit.train ?? null, test: value.limit.test ?? null },
    ...(value.classes === undefined ? {} : { classes: value.classes }),
    stratify: value.stratify,
    ...(value.duplicates === 'ignore' ? {} : { duplicates: duplicateSettings(value.duplicates) }),
  };
}

function duplicateSettings(value: Exclude<ConfigValue['data']['duplicates'], 'ignore'>): DuplicateSettings {
  return typeof value === 'string' ? { across: value, likeness: LIKENESS } : value;
}

function augmentSettings(value: ConfigValue['data']['augment'][number]): AugmentSettings {
  if (value.randomCrop !== undefined) return { kind: 'randomCrop', padding: value.randomCrop.padding };
  return { kind: 'randomFlip', probability: value.randomFlip?.probability ?? 0 };
}

function modelSettings(
  { name, graph, classes, earlier }: ResolvedModel,
  train: TrainSettings | null,
): ModelSettings {
  const known = classes === null ? { name } : { name, classes };
  return earlier === null
    ? { ...known, source: 'architecture', architecture: graph.architecture, graph, train }
    : { ...known, source: 'run', run: earlier.run, model: earlier.model, graph };
}

const UNCERTAINTY: UncertaintyRhythm = { coverage: 0.9, shift: 'lowResolution' };

function uncertaintyRhythm(
  value: ConfigValue['measure']['uncertainty'],
): Pick<Experiment['measure'], 'uncertainty'> {
  if (value === false) return {};
  return { uncertainty: value === true ? UNCERTAINTY : value };
}

function measureSettings(
  { gap, similarity, uncertainty, metrics }: ConfigValue['measure'],
  { kind }: TaskSettings,
): MeasureSettings {
  const rhythms = {
    // The gap is one of classes.
    gap: rhythm(kind === 'classification' ? gap : false, GAP_SHARE),
    similarity: rhythm(similarity, SIMILARITY_SHARE),
    ...uncertaintyRhythm(uncertainty),
  };
  const isUsual =
    kind === 'reconstruction' ||
    (MEASURED_BY_DEFAULT.every((one) => metrics.includes(one)) &&
      metrics.length === MEASURED_BY_DEFAULT.length);
  return isUsual ? rhythms : { ...rhythms, metrics };
}

function rhythm(value: ConfigValue['measure']['gap'], share?: number): MeasureRhythm {
  if (typeof value !== 'boolean') return { enabled: true, everyEpochs: value.every.epochs };
  return { enabled: value, everyEpochs: 1, ...(share === undefined ? {} : { share }) };
}
