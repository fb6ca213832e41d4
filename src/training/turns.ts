import { GENERATOR, type Phase } from '../schemes/phase.ts';
import type { Opponent } from './opponents.ts';
import type { Learner } from './plan.ts';

/** Steps in which only some move. */
export interface PlannedTurn {
  readonly generator: boolean;
  readonly learners: readonly Learner[];
  readonly opponents: readonly Opponent[];
  readonly steps: number;
}

/** The turns of a phase in order; one of everybody where nothing is said. A network beside a learner moves with it, unless it is named itself. */
export function planTurns(
  { alternate }: Phase,
  learners: readonly Learner[],
  opponents: readonly Opponent[],
): readonly PlannedTurn[] {
  const moving = opponents.filter(({ still, refiner }) => !still && refiner === null);
  const training = alternate?.filter(({ on }) => on === undefined) ?? [];
  if (training.length === 0) return [{ generator: false, learners, opponents: moving, steps: 1 }];
  const named = new Set(training.flatMap(({ update }) => update));
  return training.map(({ update, steps }) => ({
    generator: update.includes(GENERATOR),
    learners: learners.filter(({ instance }) => update.includes(instance)),
    opponents: moving.filter(({ term, learner }) => update.includes(named.has(term.id) ? term.id : learner)),
    steps,
  }));
}

/** Where a step stands among the turns. */
export interface TurnPosition {
  readonly index: number;
  readonly turn: PlannedTurn;
  /** Steps of this turn before this one. */
  readonly before: number;
}

/** @param step steps done before, from the start of the phase */
export function turnAt(turns: readonly PlannedTurn[], step: number): TurnPosition {
  const round = turns.reduce((sum, { steps }) => sum + steps, 0);
  let left = step % round;
  const index = turns.findIndex(({ steps }) => {
    if (left < steps) return true;
    left -= steps;
    return false;
  });
  const turn = turns[index] as PlannedTurn;
  return { index, turn, before: Math.floor(step / round) * turn.steps + left };
}

/** Name of the graph of a turn. @param kind `train`, `trainLast`, `accumulate` */
export function turnGraph(turns: readonly PlannedTurn[], index: number, kind: string): string {
  const first = turns.findIndex(({ generator }) => !generator);
  return index === first ? kind : `${kind}/${index}`;
}

/** Steps on validation samples in which what refiners search moves, and nobody else. */
export interface SearchTurn {
  /** Its graph. */
  readonly graph: string;
  readonly opponents: readonly Opponent[];
  readonly steps: number;
  /** The turn of training that it follows, by its index. */
  readonly after: number;
  /** Only in the first epochs; null: in all. */
  readonly epochs: number | null;
}

/** The turns on validation of a phase in order; those that nothing moves in are left out. */
export function planSearchTurns(
  { alternate = [] }: Phase,
  opponents: readonly Opponent[],
): readonly SearchTurn[] {
  const training = Math.max(1, alternate.filter(({ on }) => on === undefined).length);
  return alternate.flatMap(({ update, steps, on, epochs = null }, index): readonly SearchTurn[] => {
    const moving = opponents.filter(({ refiner }) => refiner !== null && update.includes(refiner.name));
    if (on !== 'validation' || moving.length === 0) return [];
    const before = alternate.slice(0, index).filter((turn) => turn.on === undefined).length;
    return [
      {
        graph: `search/${index}`,
        opponents: moving,
        steps,
        after: (before + training - 1) % training,
        epochs,
      },
    ];
  });
}

/**
 * The steps of a search that follow a step of training, by their numbers from the start of the phase; none where its turn goes on.
 * @param at where the step of training stood
 */
export function searchSteps(
  { after, steps, epochs }: SearchTurn,
  { index, turn, before }: TurnPosition,
  epoch: number,
): readonly number[] {
  const isLast = (before + 1) % turn.steps === 0;
  if (index !== after || !isLast || (epochs !== null && epoch >= epochs)) return [];
  const round = Math.floor(before / turn.steps);
  return Array.from({ length: steps }, (_, step) => round * steps + step);
}
