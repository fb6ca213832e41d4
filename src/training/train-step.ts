import type * as tf from '@tensorflow/tfjs-core';
import type { Ops } from '../methods/method.ts';
import { join, split } from './flat.ts';
import { hardLabelSpecs } from './hard-labels.ts';
import { clipGradient } from './gradient-clipping.ts';
import { withGradients } from './gradients.ts';
import { slotsBeside, slotsOf } from './learner-state.ts';
import { objective, type LearnerTensors } from './objective.ts';
import type { Opponent } from './opponents.ts';
import { keptContext, opponentStep } from './opponent-step.ts';
import type { Learner, PhasePlan } from './plan.ts';
import { generatedSpecs, withGenerated } from './generated.ts';
import { chanceSpecs, lessonScalars, lossSpecs, ownSpecs, scalarSpecs, stateSpecs } from './specs.ts';
import { required, withPrefix, type StepFunction, type Tensors } from './step-function.ts';
import { learnerTensors, withWeights, type Step } from './steps.ts';
import type { Context } from './terms.ts';
import type { PlannedTurn } from './turns.ts';
import { averagedWeights, trainedVectors } from './weight-average.ts';

/** Whether the weights move after the batch, or its gradient is only added up. */
export type StepRole = 'update' | 'accumulate';

const asTrained = ({ instance }: Learner) => trainedVectors(instance);

/**
 * One training step of a phase: every learner by the gradient of its own loss (nothing flows from one to another), then every
 * network beside one by its own.
 *
 *     L = w_ce · CE(z_s, y) + Σ_i w_i · L_i
 *
 * With gradient accumulation over batches of n_b samples, the weights follow g = Σ_b n_b ∇L_b / Σ_b n_b.
 *
 * Outputs, those of peers with their prefix: `loss`, `loss/ce` and `loss/<term>` (unweighted), `correct` (samples named right, where classes are told apart),
 * `opponent/<lesson>`, and the new state.
 */
export function trainStep(
  plan: PhasePlan,
  batch: number,
  role: StepRole = 'update',
  turn: PlannedTurn = everybody(plan),
): Step {
  const step: StepFunction = (ops, given) => {
    const inputs = withGenerated(ops, plan, withWeights(ops, plan, given));
    const { aside, gradients, contexts, kept } = differentiated(ops, plan, inputs);
    const outputs: Record<string, tf.Tensor> = withoutUpdates(aside);
    const renewed = newStatistics(ops, turn, inputs, aside);
    for (const learner of turn.learners) {
      const { instance, parameters } = learner;
      const statistics = renewed[asTrained(learner).statistics] ?? null;
      const own = join(ops, withPrefix(gradients, `${instance}/`), parameters);
      const { gradient, sum } = accumulated(ops, plan, learner, inputs, own, batch);
      if (role === 'update') Object.assign(outputs, moved(ops, plan, learner, inputs, gradient, statistics));
      if (sum !== null) outputs[`${instance}/gradientSum`] = role === 'update' ? ops.zerosLike(sum) : sum;
    }
    Object.assign(outputs, renewed);
    for (const opponent of turn.opponents)
      Object.assign(outputs, opponentStep(ops, opponent, required(contexts, opponent.lesson), inputs));
    for (const tensor of kept) tensor.dispose();
    return outputs;
  };
  return { step, specs: trainSpecs(plan, batch, role, turn) };
}

/** The first turn in which learners move: of everybody, where nobody takes turns. */
function everybody({ turns }: PhasePlan): PlannedTurn {
  const turn = turns.find(({ generator }) => !generator);
  if (turn === undefined) throw new Error('nobody learns in any turn');
  return turn;
}

/** The gradient of every learner's own loss with respect to its own parameters, and what the forward pass left. */
export function differentiated(ops: Ops, plan: PhasePlan, inputs: Tensors) {
  const tensors = learnerTensors(ops, plan, inputs, asTrained);
  const parameters: Record<string, tf.Tensor> = {};
  for (const learner of plan.learners) {
    for (const { name } of learner.parameters.parts)
      parameters[`${learner.instance}/${name}`] = required(required(tensors, learner.instance), name);
  }
  // What the networks beside learners read must outlive the scope of the gradients.
  const contexts: Record<string, readonly Context[]> = {};
  const kept: tf.Tensor[] = [];
  const keep = (tensor: tf.Tensor) => {
    const copy = ops.keep(ops.clone(tensor));
    kept.push(copy);
    return copy;
  };
  const result = withGradients(ops, parameters, () => {
    const { loss, aside, said } = forwardPass(ops, plan, tensors, inputs);
    for (const { lesson } of plan.opponents)
      contexts[lesson] = (said.contexts.get(lesson) ?? []).map((context) => keptContext(context, keep));
    return { loss, aside };
  });
  return { ...result, contexts, kept };
}

/** The sum of all learners' losses, with every part of them aside. */
export function forwardPass(ops: Ops, plan: PhasePlan, tensors: LearnerTensors, inputs: Tensors) {
  const said = objective(ops, plan, tensors, inputs, true);
  return { loss: total(ops, said.losses), aside: asideOf(ops, plan, said, inputs), said };
}

function total(ops: Ops, losses: ReadonlyMap<string, tf.Scalar>): tf.Scalar {
  const [first, ...others] = losses.values();
  if (first === undefined) throw new Error('a step without a loss');
  return others.reduce((sum, loss) => ops.add(sum, loss), first);
}

const UPDATE = 'update/';

function asideOf(
  ops: Ops,
  plan: PhasePlan,
  { losses, parts, logits, updates }: ReturnType<typeof objective>,
  inputs: Tensors,
): Record<string, tf.Tensor> {
  const aside: Record<string, tf.Tensor> = { ...parts };
  for (const { instance, prefix } of plan.learners) {
    const [loss, own] = [losses.get(instance), logits.get(instance)];
    if (loss === undefined || own === undefined) continue;
    aside[`${prefix}loss`] = loss;
    if (plan.imageLoss !== null) continue;
    const hits = ops.equal(ops.argMax(own, 1), required(inputs, 'labels'));
    aside[`${prefix}correct`] = ops.sum(ops.cast(hits, 'float32'));
  }
  for (const [name, value] of Object.entries(updates)) aside[UPDATE + name] = value;
  return aside;
}

function withoutUpdates(aside: Tensors): Record<string, tf.Tensor> {
  return Object.fromEntries(Object.entries(aside).filter(([name]) => !name.startsWith(UPDATE)));
}

function trainSpecs(plan: PhasePlan, batch: number, role: StepRole, turn: PlannedTurn): Step['specs'] {
  const { settings } = plan;
  const scalars =
    role === 'accumulate'
      ? []
      : [
          ...turn.learners.flatMap((learner) => learnerScalars(plan, learner)),
          ...(settings.gradientAccumulation > 1 ? ['gradientSamples'] : []),
          ...(settings.ema === null || turn.learners.length === 0 ? [] : ['emaDecay']),
        ];
  const state = plan.learners.flatMap((learner) => {
    const names = asTrained(learner);
    const slots = slotsOf(plan, learner).filter(
      ({ prefix }) => turn.learners.includes(learner) && (role === 'update' || prefix === 'gradientSum'),
    );
    return [
      [names.parameters, learner.parameters] as const,
      ...slots.map(({ vector, layout }) => [vector, layout] as const),
      [names.statistics, learner.statistics] as const,
    ];
  });
  return {
    ...stateSpecs(state),
    ...stateSpecs(turn.opponents.flatMap(slotsBeside).map(({ vector, layout }) => [vector, layout])),
    ...(plan.generator === null
      ? { ...lossSpecs(plan, batch), ...hardLabelSpecs(plan, batch) }
      : { ...generatedSpecs(plan, batch), ...ownSpecs(plan, batch) }),
    ...scalarSpecs(scalars),
    ...(plan.phase.loss === 'task' ? {} : scalarSpecs(['hardLabelWeight', ...lessonScalars(plan, true)])),
    ...scalarSpecs(turn.opponents.flatMap(opponentScalars)),
    ...chanceSpecs(plan, batch),
  };
}

/** Names of the scalars of a learner's optimizer. */
function learnerScalars(plan: PhasePlan, { instance, ownOptimizer }: Learner): readonly string[] {
  const head = ownOptimizer === null ? '' : `${instance}/`;
  const { scalars } = ownOptimizer ?? plan.optimizer;
  return ['learningRate', ...Object.keys(scalars(0))].map((name) => head + name);
}

/** Names of the scalars of the optimizer of a network beside a learner. */
export function opponentScalars({ instance, optimizer }: Opponent): readonly string[] {
  return ['learningRate', ...Object.keys(optimizer.scalars(0))].map((name) => `${instance}/${name}`);
}

/** The statistics of every learner after the batch, by their vectors. */
export function newStatistics(
  ops: Ops,
  plan: Pick<PhasePlan, 'learners'>,
  inputs: Tensors,
  aside: Tensors,
): Record<string, tf.Tensor> {
  const renewed = plan.learners.map(
    (learner) => [asTrained(learner).statistics, renewedStatistics(ops, learner, inputs, aside)] as const,
  );
  return Object.fromEntries(renewed.filter((entry): entry is [string, tf.Tensor] => entry[1] !== null));
}

/** Running statistics, and whatever else terms renewed, after the batch; null where there are none. */
function renewedStatistics(ops: Ops, learner: Learner, inputs: Tensors, aside: Tensors): tf.Tensor | null {
  const { instance, statistics, learns } = learner;
  if (statistics.size === 0) return null;
  const old = split(ops, inputs[asTrained(learner).statistics], statistics);
  const renewed = Object.entries(withPrefix(aside, `${UPDATE}${instance}/`)).filter(([name]) =>
    mayLearn(name, learns),
  );
  return join(ops, { ...old, ...Object.fromEntries(renewed) }, statistics);
}

function mayLearn(name: string, learns: readonly string[] | null): boolean {
  return (
    learns === null || name.startsWith('term:') || learns.some((beginning) => name.startsWith(beginning))
  );
}

/** The gradient that the weights follow, and the sum that is carried on; null where nothing is. */
function accumulated(
  ops: Ops,
  plan: PhasePlan,
  { instance }: Learner,
  inputs: Tensors,
  gradient: tf.Tensor,
  batch: number,
) {
  if (plan.settings.gradientAccumulation === 1) return { gradient, sum: null };
  const before = required(inputs, `${instance}/gradientSum`);
  const sum = ops.add(before, ops.mul(gradient, batch));
  const samples = inputs['gradientSamples'];
  return { gradient: samples === undefined ? sum : ops.div(sum, samples), sum };
}

/** Weights, slots and averages after the optimizer's step. */
function moved(
  ops: Ops,
  plan: PhasePlan,
  learner: Learner,
  inputs: Tensors,
  gradient: tf.Tensor,
  statistics: tf.Tensor | null,
): Record<string, tf.Tensor> {
  const { instance } = learner;
  const { settings } = plan;
  const optimizer = learner.ownOptimizer ?? plan.optimizer;
  const before = required(inputs, asTrained(learner).parameters);
  const { parameters: after, slots } = optimizer.update(ops, {
    parameters: before,
    gradient: clipGradient(ops, gradient, settings.gradientClipping),
    layout: learner.parameters,
    state: { ...inputs, ...withPrefix(inputs, `${instance}/`) },
  });
  const parameters = learner.learns === null ? after : learnedOnly(ops, learner, before, after);
  const named = Object.entries(slots).map(([slot, value]) => [`${instance}/${slot}`, value] as const);
  return {
    [asTrained(learner).parameters]: parameters,
    ...Object.fromEntries(named),
    ...averagedWeights(ops, learner, settings, inputs, { parameters, statistics }),
  };
}

/** The new parameters where they may change, the old ones elsewhere. */
function learnedOnly(
  ops: Ops,
  { parameters, learns }: Learner,
  before: tf.Tensor,
  after: tf.Tensor,
): tf.Tensor {
  const [old, renewed] = [split(ops, before, parameters), split(ops, after, parameters)];
  const kept = Object.entries(renewed).map(
    ([name, value]) => [name, mayLearn(name, learns) ? value : required(old, name)] as const,
  );
  return join(ops, Object.fromEntries(kept), parameters);
}
