import type * as tf from '@tensorflow/tfjs-core';
import type { TensorSpec } from '../compiler/graph.ts';
import { layerGrams, probeBatches } from '../measures/layer-grams.ts';
import type { Ops, Side } from '../methods/method.ts';
import { forward } from '../models/build.ts';
import { WEIGHT_NOISE } from '../models/weight-noise.ts';
import { split } from './flat.ts';
import { withGradients } from './gradients.ts';
import { hardLabelSpecs } from './hard-labels.ts';
import { weightVectors } from './learner-state.ts';
import type { Lesson } from './lesson.ts';
import { objective, partOutput, partsOf, taskPart, type LearnerTensors } from './objective.ts';
import type { Learner, PhasePlan, PlannedModel } from './plan.ts';
import { answerNames } from './say.ts';
import {
  chanceSpecs,
  imageSpecs,
  lessonScalars,
  lossSpecs,
  passSpecs,
  readTeachers,
  scalarSpecs,
  stateSpecs,
  weightsTeacher,
  type Specs,
} from './specs.ts';
import { required, withPrefix, type StepFunction, type Tensors } from './step-function.ts';
import { sideOf, termContext } from './terms.ts';
import { evaluatedVectors, trainedVectors, type WeightVectors } from './weight-average.ts';

/** A step and the inputs it takes, ready to be traced or run eagerly. */
export interface Step {
  readonly step: StepFunction;
  readonly specs: Readonly<Record<string, TensorSpec>>;
}

/** The inputs of a step, with the tensors of teachers and of networks beside learners under the names that losses look for. */
export function withWeights(ops: Ops, plan: PhasePlan, inputs: Tensors): Tensors {
  const added: Record<string, tf.Tensor> = {};
  for (const { instance, graph, parameters, columns } of readTeachers(plan)) {
    // A graph that reads none of a teacher's tensors does not take them.
    const flat = inputs[trainedVectors(instance).parameters];
    for (const [name, tensor] of Object.entries(split(ops, flat, parameters)))
      added[`weights/${instance}/${name}`] = name.startsWith(`${graph.logits}/`)
        ? ofColumns(ops, tensor, columns)
        : tensor;
  }
  for (const { instance, lesson, parameters, statistics } of plan.opponents) {
    const names = trainedVectors(instance);
    const own = {
      ...split(ops, inputs[names.parameters], parameters),
      ...split(ops, inputs[names.statistics], statistics),
    };
    for (const [name, tensor] of Object.entries(own)) added[`beside/${lesson}/${name}`] = tensor;
  }
  return { ...inputs, ...added };
}

/** Weights and statistics of every learner: as it trains, or as it is validated. */
export function learnerTensors(
  ops: Ops,
  plan: PhasePlan,
  inputs: Tensors,
  names: (learner: Learner) => WeightVectors,
): LearnerTensors {
  return new Map(
    plan.learners.map((learner) => {
      const { parameters, statistics } = names(learner);
      return [
        learner.instance,
        {
          ...split(ops, required(inputs, parameters), learner.parameters),
          ...split(ops, inputs[statistics], learner.statistics),
        },
      ] as const;
    }),
  );
}

/** The state of every learner, under these names. */
export function learnerSpecs(plan: PhasePlan, names: (learner: Learner) => WeightVectors): Specs {
  return stateSpecs(plan.learners.flatMap((learner) => weightVectors(learner, names(learner))));
}

const asTrained = ({ instance }: Learner): WeightVectors => trainedVectors(instance);
const asEvaluated =
  ({ settings }: PhasePlan) =>
  ({ instance }: Learner): WeightVectors =>
    evaluatedVectors(instance, settings);

/**
 * How strongly each part of the loss pulls at the first learner, on one batch: the norm of its unweighted gradient with
 * respect to all of the model's own parameters. Outputs: `gradientNorm/ce`, `gradientNorm/<term>` and `loss/<part>`.
 */
export function sharesStep(plan: PhasePlan, batch: number): Step {
  const { learner } = plan;
  const step: StepFunction = (ops, given) => {
    const inputs = withWeights(ops, plan, given);
    const tensors = learnerTensors(ops, plan, inputs, asTrained);
    const all = required(tensors, learner.instance);
    const names = learner.parameters.parts
      .map(({ name }) => name)
      .filter((name) => !name.startsWith('term:'));
    const own = Object.fromEntries(names.map((name) => [name, required(all, name)]));
    const outputs: Record<string, tf.Tensor> = {};
    for (const { id } of partsOf(learner)) {
      const { loss, gradients } = withGradients(ops, own, () => {
        const { parts } = objective(ops, plan, tensors, inputs, true);
        return { loss: required(parts, partOutput(learner, id)), aside: {} };
      });
      const squares = Object.values(gradients).map((gradient) => ops.sum<tf.Scalar>(ops.square(gradient)));
      outputs[`gradientNorm/${id}`] = ops.sqrt(ops.addN(squares));
      outputs[`loss/${id}`] = loss;
    }
    return outputs;
  };
  return {
    step,
    specs: {
      ...learnerSpecs(plan, asTrained),
      ...lossSpecs(plan, batch),
      ...hardLabelSpecs(plan, batch),
      ...scalarSpecs(lessonScalars(plan, false)),
      ...chanceSpecs(plan, batch),
    },
  };
}

/** Inference of one learner. Output: `logits`. */
export function predictStep(plan: PhasePlan, learner: Learner, batch: number): Step {
  const names = asEvaluated(plan)(learner);
  const answering = answeringLesson(learner);
  const step: StepFunction = (ops, given) => {
    const inputs = withWeights(ops, plan, given);
    const wanted = (answering?.term.settings.pairs ?? []).map(({ student }) => student);
    const variables = {
      ...split(ops, required(inputs, names.parameters), learner.parameters),
      ...split(ops, inputs[names.statistics], learner.statistics),
    };
    const images = required(inputs, 'images') as tf.Tensor4D;
    const said = forward(ops, learner.graph, variables, images, { training: false, wanted });
    if (answering === null) return { logits: said.logits };
    return {
      logits: answer(ops, answering, sideOf(said, answering.term.settings, 'student'), inputs, variables),
    };
  };
  return {
    step,
    specs: {
      ...stateSpecs(weightVectors(learner, names)),
      ...imageSpecs(plan, batch),
      ...answeringSpecs(plan, answering),
    },
  };
}

/** The lesson that gives a learner another classifier; null for all but a few methods. */
export function answeringLesson({ lessons }: Learner): Lesson | null {
  return lessons.find(({ term }) => term.method.answer !== undefined) ?? null;
}

function answeringSpecs(plan: PhasePlan, lesson: Lesson | null): Specs {
  if (lesson === null) return {};
  const teacher = weightsTeacher(plan, lesson.term.teacherWeights, lesson.speakers[0]?.instance);
  return {
    ...(teacher === null
      ? {}
      : stateSpecs([[trainedVectors(teacher.instance).parameters, teacher.parameters]])),
    ...scalarSpecs(Object.keys(lesson.term.scheduled).map((name) => `parameter/${lesson.id}/${name}`)),
  };
}

function answer(
  ops: Ops,
  { id, term, speakers }: Lesson,
  student: Side,
  inputs: Tensors,
  variables: Tensors,
): tf.Tensor2D {
  const context = termContext(ops, id, term, {
    student,
    teacher: student,
    strong: null,
    group: [],
    trunk: null,
    teacherParameters: withPrefix(inputs, `weights/${speakers[0]?.instance ?? ''}/`),
    labels: ops.zeros([student.logits.shape[0]], 'int32'),
    indices: undefined,
    scalars: inputs,
    variables,
    training: false,
    update: () => undefined,
  });
  const { method, sizes } = term;
  if (method.answer === undefined) throw new Error(`${method.name} gives no answer`);
  return method.answer(ops, { ...context, pairs: sizes.pairs });
}

/** Inference of all learners with every part of their losses. Outputs: `logits` with each learner's prefix, and `loss/<part>`. */
export function evaluateStep(plan: PhasePlan, batch: number): Step {
  const step: StepFunction = (ops, given) => {
    const inputs = withWeights(ops, plan, given);
    const tensors = learnerTensors(ops, plan, inputs, asEvaluated(plan));
    const { parts, logits } = objective(ops, plan, tensors, inputs, false);
    const outputs: Record<string, tf.Tensor> = {};
    for (const learner of plan.learners) {
      const own = logits.get(learner.instance);
      const answering = answeringLesson(learner);
      if (own !== undefined && answering === null) outputs[`${learner.prefix}logits`] = own;
      for (const { id, lesson } of partsOf(learner)) {
        // What the task says of its own answer is taken from the logits.
        if (lesson !== null || id !== taskPart(learner.graph))
          outputs[partOutput(learner, id)] = required(parts, partOutput(learner, id));
      }
    }
    return outputs;
  };
  return {
    step,
    specs: {
      ...learnerSpecs(plan, asEvaluated(plan)),
      ...lossSpecs(plan, batch),
      ...scalarSpecs(lessonScalars(plan, false)),
    },
  };
}

/** What a frozen model says to a batch, under the names the training step takes it by. */
export function answersStep(
  plan: Pick<PhasePlan, 'answers' | 'inputShape'>,
  model: PlannedModel,
  batch: number,
): Step {
  const { layers = [] } = plan.answers.get(model.instance) ?? {};
  const names = trainedVectors(model.instance);
  const said = answerNames(model.instance);
  const step: StepFunction = (ops, inputs) => {
    const { logits, outputs } = infer(ops, model, names, inputs, layers);
    const maps = Object.entries(outputs).map(([layer, map]) => [said.layer(layer), map] as const);
    return { [said.logits]: ofColumns(ops, logits, model.columns), ...Object.fromEntries(maps) };
  };
  return { step, specs: { ...stateSpecs(weightVectors(model, names)), ...imageSpecs(plan, batch) } };
}

/** Name of the graph of one random pass of a Bayesian model. */
export function passGraph({ instance }: Pick<PlannedModel, 'instance'>): string {
  return `pass/${instance}`;
}

/** One random pass of a Bayesian model: batch norms as in inference, masks and noise as they are given. Output: `logits`. */
export function passStep(
  plan: Pick<PhasePlan, 'inputShape'>,
  model: PlannedModel,
  names: WeightVectors,
  batch: number,
): Step {
  const step: StepFunction = (ops, inputs) => {
    const variables = {
      ...split(ops, required(inputs, names.parameters), model.parameters),
      ...split(ops, inputs[names.statistics], model.statistics),
    };
    const { logits } = forward(ops, model.graph, variables, required(inputs, 'images') as tf.Tensor4D, {
      training: false,
      randomPass: true,
      wanted: [],
      dropoutMasks: withPrefix(inputs, 'dropout/'),
      weightNoise: withPrefix(inputs, WEIGHT_NOISE),
    });
    return { logits: ofColumns(ops, logits, model.columns) };
  };
  return {
    step,
    specs: {
      ...stateSpecs(weightVectors(model, names)),
      ...imageSpecs(plan, batch),
      ...passSpecs(model.graph, 1),
    },
  };
}

/** Centred Gram matrices `[batches, size, size]` of layers of one model on a probe of so many samples, by layer. */
export function probeStep(
  plan: PhasePlan,
  model: PlannedModel,
  layers: readonly string[],
  samples: number,
): Step {
  const batches = probeBatches(samples, samples);
  const names =
    model === plan.learner ? evaluatedVectors(model.instance, plan.settings) : trainedVectors(model.instance);
  const step: StepFunction = (ops, inputs) => {
    const { outputs } = infer(ops, model, names, inputs, layers);
    return Object.fromEntries(
      Object.entries(outputs).map(([layer, map]) => [layer, layerGrams(ops, map, batches)]),
    );
  };
  return { step, specs: { ...stateSpecs(weightVectors(model, names)), ...imageSpecs(plan, samples) } };
}

/** The entries of the last axis for these classes alone; all where `columns` is left out. */
export function ofColumns(ops: Ops, tensor: tf.Tensor, columns: readonly number[] | undefined): tf.Tensor {
  if (columns === undefined) return tensor;
  return ops.gather(tensor, ops.tensor1d([...columns], 'int32'), tensor.rank - 1);
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
