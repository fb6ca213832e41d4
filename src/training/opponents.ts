import type { FlatLayout } from './flat.ts';
import { layoutOf } from './flat.ts';
import { createOptimizer, type Optimizer } from './optimizers/index.ts';
import type { VariableSpec } from '../methods/method.ts';
import { searchedPrefix, type PlannedRefiner } from './refiners.ts';
import type { Term } from './terms.ts';

/**
 * A network beside a learner, or what a refiner before a term searches, with variables of its own that are stepped by a loss of its own: a discriminator, or whatever
 * learns from the teacher what the student is to match. It steps once a step, from the same forward pass; what is searched steps
 * in turns of its own.
 */
export interface Opponent {
  /** `beside:student/gankd`: its state vectors are named by it. */
  readonly instance: string;
  readonly learner: string;
  /** Of the lesson that it belongs to. */
  readonly lesson: string;
  readonly term: Term;
  /** Whose search it is; null: the term's own network. */
  readonly refiner: PlannedRefiner | null;
  /** By the names that the term's loss reads them under. */
  readonly variables: readonly VariableSpec[];
  readonly parameters: FlatLayout;
  readonly statistics: FlatLayout;
  readonly optimizer: Optimizer;
  /** True: an earlier phase trained it, and it stands still in this one. */
  readonly still: boolean;
}

/** Where the term has no parameter for it: the customary rate of discriminators under Adam (Radford et al. 2016: 2e-4, β₁ 0.5). */
const ADAM = { beta1: 0.5, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 } as const;
const CUSTOMARY_RATE = 2e-4;

export function planOpponent(lesson: string, learner: string, term: Term, still: boolean): Opponent | null {
  const { opponent } = term.method;
  if (opponent === undefined) return null;
  const variables = opponent.variables(term.sizes, term.plain);
  const given = term.plain['opponentLearningRate'];
  const learningRate = typeof given === 'number' ? given : CUSTOMARY_RATE;
  return {
    instance: `beside:${learner}/${term.id}`,
    learner,
    lesson,
    term,
    refiner: null,
    variables,
    parameters: layoutOf(variables.filter(({ trainable }) => trainable)),
    statistics: layoutOf(variables.filter(({ trainable }) => !trainable)),
    optimizer: createOptimizer({ kind: 'adam', learningRate, ...ADAM }),
    still,
  };
}

/** What the refiners before a term search. */
export function planSearches(
  lesson: string,
  learner: string,
  term: Term,
  refiners: readonly PlannedRefiner[],
): readonly Opponent[] {
  return refiners.flatMap((refiner): readonly Opponent[] => {
    const { search } = refiner.refiner;
    if (search === undefined) return [];
    const variables = search
      .variables(term.sizes, refiner.plain)
      .map((variable) => ({ ...variable, name: searchedPrefix(refiner) + variable.name }));
    const learningRate = Number(refiner.plain['searchLearningRate']);
    return [
      {
        instance: `beside:${learner}/${term.id}/${refiner.id}`,
        learner,
        lesson,
        term,
        refiner,
        variables,
        parameters: layoutOf(variables),
        statistics: layoutOf([]),
        optimizer: createOptimizer({ kind: 'adam', learningRate, ...search.adam }),
        still: false,
      },
    ];
  });
}
