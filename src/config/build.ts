import type { Phase } from '../schemes/phase.ts';
import { findScheme } from '../schemes/index.ts';
import { names, rolesOf, teachersOfTerm } from './roles.ts';
import { LIKENESS } from '../data/likeness.ts';
import type { DuplicateSettings } from '../data/settings.ts';
import { findMethod } from '../methods/index.ts';
import { findRefiner } from '../methods/refine/index.ts';
import type { Field } from '../schema/field.ts';
import type { DataPlaces } from './check/data.ts';
import type { ResolvedModel } from './check/models.ts';
import { toPhase } from './check/phases.ts';
import type {
  AugmentSettings,
  DataSettings,
  Experiment,
  GradientClipping,
  Length,
  MeasureRhythm,
  Metric,
  ModelSettings,
  OptimizerSettings,
  RefinerSettings,
  Schedule,
  ScheduledNumber,
  TermSettings,
  TrainSettings,
} from './experiment.ts';
import { chosen, isRecord, type ConfigValue } from './loose.ts';

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
  const train = trainSettings(value.train);
  const refiners = new Map<string, number>();
  const settingsOf = (name: string): TrainSettings | null => {
    const own = value.models[name]?.train;
    return own === undefined ? null : trainSettings({ ...value.train, ...own });
  };
  return {
    name: value.name ?? defaultName,
    file,
    root,
    task: { kind: 'classification' },
    data: dataSettings(value.data, places),
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
    },
    train,
    compare: { baseline: value.compare.baseline, seeds: value.compare.seeds ?? [train.seed] },
    measure: { gap: rhythm(value.measure.gap), similarity: rhythm(value.measure.similarity) },
    engine: { ...value.engine, threads: value.engine.threads ?? null },
    phases: phasesOf(value),
  };
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

/** The phases that are written out, or those of the scheme. */
export function phasesOf(value: ConfigValue): readonly Phase[] {
  const { distill, models, train, compare, phases } = value;
  const { from, teachers } = rolesOf(value);
  if (phases !== undefined)
    return phases.map((phase) => toPhase(phase, from, (name) => models[name]?.train !== undefined));
  const scheme = chosen(distill.scheme);
  return (
    findScheme(scheme?.word ?? '')?.expand(
      {
        from: teachers,
        to: distill.to,
        epochs: train.epochs,
        baseline: compare.baseline,
        ownEpochs: (name) =>
          models[name]?.run === undefined ? (models[name]?.train?.epochs ?? train.epochs) : null,
      },
      scheme?.settings ?? {},
    ) ?? []
  );
}

function dataSettings(value: ConfigValue['data'], places: DataPlaces): DataSettings {
  return {
    ...places,
    validation: { fraction: value.validation.fraction },
    normalize: value.normalize,
    augment: value.augment.map(augmentSettings),
    ...(value.strongAugment === undefined ? {} : { strongAugment: value.strongAugment.map(augmentSettings) }),
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

function modelSettings({ name, graph, earlier }: ResolvedModel, train: TrainSettings | null): ModelSettings {
  return earlier === null
    ? { name, source: 'architecture', architecture: graph.architecture, graph, train }
    : { name, source: 'run', run: earlier.run, model: earlier.model, graph };
}

function trainSettings(value: ConfigValue['train']): TrainSettings {
  const { epochs, batchSize, gradientAccumulation, ema, seed, selectBy, earlyStopping } = value;
  return {
    epochs,
    batchSize,
    optimizer: optimizerSettings(value.optimizer),
    gradientClipping: gradientClipping(value.gradientClipping),
    gradientAccumulation,
    ema: ema === 'none' ? null : ema,
    seed,
    selectBy,
    ...(earlyStopping === 'none' ? {} : { earlyStopping }),
    ...hardLabelSettings(value),
  };
}

/** Only what is asked for. */
function hardLabelSettings(
  value: ConfigValue['train'],
): Pick<TrainSettings, 'classWeights' | 'labelSmoothing' | 'mixing'> {
  const { classWeights, labelSmoothing, mixup, cutmix } = value;
  const smoothing =
    typeof labelSmoothing === 'number'
      ? { amount: labelSmoothing, weights: 'sample' as const }
      : labelSmoothing;
  const mixing = [
    ...(mixup === 'none' ? [] : [{ kind: 'mixup' as const, ...mixup }]),
    ...(cutmix === 'none' ? [] : [{ kind: 'cutmix' as const, ...cutmix }]),
  ];
  return {
    ...(classWeights === 'none' ? {} : { classWeights }),
    ...(smoothing.amount === 0 ? {} : { labelSmoothing: smoothing }),
    ...(mixing.length === 0 ? {} : { mixing }),
  };
}

function optimizerSettings(value: ConfigValue['train']['optimizer']): OptimizerSettings {
  const { word, settings } = chosen(value) ?? { word: '', settings: {} };
  // The schema's settings are those of the optimizer of the same name, but for the normalised schedule.
  const learningRate = scheduled(settings['learningRate']);
  return { kind: word, ...settings, learningRate } as unknown as OptimizerSettings;
}

function gradientClipping(value: ConfigValue['train']['gradientClipping']): GradientClipping | null {
  if (value === 'none') return null;
  if (value.norm !== undefined) return { by: 'norm', limit: value.norm };
  return { by: 'value', limit: value.value ?? Infinity };
}

/** The settings that a declaration knows, schedules normalised. */
function parametersOf(
  fields: Readonly<Record<string, Field>>,
  settings: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const parameters = Object.entries(fields).map(([key, field]) => {
    const value = settings[key];
    return [key, field.kind === 'number' && field.schedulable ? scheduled(value) : value] as const;
  });
  return Object.fromEntries(parameters.filter(([, value]) => value !== undefined));
}

/** A name of its own for each use of a word: `kd`, `kd#2`. */
function nextUse(word: string, uses: Map<string, number>): string {
  const use = (uses.get(word) ?? 0) + 1;
  uses.set(word, use);
  return use === 1 ? word : `${word}#${use}`;
}

function refinerSettings(list: unknown, uses: Map<string, number>): RefinerSettings[] {
  if (!Array.isArray(list)) return [];
  return list.map((entry: object) => {
    const { word, settings } = chosen(entry) ?? { word: '', settings: {} };
    const parameters = parametersOf(findRefiner(word)?.parameters.fields ?? {}, settings);
    return { id: nextUse(word, uses), refiner: word, parameters };
  });
}

/** @param refiners uses so far, so that every refiner of the experiment has a name of its own */
function termSettings(match: readonly object[], refiners: Map<string, number>): TermSettings[] {
  const uses = new Map<string, number>();
  return match.map((term) => {
    const { word, settings } = chosen(term) ?? { word: '', settings: {} };
    return {
      id: nextUse(word, uses),
      method: word,
      weight: scheduled(settings['weight']),
      pairs: Array.isArray(settings['pairs']) ? settings['pairs'].map(layerPair) : [],
      layers: Array.isArray(settings['layers']) ? settings['layers'].map(String) : [],
      from: teachersOfTerm(term) === undefined ? null : names(teachersOfTerm(term)),
      refine: refinerSettings(settings['refine'], refiners),
      parameters: parametersOf(findMethod(word)?.parameters.fields ?? {}, settings),
      start: Number(settings['start']),
      end: typeof settings['end'] === 'number' ? settings['end'] : null,
    };
  });
}

function layerPair(pair: unknown): { teacher: string; student: string } {
  const [teacher, student] = isRecord(pair)
    ? [pair['teacher'], pair['student']]
    : Array.isArray(pair)
      ? (pair as readonly unknown[])
      : [];
  return { teacher: String(teacher), student: String(student) };
}

function rhythm(value: ConfigValue['measure']['gap']): MeasureRhythm {
  if (typeof value === 'boolean') return { enabled: value, everyEpochs: 1 };
  return { enabled: true, everyEpochs: value.every.epochs };
}

/** A number or the normalised map of a schedule, as the schema lets it through. */
function scheduled(value: unknown): ScheduledNumber {
  if (!isRecord(value)) return Number(value);
  const { word, settings } = chosen(value) ?? { word: '', settings: {} };
  const number = (key: string) => Number(settings[key]);
  switch (word as Schedule['kind']) {
    case 'constant':
      return { kind: 'constant', value: number('value') };
    case 'linear':
    case 'cosine':
      return {
        kind: word as 'linear' | 'cosine',
        from: number('from'),
        to: number('to'),
        over: lengthOf(settings['over']),
      };
    case 'step':
      return {
        kind: 'step',
        from: number('from'),
        milestones: (settings['milestones'] as readonly unknown[]).map(Number),
        unit: settings['unit'] === 'steps' ? 'steps' : 'epochs',
        factor: number('factor'),
      };
    case 'warmUp':
      return { kind: 'warmUp', over: lengthOf(settings['over']), then: scheduled(settings['then']) };
    case 'plateau':
      return {
        kind: 'plateau',
        from: number('from'),
        factor: number('factor'),
        minimum: number('minimum'),
        by: settings['by'] as Metric,
        patience: number('patience'),
        minimumGain: number('minimumGain'),
      };
    case 'oneCycle':
      return {
        kind: 'oneCycle',
        peak: number('peak'),
        over: lengthOf(settings['over']),
        rise: number('rise'),
        startDivisor: number('startDivisor'),
        endDivisor: number('endDivisor'),
      };
  }
}

function lengthOf(value: unknown): Length {
  const { epochs, steps } = isRecord(value) ? value : {};
  return typeof steps === 'number'
    ? { unit: 'steps', value: steps }
    : { unit: 'epochs', value: Number(epochs) };
}
