import { parse } from 'yaml';

/** What the rules need of the effective experiment. */
export interface Settings {
  readonly epochs: number | null;
  readonly learningRate: LearningRate | null;
  readonly hardLabelWeight: number | null;
  readonly terms: readonly Term[];
  readonly seeds: readonly number[];
  readonly baseline: boolean;
  /** Word of the scheme. */
  readonly scheme: string | null;
  readonly classWeights: boolean;
  readonly labelSmoothing: number | null;
  readonly hasAugmentation: boolean;
  /** Something changes the answers before a term compares them. */
  readonly hasRefiners: boolean;
}

export interface LearningRate {
  /** At its largest. */
  readonly value: number;
  /** Where it stands: the plain number, or the `from` of a schedule. */
  readonly path: readonly (string | number)[];
  readonly isScheduled: boolean;
}

export interface Term {
  readonly method: string;
  /** In `distill.match`. */
  readonly index: number;
  /** The name of its values in the records: the method's, with #2, #3 behind it where it is there again. */
  readonly id: string;
  /** Null: a schedule. */
  readonly weight: number | null;
  readonly temperature: number | null;
  readonly pairs: readonly { readonly teacher: string; readonly student: string }[];
}

/** Reads the effective experiment that a run keeps. What it does not say in plain numbers is null. */
export function settingsOf(text: string): Settings {
  const config = asMap(parse(text));
  const { distill, train, compare, data } = {
    distill: asMap(config['distill']),
    train: asMap(config['train']),
    compare: asMap(config['compare']),
    data: asMap(config['data']),
  };
  return {
    epochs: asNumber(train['epochs']),
    learningRate: learningRateOf(train),
    hardLabelWeight: asNumber(distill['hardLabelWeight']),
    terms: termsOf(distill['match']),
    seeds: asList(compare['seeds']).filter((seed) => typeof seed === 'number'),
    baseline: compare['baseline'] === true,
    scheme: choiceOf(distill['scheme'])[0] || null,
    classWeights: train['classWeights'] !== undefined && train['classWeights'] !== 'none',
    labelSmoothing: asNumber(train['labelSmoothing']),
    hasAugmentation: asList(data['augment']).length > 0,
    hasRefiners: [distill, ...asList(distill['match']).map((item) => asMap(choiceOf(item)[1]))].some(
      ({ refine }) => asList(refine).length > 0,
    ),
  };
}

function learningRateOf(train: Map_): LearningRate | null {
  const [optimizer, settings] = choiceOf(train['optimizer']);
  const rate = asMap(settings)['learningRate'];
  const path = ['train', 'optimizer', optimizer, 'learningRate'];
  if (typeof rate === 'number') return { value: rate, path, isScheduled: false };
  const [kind, schedule] = choiceOf(rate);
  for (const key of ['from', 'peak', 'value']) {
    const value = asNumber(asMap(schedule)[key]);
    if (value !== null) return { value, path: [...path, kind, key], isScheduled: true };
  }
  return null;
}

function termsOf(match: unknown): Term[] {
  const seen = new Map<string, number>();
  return asList(match).flatMap((item, index) => {
    const [method, settings] = choiceOf(item);
    if (method === '') return [];
    const before = seen.get(method) ?? 0;
    seen.set(method, before + 1);
    const given = asMap(settings);
    return [
      {
        method,
        index,
        id: before === 0 ? method : `${method}#${before + 1}`,
        weight: asNumber(given['weight']),
        temperature: asNumber(given['temperature']),
        pairs: asList(given['pairs']).flatMap((pair) => {
          const [teacher, student] = Array.isArray(pair)
            ? (pair as unknown[])
            : [asMap(pair)['teacher'], asMap(pair)['student']];
          return typeof teacher === 'string' && typeof student === 'string' ? [{ teacher, student }] : [];
        }),
      },
    ];
  });
}

/** A word, or a one-key map from the word to its settings. */
function choiceOf(value: unknown): readonly [string, unknown] {
  return typeof value === 'string' ? [value, {}] : (Object.entries(asMap(value))[0] ?? ['', {}]);
}

type Map_ = Readonly<Record<string, unknown>>;

function asMap(value: unknown): Map_ {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Map_) : {};
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function asNumber(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
