import type { ScheduledNumber } from '../config/experiment.ts';
import { findGeneratorLoss } from '../methods/data-free/index.ts';
import type { GeneratorLoss } from '../methods/data-free/generator-loss.ts';
import { generatorGraph } from '../models/generator.ts';
import type { Shape } from '../models/description.ts';
import type { GeneratorPlan } from '../schemes/phase.ts';
import { UserError } from '../protocol/errors.ts';
import { createOptimizer, type Optimizer } from './optimizers/index.ts';
import { parameterKinds } from './parameter-kinds.ts';
import { planModel, type PlannedModel } from './planned-model.ts';

/** A network that makes the images of a phase, with the loss by which it learns to. */
export interface Generator extends PlannedModel {
  readonly plan: GeneratorPlan;
  readonly loss: GeneratorLoss;
  readonly plain: Readonly<Record<string, unknown>>;
  readonly scheduled: Readonly<Record<string, ScheduledNumber>>;
  readonly optimizer: Optimizer;
}

/** As the generators of Radford et al. 2016 and of the papers' code. */
const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 } as const;

/** @throws UserError KD4002 where there is no such loss */
export function planGenerator(plan: GeneratorPlan, image: Shape): Generator {
  const loss = findGeneratorLoss(plan.loss);
  if (loss === undefined) {
    throw new UserError({
      code: 'KD4002',
      message: `There is no loss of a generator called "${plan.loss}".`,
      help: 'Use dafl or dfad.',
      key: 'distill.scheme.dataFree.generator',
    });
  }
  const graph = generatorGraph(image, plan.latent, plan.filters);
  return {
    ...planModel('generator', 'generator', graph),
    plan,
    loss,
    ...parameterKinds(loss.parameters.fields, plan.parameters),
    optimizer: createOptimizer({ kind: 'adam', learningRate: plan.learningRate, ...ADAM }),
  };
}
