import type * as tf from '@tensorflow/tfjs-core';
import type { Dataset } from '../data/dataset.ts';
import type { Feeds } from '../executors/executor.ts';
import { forward } from '../models/build.ts';
import type { RegionsPicture } from '../protocol/records.ts';
import type { RunWriter } from '../runs/writer.ts';
import { inOrder, realSamples } from './data.ts';
import type { Job } from './jobs.ts';
import type { Lesson } from './lesson.ts';
import type { PhaseProgram } from './phase-program.ts';
import type { PhasePlan } from './plan.ts';
import { regionsOf } from './refiners.ts';
import { heardBy, wantedLayers } from './say.ts';
import { lessonScalars, lossSpecs, scalarSpecs } from './specs.ts';
import { required, type StepFunction } from './step-function.ts';
import { learnerSpecs, learnerTensors, withWeights, type Step } from './steps.ts';
import { sideOf } from './terms.ts';
import { evaluatedVectors } from './weight-average.ts';

/** Images that are looked at in every epoch. */
export const REGION_IMAGES = 4;
/** Epochs of a job that are recorded; of longer ones every so many. */
const RECORDED_EPOCHS = 50;

/** Lessons of the first learner, from somebody who stands still, with a refiner that shows what it looks at. */
function showing(plan: PhasePlan): readonly Lesson[] {
  return plan.learner.lessons.filter(
    ({ refiners, speakers }) =>
      refiners.some(({ refiner }) => refiner.regions !== undefined) &&
      speakers.every(({ kind }) => kind !== 'peer'),
  );
}

/** Whether anything of a phase can be drawn as regions of images. */
export function showsRegions(plan: PhasePlan): boolean {
  return showing(plan).length > 0;
}

/**
 * What refiners of the first learner look at, in inference. Outputs for each of them and pair of layers:
 * `boxes/<lesson>|<refiner>|<pair>` `[batch, regions, 4]` and `scores/...` `[batch, regions]`.
 */
export function regionsStep(plan: PhasePlan, batch: number): Step {
  const names = ({ instance }: { readonly instance: string }) => evaluatedVectors(instance, plan.settings);
  const step: StepFunction = (ops, given) => {
    const inputs = withWeights(ops, plan, given);
    const { instance, graph } = plan.learner;
    const variables = required(learnerTensors(ops, plan, inputs, names), instance);
    const wanted = wantedLayers(plan).get(instance) ?? [];
    const images = required(inputs, 'images') as tf.Tensor4D;
    const said = forward(ops, graph, variables, images, { training: false, wanted });
    const outputs: Record<string, tf.Tensor> = {};
    for (const lesson of showing(plan)) {
      const [teacher] = heardBy(ops, lesson, new Map([[instance, said]]), inputs, '');
      if (teacher === undefined) continue;
      const looked = regionsOf(
        ops,
        lesson.refiners,
        { student: sideOf(said, lesson.term.settings, 'student'), teacher },
        {
          lesson: lesson.id,
          labels: required(inputs, 'labels') as tf.Tensor1D,
          scalars: inputs,
          variables,
          training: false,
          searching: false,
          update: () => undefined,
        },
      );
      for (const [refiner, pairs] of looked) {
        pairs.forEach(({ boxes, scores }, pair) => {
          outputs[`boxes/${lesson.id}|${refiner}|${pair}`] = boxes;
          outputs[`scores/${lesson.id}|${refiner}|${pair}`] = scores;
        });
      }
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

/** Whether an epoch of a job is drawn: all of a short one, evenly many of a long one, always the first and the last. */
export function drawsRegions(epoch: number, epochs: number): boolean {
  const every = Math.ceil(epochs / RECORDED_EPOCHS);
  return epoch % every === 0 || epoch + 1 === epochs;
}

/** Records what refiners look at on the first validation images, after an epoch. */
export async function recordRegions(
  writer: RunWriter,
  job: Job,
  epoch: number,
  dataset: Dataset,
  program: PhaseProgram,
  answers: (images: Parameters<typeof realSamples>[0]) => Promise<Feeds>,
): Promise<void> {
  const { regions: size = 0 } = program.sizes;
  const [batch] = size === 0 ? [] : inOrder(dataset, 'validation', size);
  if (batch === undefined) return;
  const feeds = { ...realSamples(batch), ...(await answers(batch)) };
  const fetched = await program.run('regions', feeds);
  const sets = Object.entries(fetched).flatMap(([name, boxes]): RegionsPicture['sets'] => {
    if (!name.startsWith('boxes/')) return [];
    const of = name.slice('boxes/'.length);
    const [term = '', refiner = '', pair = ''] = of.split('|');
    const scores = Array.from(fetched[`scores/${of}`] ?? []).map(rounded);
    const layers = program.plan.learner.lessons.find(({ id }) => id === term)?.term.settings.pairs[
      Number(pair)
    ];
    const count = scores.length / size;
    const places = Array.from(boxes).map(rounded);
    return [
      {
        term,
        refiner,
        layer: layers?.student ?? '',
        images: Array.from({ length: size }, (_, image) =>
          Array.from({ length: count }, (_value, at) => {
            const one = image * count + at;
            return {
              box: places.slice(one * 4, one * 4 + 4) as [number, number, number, number],
              score: scores[one] ?? 0,
            };
          }),
        ),
      },
    ];
  });
  if (sets.length === 0) return;
  const samples = Array.from(batch.indices.subarray(0, size));
  writer.picture({ kind: 'regions', phase: job.phase.name, seed: job.seed, epoch, samples, sets });
}

/** Three digits are a tenth of a pixel of any image that is drawn. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
