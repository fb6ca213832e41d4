import type { Method } from '../methods/method.ts';
import type { Field, ObjectField, ObjectValue } from '../schema/field.ts';
import type { Phase } from './phase.ts';

/** What a scheme needs to know of an experiment. */
export interface SchemeContext {
  /** Names of the teaching models, those of single terms included; empty where the scheme has none. */
  readonly from: readonly string[];
  /** Name of the taught model. */
  readonly to: string;
  /** Epochs of a model's own training; null where its weights come from an earlier run. */
  readonly ownEpochs: (model: string) => number | null;
  readonly epochs: number;
  /** Whether the student is also trained alone, on the same budget. */
  readonly baseline: boolean;
  /** Models that single terms teach beside `to`; only for schemes that `join` them. */
  readonly alsoTo?: readonly string[];
  /** Terms with a network beside the learner that is to be trained ahead, and for how many epochs. */
  readonly ahead?: readonly AheadTerm[];
  /** Refiners that search in turns of their own. */
  readonly searches?: readonly SearchingRefiner[];
}

export interface SearchingRefiner {
  readonly name: string;
  /** Whom the terms that it refines teach: of each, the learners it names; undefined: those of the phase. */
  readonly to: readonly (readonly string[] | undefined)[];
  /** Steps of training between two of its own. */
  readonly every: number;
  /** How long it searches. */
  readonly epochs: number;
}

export interface AheadTerm {
  readonly from: readonly string[] | null;
  readonly to?: readonly string[];
  readonly epochs: number;
}

/** A named expansion into phases: data plus one function. */
export interface Scheme<S extends Readonly<Record<string, Field>> = Readonly<Record<string, Field>>> {
  /** The config key; the file carries the same name. */
  readonly name: string;
  readonly title: string;
  /** One line for completion. */
  readonly summary: string;
  /** What it is good for and what it expands to, Markdown. */
  readonly doc: string;
  /** For a page of its own: where it comes from, its equations, where tensors come from and go to, what to know. */
  readonly papers?: Method['papers'];
  readonly formula?: string;
  readonly figure?: string;
  readonly notes?: readonly string[];
  /** How many models `distill.from` names: least and most. 0: the scheme has no teacher unless a term names one. */
  readonly teachers: { readonly minimum: number; readonly maximum: number };
  readonly settings: ObjectField<ObjectValue<S>> & { readonly fields: S };
  /** True: a term may teach a further model, which then learns beside the student. */
  readonly joins?: boolean;
  /** Models of the config that the settings name, beside `from` and `to`. */
  models?(settings: ObjectValue<S>): readonly string[];
  expand(context: SchemeContext, settings: ObjectValue<S>): readonly Phase[];
}

/** Keeps the types of one scheme's settings while the list of schemes holds them all alike. */
export function defineScheme<S extends Readonly<Record<string, Field>>>(scheme: Scheme<S>): Scheme<S> {
  return scheme;
}
