import type * as tf from '@tensorflow/tfjs-core';
import type { RegionsPicture } from '../protocol/records.ts';
import type { Lesson } from './lesson.ts';
import { headOf, lookStep, type Drawn } from './lesson-look.ts';
import type { PhasePlan } from './plan.ts';
import { regionsOf } from './refiners.ts';
import type { Step } from './steps.ts';

/** Images that are drawn in every epoch. */
const REGION_IMAGES = 4;

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
  return lookStep(plan, batch, showing(plan), (ops, lesson, said, given) => {
    const outputs: Record<string, tf.Tensor> = {};
    for (const [refiner, pairs] of regionsOf(ops, lesson.refiners, said, given)) {
      pairs.forEach(({ boxes, scores }, pair) => {
        outputs[`boxes/${lesson.id}|${refiner}|${pair}`] = boxes;
        outputs[`scores/${lesson.id}|${refiner}|${pair}`] = scores;
      });
    }
    return outputs;
  });
}

/** Records what refiners look at on the first validation images, after an epoch. */
export async function recordRegions(drawn: Drawn): Promise<void> {
  const { program, batch, feeds } = drawn;
  if (program.sizes.regions === undefined) return;
  const fetched = await program.run('regions', feeds);
  const shown = Math.min(REGION_IMAGES, batch.count);
  const sets = Object.entries(fetched).flatMap(([name, boxes]): RegionsPicture['sets'] => {
    if (!name.startsWith('boxes/')) return [];
    const of = name.slice('boxes/'.length);
    const [term = '', refiner = '', pair = ''] = of.split('|');
    const scores = Array.from(fetched[`scores/${of}`] ?? []).map(rounded);
    const layers = program.plan.learner.lessons.find(({ id }) => id === term)?.term.settings.pairs[
      Number(pair)
    ];
    const count = scores.length / batch.count;
    const places = Array.from(boxes).map(rounded);
    return [
      {
        term,
        refiner,
        layer: layers?.student ?? '',
        images: Array.from({ length: shown }, (_, image) =>
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
  const samples = Array.from(batch.indices.subarray(0, shown));
  drawn.writer.picture({ kind: 'regions', ...headOf(drawn), samples, sets });
}

/** Three digits are a tenth of a pixel of any image that is drawn. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
