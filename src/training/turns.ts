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
  const moving = opponents.filter(({ still }) => !still);
  if (alternate === undefined) return [{ generator: false, learners, opponents: moving, steps: 1 }];
  const named = new Set(alternate.flatMap(({ update }) => update));
  return alternate.map(({ update, steps }) => ({
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
