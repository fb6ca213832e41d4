import type * as tf from '@tensorflow/tfjs-core';
import type { Ops } from '../methods/method.ts';
import { forward } from '../models/build.ts';
import { join, split } from './flat.ts';
import type { Generator } from './generator.ts';
import { withGradients } from './gradients.ts';
import { weightVectors } from './learner-state.ts';
import type { PhasePlan, PlannedModel } from './plan.ts';
import { answerNames } from './say.ts';
import { scalarSpecs, stateSpecs, type Specs } from './specs.ts';
import { required, withPrefix, type StepFunction, type Tensors } from './step-function.ts';
import { trainedVectors } from './weight-average.ts';
import type { Step } from './steps.ts';

/** What a step whose images are made reads in place of a batch of the training split. */
export function generatedSpecs({ generator, teachers }: PhasePlan, batch: number): Specs {
  if (generator === null) return {};
  return {
    noise: { shape: [batch, generator.plan.latent], dtype: 'float32', role: 'batch' },
    ...stateSpecs(
      [generator, ...teachers].flatMap((model) => weightVectors(model, trainedVectors(model.instance))),
    ),
  };
}

/**
 * The inputs of the student's step: images that the generator makes of the noise, what the teachers say of them, and as labels
 * the class that the first teacher is surest of. All of it is constant.
 */
export function withGenerated(ops: Ops, plan: PhasePlan, inputs: Tensors): Tensors {
  const { generator, teachers } = plan;
  if (generator === null) return inputs;
  const { images } = generate(ops, generator, tensorsOf(ops, generator, inputs), inputs);
  const said: Record<string, tf.Tensor> = { images };
  for (const teacher of teachers) {
    const { layers = [] } = plan.answers.get(teacher.instance) ?? {};
    const { logits, outputs } = speak(ops, teacher, inputs, images, layers, false);
    const names = answerNames(teacher.instance);
    said[names.logits] = logits;
    said['labels'] ??= ops.cast(ops.argMax(logits, 1), 'int32');
    for (const [layer, map] of Object.entries(outputs)) said[names.layer(layer)] = map;
  }
  return { ...inputs, ...said };
}

/**
 * One step of the generator by the gradient of its own loss, which passes through teacher and student; neither of them moves.
 * Outputs: `generator/loss`, and the generator's new state.
 */
export function generatorStep(plan: PhasePlan, generator: Generator, batch: number): Step {
  const { loss, plain, optimizer, parameters, statistics, instance } = generator;
  const names = trainedVectors(instance);
  const { learner, teacher } = plan;
  if (teacher === null) throw new Error('a generator learns from a teacher');
  const step: StepFunction = (ops, inputs) => {
    const flat = required(inputs, names.parameters);
    const weights = split(ops, flat, parameters);
    const still = split(ops, inputs[names.statistics], statistics);
    const {
      loss: value,
      gradients,
      aside,
    } = withGradients(ops, weights, () => {
      const { images, updates } = generate(ops, generator, { ...still, ...weights }, inputs);
      const taught = speak(ops, teacher, inputs, images, [], false);
      const said = speak(ops, learner, inputs, images, [], true);
      return {
        loss: loss.loss(ops, {
          teacher: taught,
          student: said,
          parameters: { ...plain, ...withPrefix(inputs, 'generator/parameter/') },
        }),
        aside: updates,
      };
    });
    const { parameters: moved, slots } = optimizer.update(ops, {
      parameters: flat,
      gradient: join(ops, gradients, parameters),
      layout: parameters,
      state: withPrefix(inputs, `${instance}/`),
    });
    const outputs: Record<string, tf.Tensor> = { 'generator/loss': value, [names.parameters]: moved };
    for (const [slot, tensor] of Object.entries(slots)) outputs[`${instance}/${slot}`] = tensor;
    if (statistics.size > 0) outputs[names.statistics] = join(ops, { ...still, ...aside }, statistics);
    return outputs;
  };
  return {
    step,
    specs: {
      ...generatedSpecs({ ...plan, teachers: [teacher] }, batch),
      ...stateSpecs(weightVectors(learner, trainedVectors(learner.instance))),
      ...stateSpecs(optimizer.slots.map((slot) => [`${instance}/${slot}`, parameters] as const)),
      ...scalarSpecs([
        `${instance}/learningRate`,
        ...Object.keys(optimizer.scalars(0)).map((name) => `${instance}/${name}`),
        ...Object.keys(generator.scheduled).map((name) => `generator/parameter/${name}`),
      ]),
    },
  };
}

function generate(ops: Ops, { graph }: Generator, variables: Tensors, inputs: Tensors) {
  const noise = required(inputs, 'noise');
  const made = forward(ops, graph, variables, noise as tf.Tensor4D, {
    training: true,
    wanted: [graph.logits],
  });
  return { images: required(made.outputs, graph.logits), updates: made.updates };
}

function speak(
  ops: Ops,
  model: PlannedModel,
  inputs: Tensors,
  images: tf.Tensor,
  wanted: readonly string[],
  training: boolean,
) {
  const variables = tensorsOf(ops, model, inputs);
  return forward(ops, model.graph, variables, images as tf.Tensor4D, {
    training,
    wanted,
    dropoutMasks: {},
  });
}

function tensorsOf(ops: Ops, { instance, parameters, statistics }: PlannedModel, inputs: Tensors): Tensors {
  const names = trainedVectors(instance);
  return {
    ...split(ops, required(inputs, names.parameters), parameters),
    ...split(ops, inputs[names.statistics], statistics),
  };
}
