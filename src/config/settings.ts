import { findMethod } from '../methods/index.ts';
import { findRefiner } from '../methods/refine/index.ts';
import type { AdapterChoice } from '../methods/adapter-choice.ts';
import type { Field } from '../schema/field.ts';
import type {
  GradientClipping,
  LayerPair,
  Length,
  Metric,
  OptimizerSettings,
  RefinerSettings,
  Schedule,
  ScheduledNumber,
  TermSettings,
  TrainSettings,
} from './experiment.ts';
import { chosen, isRecord, type ConfigValue } from './loose.ts';
import { learnersOfTerm, names, teachersOfTerm } from './roles.ts';

export function trainSettings(value: ConfigValue['train']): TrainSettings {
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

export function optimizerSettings(value: ConfigValue['train']['optimizer']): OptimizerSettings {
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
export function nextUse(word: string, uses: Map<string, number>): string {
  const use = (uses.get(word) ?? 0) + 1;
  uses.set(word, use);
  return use === 1 ? word : `${word}#${use}`;
}

export function refinerSettings(list: unknown, uses: Map<string, number>): RefinerSettings[] {
  if (!Array.isArray(list)) return [];
  return list.map((entry: object) => {
    const { word, settings } = chosen(entry) ?? { word: '', settings: {} };
    const parameters = parametersOf(findRefiner(word)?.parameters.fields ?? {}, settings);
    return { id: nextUse(word, uses), refiner: word, parameters };
  });
}

/** @param refiners uses so far, so that every refiner of the experiment has a name of its own */
export function termSettings(match: readonly object[], refiners: Map<string, number>): TermSettings[] {
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
      ...(learnersOfTerm(term) === undefined ? {} : { to: names(learnersOfTerm(term)) }),
      refine: refinerSettings(settings['refine'], refiners),
      parameters: parametersOf(findMethod(word)?.parameters.fields ?? {}, settings),
      start: Number(settings['start']),
      end: typeof settings['end'] === 'number' ? settings['end'] : null,
    };
  });
}

export function layerPair(pair: unknown): LayerPair {
  const [teacher, student] = isRecord(pair)
    ? [pair['teacher'], pair['student']]
    : Array.isArray(pair)
      ? (pair as readonly unknown[])
      : [];
  const adapter = adapterOfPair(pair);
  return {
    ...{ teacher: String(teacher), student: String(student) },
    ...(adapter === undefined ? {} : { adapter }),
  };
}

/** The adapter that a pair chose, with its defaults filled in. */
function adapterOfPair(pair: unknown): AdapterChoice | undefined {
  const adapter = isRecord(pair) ? pair['adapter'] : undefined;
  const choice = isRecord(adapter) ? chosen(adapter) : null;
  if (choice === null) return undefined;
  return { kind: choice.word as AdapterChoice['kind'], batchNorm: choice.settings['batchNorm'] !== false };
}

/** The same of a pair in the settings of a term. */
export function adapterAt(
  { pairs }: Readonly<Record<string, unknown>>,
  index: number,
): AdapterChoice | undefined {
  return Array.isArray(pairs) ? adapterOfPair(pairs[index]) : undefined;
}

/** A number or the normalised map of a schedule, as the schema lets it through. */
export function scheduled(value: unknown): ScheduledNumber {
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
