import type * as tf from '@tensorflow/tfjs-core';
import type { Experiment } from '../config/experiment.ts';
import type { StepFunction } from '../compiler/trace.ts';
import { forward } from '../models/build.ts';
import type { ModelGraph } from '../models/description.ts';
import { parameterSpecs } from '../models/parameters.ts';
import { widthsOfTensors } from '../models/pruning.ts';
import { UserError } from '../protocol/errors.ts';
import { listJobs, modelName, type Job } from './jobs.ts';
import type { NamedTensors } from './phase-program.ts';
import { planPhase, type Learner, type PhasePlan } from './plan.ts';
import { answeringLesson, type Step } from './steps.ts';

/** Who trained a saved model. */
export interface TrainedModel {
  readonly job: Job;
  readonly plan: PhasePlan;
  readonly learner: Learner;
}

/**
 * The job and learner whose weights a run keeps under a name.
 * @param samples of the training split
 * @param tensors its weights, which say how wide it is
 * @throws UserError KD5010 where no job of the experiment keeps a model of this name
 */
export function trainedModel(
  experiment: Experiment,
  samples: number,
  name: string,
  tensors: NamedTensors,
): TrainedModel {
  for (const job of listJobs(experiment)) {
    const whole = planPhase(experiment, job.phase, samples);
    const found = whole.learners.findIndex((one) => modelName(job, one) === name);
    const learner = whole.learners[found];
    if (learner === undefined) continue;
    const widths = new Map([[learner.instance, widthsOfTensors(learner.kept, tensors)]]);
    const plan = planPhase(experiment, job.phase, samples, widths);
    return { job, plan, learner: plan.learners[found] ?? learner };
  }
  throw new UserError({
    code: 'KD5010',
    message: `no phase of this experiment trains a model "${name}"`,
    help: '`kd show RUN` lists the models of a run',
  });
}

/**
 * The model as it is kept: without branches, adapters and whatever else serves training alone.
 * @throws UserError KD5028 for one that answers through a part of a method
 */
export function keptGraph({ learner }: Pick<TrainedModel, 'learner'>): ModelGraph {
  const answering = answeringLesson(learner);
  if (answering === null) return learner.kept;
  throw new UserError({
    code: 'KD5028',
    message: `"${learner.instance}" answers through a classifier of the method ${answering.term.method.name}, which is no part of the model's own graph`,
    help: 'export it with --format safetensors, which holds its weights and those of that classifier',
  });
}

/** Inference of a model alone, every tensor an input under its own name. Output: `logits`, `[batch, classes]`. */
export function inferenceStep(graph: ModelGraph, batch: number, shape: readonly number[]): Step {
  const parameters = parameterSpecs(graph);
  const step: StepFunction = (ops, inputs) => {
    const images = inputs['images'] as tf.Tensor4D;
    const { logits } = forward(ops, graph, inputs, images, { training: false, wanted: [] });
    return { logits };
  };
  const weights = parameters.map(
    ({ name, shape: own }) => [name, { shape: own, dtype: 'float32', role: 'batch' }] as const,
  );
  return {
    step,
    specs: {
      images: { shape: [batch, ...shape], dtype: 'float32', role: 'batch' },
      ...Object.fromEntries(weights),
    },
  };
}
