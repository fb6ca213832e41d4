import type * as tf from '@tensorflow/tfjs-core';
import type { TensorSpec } from '../compiler/graph.ts';
import { centredGram } from '../measures/cka.ts';
import type { Ops } from '../methods/method.ts';
import { forward } from '../models/build.ts';
import { dropoutMaskShapes } from '../models/dropout.ts';
import { inferShapes } from '../models/infer.ts';
import { resolveLayer } from '../models/names.ts';
import { split, type FlatLayout } from './flat.ts';
import { withGradients } from './gradients.ts';
import { weightVectors } from './learner-state.ts';
import type { PhasePlan, PlannedModel } from './plan.ts';
import { required, withPrefix, type StepFunction, type Tensors } from './step-function.ts';
import { termLoss, type TermInputs } from './terms.ts';
import { evaluatedVectors, trainedVectors, type WeightVectors } from './weight-average.ts';

/** A step and the inputs it takes, ready to be traced or run eagerly. */
export interface Step {
  readonly step: StepFunction;
  readonly specs: Readonly<Record<string, TensorSpec>>;
}

/** Forward pass of the learner and every part of the loss, unweighted. */
export function lossParts(
  ops: Ops,
  plan: PhasePlan,
  parameters: Tensors,
  inputs: Tensors,
  training: boolean,
) {
  const { learner } = plan;
  const names = training ? trainedVectors(learner.instance) : evaluatedVectors(plan);
  const statistics = split(ops, inputs[names.statistics], learner.statistics);
  const variables = { ...parameters, ...statistics };
  const labels = required(inputs, 'labels') as tf.Tensor1D;
  const { logits, outputs, updates } = forward(
    ops,
    learner.graph,
    variables,
    required(inputs, 'images') as tf.Tensor4D,
    {
      training,
      wanted: [...new Set(plan.terms.flatMap((term) => term.settings.pairs.map((pair) => pair.student)))],
      dropoutMasks: withPrefix(inputs, 'dropout/'),
    },
  );
  const termInputs: TermInputs = {
    teacherParameters: readsTeacher(plan)
      ? split(ops, required(inputs, `${plan.teacher.instance}/parameters`), plan.teacher.parameters)
      : {},
    student: { logits, outputs },
    teacher: { logits: inputs['teacher:logits'], outputs: withPrefix(inputs, 'teacher/') },
    labels,
    indices: inputs['indices'] as tf.Tensor1D | undefined,
    scalars: inputs,
    variables,
    training,
    update: (variable, value) => (updates[variable] = value),
  };
  const ce = crossEntropy(ops, logits, labels, plan.classes);
  const terms = Object.fromEntries(plan.terms.map((term) => [term.id, termLoss(ops, term, termInputs)]));
  const hits = ops.equal(ops.argMax(logits, 1), labels);
  const aside: Record<string, tf.Tensor> = { 'loss/ce': ce, correct: ops.sum(ops.cast(hits, 'float32')) };
  for (const [id, term] of Object.entries(terms)) aside[`loss/${id}`] = term;
  for (const [name, value] of Object.entries(updates)) aside[`update/${name}`] = value;
  return { ce, terms, aside, logits };
}

/** CE = −1/N Σₙ log softmax(z)ₙ,yₙ; logits `[batch, classes]`, labels `[batch]`. */
function crossEntropy(ops: Ops, logits: tf.Tensor2D, labels: tf.Tensor1D, classes: number): tf.Scalar {
  const chosen = ops.mul(ops.logSoftmax(logits), ops.cast(ops.oneHot(labels, classes), 'float32'));
  return ops.neg(ops.mean<tf.Scalar>(ops.sum(chosen, 1)));
}

/**
 * How strongly each part of the loss pulls at the learner, on one batch: the norm of its unweighted gradient with respect
 * to all of the model's own parameters. Outputs: `gradientNorm/ce`, `gradientNorm/<term>` and `loss/<part>`.
 */
export function sharesStep(plan: PhasePlan, batch: number): Step {
  const { learner } = plan;
  const step: StepFunction = (ops, inputs) => {
    const parameters = split(ops, required(inputs, `${learner.instance}/parameters`), learner.parameters);
    const own = Object.fromEntries(Object.entries(parameters).filter(([name]) => !name.startsWith('term:')));
    const outputs: Record<string, tf.Tensor> = {};
    for (const part of ['ce', ...plan.terms.map((term) => term.id)]) {
      const { loss, gradients } = withGradients(ops, own, () => {
        const { ce, terms } = lossParts(ops, plan, parameters, inputs, true);
        return { loss: part === 'ce' ? ce : required(terms, part), aside: {} };
      });
      const squares = Object.values(gradients).map((gradient) => ops.sum<tf.Scalar>(ops.square(gradient)));
      outputs[`gradientNorm/${part}`] = ops.sqrt(ops.addN(squares));
      outputs[`loss/${part}`] = loss;
    }
    return outputs;
  };
  return {
    step,
    specs: {
      ...stateSpecs(weightVectors(learner, trainedVectors(learner.instance))),
      ...batchSpecs(plan, batch, true),
      ...scalarSpecs(termScalarNames(plan, false)),
      ...dropoutSpecs(plan, batch),
    },
  };
}

/** Inference of the learner. Outputs: `logits`, and where a teacher answers, `loss/<term>`. */
export function evaluateStep(plan: PhasePlan, batch: number, withTerms: boolean): Step {
  const { learner } = plan;
  const names = evaluatedVectors(plan);
  const step: StepFunction = (ops, inputs) => {
    if (!withTerms) return { logits: infer(ops, learner, names, inputs, []).logits };
    const parameters = split(ops, required(inputs, names.parameters), learner.parameters);
    const { logits, aside } = lossParts(ops, plan, parameters, inputs, false);
    const losses = plan.terms.map(({ id }) => [`loss/${id}`, required(aside, `loss/${id}`)] as const);
    return { logits, ...Object.fromEntries(losses) };
  };
  return {
    step,
    specs: {
      ...stateSpecs(weightVectors(learner, names)),
      ...(withTerms
        ? { ...batchSpecs(plan, batch, true), ...scalarSpecs(termScalarNames(plan, false)) }
        : imageSpecs(plan, batch)),
    },
  };
}

/** What the teacher says to a batch, under the names the training step takes it by. */
export function answersStep(plan: PhasePlan, teacher: PlannedModel, batch: number): Step {
  const { layers } = plan.answers;
  const names = trainedVectors(teacher.instance);
  const step: StepFunction = (ops, inputs) => {
    const { logits, outputs } = infer(ops, teacher, names, inputs, layers);
    const maps = Object.entries(outputs).map(([layer, map]) => [`teacher/${layer}`, map] as const);
    return { 'teacher:logits': logits, ...Object.fromEntries(maps) };
  };
  return {
    step,
    specs: { ...stateSpecs(weightVectors(teacher, names)), ...imageSpecs(plan, batch) },
  };
}

/** Centred Gram matrices `[batch, batch]` of layers of one model on a probe batch, by layer. */
export function probeStep(
  plan: PhasePlan,
  model: PlannedModel,
  layers: readonly string[],
  batch: number,
): Step {
  const names = model === plan.learner ? evaluatedVectors(plan) : trainedVectors(model.instance);
  const step: StepFunction = (ops, inputs) => {
    const { outputs } = infer(ops, model, names, inputs, layers);
    return Object.fromEntries(Object.entries(outputs).map(([layer, map]) => [layer, centredGram(ops, map)]));
  };
  return { step, specs: { ...stateSpecs(weightVectors(model, names)), ...imageSpecs(plan, batch) } };
}

function infer(
  ops: Ops,
  model: PlannedModel,
  names: WeightVectors,
  inputs: Tensors,
  wanted: readonly string[],
) {
  const variables = {
    ...split(ops, required(inputs, names.parameters), model.parameters),
    ...split(ops, inputs[names.statistics], model.statistics),
  };
  const images = required(inputs, 'images') as tf.Tensor4D;
  return forward(ops, model.graph, variables, images, { training: false, wanted });
}

type Specs = Record<string, TensorSpec>;

/** Of the vectors that hold anything. */
export function stateSpecs(vectors: readonly (readonly [name: string, layout: FlatLayout])[]): Specs {
  const specs: Specs = {};
  for (const [name, { size }] of vectors) {
    if (size > 0) specs[name] = { shape: [size], dtype: 'float32', role: 'state' };
  }
  return specs;
}

function imageSpecs({ inputShape }: PhasePlan, batch: number): Specs {
  return { images: { shape: [batch, ...inputShape], dtype: 'float32', role: 'batch' } };
}

export function batchSpecs(plan: PhasePlan, batch: number, withAnswers: boolean): Specs {
  const specs: Specs = {
    ...imageSpecs(plan, batch),
    labels: { shape: [batch], dtype: 'int32', role: 'batch' },
  };
  if (plan.needsIndices) specs['indices'] = { shape: [batch], dtype: 'int32', role: 'batch' };
  for (const { id, draws } of plan.terms) {
    for (const { name, count } of draws)
      specs[`draws/${id}/${name}`] = { shape: [batch, count], dtype: 'int32', role: 'batch' };
  }
  if (plan.teacher === null || !withAnswers) return specs;
  if (readsTeacher(plan)) {
    const { instance, parameters } = plan.teacher;
    Object.assign(specs, stateSpecs([[trainedVectors(instance).parameters, parameters]]));
  }
  return { ...specs, ...answerSpecs(plan, plan.teacher, batch) };
}

/** Whether a term reads weights of the teacher, beside what it says. */
function readsTeacher(plan: PhasePlan): plan is PhasePlan & { readonly teacher: PlannedModel } {
  return plan.teacher !== null && plan.terms.some((term) => Object.keys(term.teacherWeights).length > 0);
}

function answerSpecs({ answers }: PhasePlan, { graph }: PlannedModel, batch: number): Specs {
  const shapes = inferShapes(graph);
  const spec = (path: string): TensorSpec => ({
    shape: [batch, ...(shapes.get(path) ?? [])],
    dtype: 'float32',
    role: 'batch',
  });
  const specs: Specs = answers.logits ? { 'teacher:logits': spec(graph.logits) } : {};
  for (const layer of answers.layers) specs[`teacher/${layer}`] = spec(resolveLayer(graph, layer).path);
  return specs;
}

/** Numbers that `answersStep` yields for one sample. */
export function answerSize(plan: PhasePlan, teacher: PlannedModel): number {
  const whole = { ...plan, answers: { ...plan.answers, logits: true } };
  const specs = Object.values(answerSpecs(whole, teacher, 1));
  return specs.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
}

export function termScalarNames({ terms }: PhasePlan, withWeights: boolean): readonly string[] {
  return terms.flatMap((term) => [
    ...(withWeights ? [`weight/${term.id}`] : []),
    ...Object.keys(term.scheduled).map((name) => `parameter/${term.id}/${name}`),
  ]);
}

export function scalarSpecs(names: readonly string[]): Specs {
  return Object.fromEntries(names.map((name) => [name, { shape: [], dtype: 'float32', role: 'hyper' }]));
}

export function dropoutSpecs({ learner }: PhasePlan, batch: number): Specs {
  const shapes = Object.entries(dropoutMaskShapes(learner.graph, batch));
  return Object.fromEntries(
    shapes.map(([path, shape]) => [`dropout/${path}`, { shape, dtype: 'float32', role: 'hyper' }]),
  );
}
