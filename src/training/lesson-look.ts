import type * as tf from '@tensorflow/tfjs-core';
import type { Batch } from '../data/batches.ts';
import type { Feeds } from '../executors/executor.ts';
import type { Ops } from '../methods/method.ts';
import { forward } from '../models/build.ts';
import type { RunWriter } from '../runs/writer.ts';
import type { Job } from './jobs.ts';
import type { Lesson } from './lesson.ts';
import type { PhaseProgram } from './phase-program.ts';
import type { PhasePlan } from './plan.ts';
import type { Sides, Surroundings } from './refiners.ts';
import { heardBy, wantedLayers } from './say.ts';
import { lessonScalars, lossSpecs, scalarSpecs } from './specs.ts';
import { required, type StepFunction, type Tensors } from './step-function.ts';
import { learnerSpecs, learnerTensors, withWeights, type Step } from './steps.ts';
import { sideOf } from './terms.ts';
import { evaluatedVectors } from './weight-average.ts';

/** Epochs of a job that are recorded; of longer ones every so many. */
const RECORDED_EPOCHS = 50;

/** Whether an epoch of a job is drawn: all of a short one, evenly many of a long one, always the first and the last. */
export function isDrawn(epoch: number, epochs: number): boolean {
  const every = Math.ceil(epochs / RECORDED_EPOCHS);
  return epoch % every === 0 || epoch + 1 === epochs;
}

/** What a picture of an epoch is drawn from. */
export interface Drawn {
  readonly writer: RunWriter;
  readonly job: Job;
  readonly epoch: number;
  readonly program: PhaseProgram;
  /** The first batch of validation: whole, so that whoever answers live has as many samples as its graph takes. */
  readonly batch: Batch;
  /** Its samples, what is said of them, and the scalars of the last step. */
  readonly feeds: Feeds;
  /** Names of the classes of the phase. */
  readonly classes: readonly string[];
}

/** Whose picture it is. */
export function headOf({ job, epoch }: Pick<Drawn, 'job' | 'epoch'>) {
  return { phase: job.phase.name, seed: job.seed, epoch };
}

/**
 * A step that looks at what stands before the refiners of lessons of the first learner, in inference; of several speakers at the first.
 * @param look its outputs for one lesson, by names of their own
 */
export function lookStep(
  plan: PhasePlan,
  batch: number,
  lessons: readonly Lesson[],
  look: (ops: Ops, lesson: Lesson, said: Sides, given: Surroundings) => Tensors,
): Step {
  const names = ({ instance }: { readonly instance: string }) => evaluatedVectors(instance, plan.settings);
  const step: StepFunction = (ops, inputs) => {
    const all = withWeights(ops, plan, inputs);
    const { instance, graph } = plan.learner;
    const variables = required(learnerTensors(ops, plan, all, names), instance);
    const wanted = wantedLayers(plan).get(instance) ?? [];
    const images = required(all, 'images') as tf.Tensor4D;
    const said = forward(ops, graph, variables, images, { training: false, wanted });
    const outputs: Record<string, tf.Tensor> = {};
    for (const lesson of lessons) {
      const [teacher] = heardBy(ops, lesson, new Map([[instance, said]]), all, '');
      if (teacher === undefined) continue;
      const student = sideOf(said, lesson.term.settings, 'student');
      const labels = required(all, 'labels') as tf.Tensor1D;
      const given: Surroundings = {
        ...{ lesson: lesson.id, labels, scalars: all, variables },
        ...{ training: false, searching: false, update: () => undefined },
      };
      Object.assign(outputs, look(ops, lesson, { student, teacher }, given));
    }
    return outputs;
  };
  return {
    step,
    specs: {
      ...learnerSpecs(plan, names),
      ...lossSpecs(plan, batch),
      ...scalarSpecs(lessonScalars(plan, false)),
    },
  };
}
