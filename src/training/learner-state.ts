import type { FlatLayout } from './flat.ts';
import type { Opponent } from './opponents.ts';
import type { Learner, PhasePlan, PlannedModel } from './plan.ts';
import { evaluatedVectors } from './weight-average.ts';

/** A state vector of the learner beside its weights and statistics. */
export interface Slot {
  /** Checkpoints name its tensors `<prefix>:<tensor>`. */
  readonly prefix: string;
  /** Its name in the graphs. */
  readonly vector: string;
  readonly layout: FlatLayout;
  /** What it holds before the first step. */
  readonly startsAs: 'zeros' | 'weights';
}

/** Of one learner: vectors of the optimizer, of gradient accumulation and of the mean of weights. */
export function slotsOf(
  { optimizer, settings }: PhasePlan,
  learner: PlannedModel & Pick<Learner, 'ownOptimizer'>,
): readonly Slot[] {
  const gradientLike = [
    ...(learner.ownOptimizer ?? optimizer).slots,
    ...(settings.gradientAccumulation > 1 ? ['gradientSum'] : []),
  ];
  const slots: Slot[] = gradientLike.map((slot) => ({
    prefix: slot,
    vector: `${learner.instance}/${slot}`,
    layout: learner.parameters,
    startsAs: 'zeros',
  }));
  if (settings.ema === null) return slots;
  const { parameters, statistics } = evaluatedVectors(learner.instance, settings);
  const average = { prefix: 'average', startsAs: 'weights' } as const;
  slots.push({ ...average, vector: parameters, layout: learner.parameters });
  if (learner.statistics.size > 0) {
    slots.push({ ...average, vector: statistics, layout: learner.statistics });
  }
  return slots;
}

/** Vectors of the optimizer of a network beside a learner, or of a generator; none where it stands still. */
export function slotsBeside({
  instance,
  parameters,
  optimizer,
  still = false,
}: Pick<Opponent, 'instance' | 'parameters' | 'optimizer'> & { readonly still?: boolean }): readonly Slot[] {
  if (still) return [];
  return optimizer.slots.map((slot) => ({
    prefix: slot,
    vector: `${instance}/${slot}`,
    layout: parameters,
    startsAs: 'zeros',
  }));
}

/** The vectors that hold a model, where it has such tensors. */
export function weightVectors(
  model: Pick<PlannedModel, 'parameters' | 'statistics'>,
  names: { readonly parameters: string; readonly statistics: string },
): readonly (readonly [vector: string, layout: FlatLayout])[] {
  const vectors = [
    [names.parameters, model.parameters],
    [names.statistics, model.statistics],
  ] as const;
  return vectors.filter(([, layout]) => layout.size > 0);
}
