import type * as tf from '@tensorflow/tfjs-core';
import { detached } from '../methods/math.ts';
import type { Ops, Side } from '../methods/method.ts';
import { penalizedLayers } from '../models/penalties.ts';
import type { Speaker } from '../schemes/lessons.ts';
import type { Lesson } from './lesson.ts';
import type { PhasePlan } from './plan.ts';
import { required, withPrefix, type Tensors } from './step-function.ts';
import { sideOf, type Speech } from './terms.ts';

/** Names under which a graph takes what a frozen model says. */
export function answerNames(
  instance: string,
  view = '',
): { readonly logits: string; readonly passes: string; layer(name: string): string } {
  const head = `${view}says/${instance}/`;
  return { logits: `${head}logits`, passes: `${head}passes`, layer: (name) => `${head}layer/${name}` };
}

/** Before the names of what belongs to the stronger view. */
export const STRONG = 'strong/';

/**
 * What a lesson hears: one side for each speaker where it listens to each, else one that they are combined to. Nothing flows
 * back to a speaker.
 * @param said by the learners in this step, by instance
 */
export function heardBy(
  ops: Ops,
  { id, speakers, combine, term }: Lesson,
  said: ReadonlyMap<string, Speech>,
  inputs: Tensors,
  view: string,
): readonly Side[] {
  if (term.method.needs.passes === true) return [ensembleOf(ops, speakers, said, inputs, view)];
  const sides = speakers.map((speaker) =>
    sideOf(
      speechOf(ops, speaker, said, inputs, view, term.method.needs.logits === true),
      term.settings,
      'teacher',
    ),
  );
  const [only] = sides;
  if (only === undefined || sides.length === 1 || combine.kind === 'each') return sides;
  const temperature = temperatureOf(inputs, id, term.plain['temperature']);
  const shares = sharesOf(ops, sides, combine, inputs, id);
  const logits = ops.mul(mixedLog(ops, sides, shares, temperature), temperature);
  const maps = only.maps.map((_, at) => {
    const parts = sides.map((side, index) =>
      weighted(ops, side.maps[at] as tf.Tensor, shares[index] as tf.Tensor),
    );
    return ops.addN(parts);
  });
  return [{ logits: logits as tf.Tensor2D, maps, layers: only.layers }];
}

/** All random passes of all speakers together, as one side: an ensemble. */
function ensembleOf(
  ops: Ops,
  speakers: readonly Speaker[],
  said: ReadonlyMap<string, Speech>,
  inputs: Tensors,
  view: string,
): Side {
  const passes = speakers.map((speaker) => {
    // `[batch, passes, classes]`, as answers are stored sample by sample.
    const own = inputs[answerNames(speaker.instance, view).passes];
    if (own !== undefined) return ops.transpose(own, [1, 0, 2]);
    return ops.expandDims(speechOf(ops, speaker, said, inputs, view, true).logits, 0);
  });
  const all = (passes.length === 1 ? passes[0] : ops.concat(passes, 0)) as tf.Tensor3D;
  const mean = ops.mean<tf.Tensor2D>(ops.softmax(all), 0);
  const logits = ops.log(ops.maximum(mean, SMALLEST_PROBABILITY));
  return { logits: logits as tf.Tensor2D, passes: all, maps: [], layers: [] };
}

function speechOf(
  ops: Ops,
  { instance, kind }: Speaker,
  said: ReadonlyMap<string, Speech>,
  inputs: Tensors,
  view: string,
  withLogits: boolean,
): Speech {
  if (kind === 'peer') {
    const speech = said.get(instance);
    if (speech === undefined) throw new Error(`"${instance}" said nothing`);
    const still = <T extends tf.Tensor>(x: T): T => detached(ops, [x], (value) => ops.clone(value) as T);
    return {
      logits: still(speech.logits),
      outputs: Object.fromEntries(
        Object.entries(speech.outputs).map(([name, output]) => [name, still(output)]),
      ),
    };
  }
  const names = answerNames(instance, view);
  return {
    logits: (withLogits ? required(inputs, names.logits) : ops.zeros([1, 1])) as tf.Tensor2D,
    outputs: withPrefix(inputs, names.layer('')),
  };
}

/** The temperature of a term: as it is scheduled, else as it is given, else 1. @param id of the lesson */
export function temperatureOf(inputs: Tensors, id: string, plain: unknown): tf.Tensor | number {
  return inputs[`parameter/${id}/temperature`] ?? (typeof plain === 'number' ? plain : 1);
}

/** One share a speaker: a scalar, or `[batch]` where it differs from sample to sample. */
function sharesOf(
  ops: Ops,
  sides: readonly Side[],
  combine: Exclude<Lesson['combine'], { kind: 'each' }>,
  inputs: Tensors,
  id: string,
): readonly tf.Tensor[] {
  switch (combine.kind) {
    case 'average':
      return sides.map(() => ops.scalar(1 / sides.length));
    case 'weights':
      return combine.weights.map((weight) => ops.scalar(weight));
    case 'random':
    case 'byScore':
      return ops.unstack(required(inputs, `shares/${id}`));
    case 'byQuality': {
      const labels = required(inputs, 'labels') as tf.Tensor1D;
      const right = sides.map(({ logits }) => {
        const targets = ops.oneHot(labels, logits.shape[1], 1, 0, 'float32');
        return ops.sum(ops.mul(ops.softmax(logits), targets), 1);
      });
      const sum = ops.maximum(ops.addN(right), 1e-12);
      return right.map((one) => ops.div(one, sum));
    }
  }
}

/** `log Σₘ w_m softmax(z_m / T)`, `[batch, classes]`; a share of 0 leaves its speaker out. */
function mixedLog(
  ops: Ops,
  sides: readonly Side[],
  shares: readonly tf.Tensor[],
  temperature: tf.Tensor | number,
): tf.Tensor {
  const parts = sides.map(({ logits }, index) => {
    const soft = ops.softmax(ops.div<tf.Tensor2D>(logits, temperature));
    return weighted(ops, soft, shares[index] as tf.Tensor);
  });
  return ops.log(ops.maximum(ops.addN(parts), SMALLEST_PROBABILITY));
}

/** Keeps the logarithm of a probability finite; far below what float32 softmax can tell from 0. */
const SMALLEST_PROBABILITY = 1e-37;

function weighted(ops: Ops, values: tf.Tensor, share: tf.Tensor): tf.Tensor {
  const shape = share.rank === 0 ? [] : [share.size, ...Array.from({ length: values.rank - 1 }, () => 1)];
  return ops.mul(values, ops.reshape(share, shape));
}

/** What a plan's terms want of the learners' layers, by instance. */
export function wantedLayers(plan: PhasePlan): ReadonlyMap<string, readonly string[]> {
  const wanted = new Map(plan.learners.map(({ instance }) => [instance, new Set<string>()]));
  const add = (instance: string, names: readonly string[]) => {
    for (const name of names) wanted.get(instance)?.add(name);
  };
  for (const { instance, graph, lessons, branches } of plan.learners) {
    add(instance, penalizedLayers(graph));
    for (const { term, speakers } of lessons) {
      const { pairs, layers } = term.settings;
      add(instance, [...pairs.map(({ student }) => student), ...layers]);
      for (const speaker of speakers)
        if (speaker.kind === 'peer')
          add(
            speaker.instance,
            pairs.map(({ teacher }) => teacher),
          );
    }
    if (branches !== null) {
      add(
        instance,
        branches.members.flatMap(({ logits, embedding }) => [logits, embedding]),
      );
      if (branches.trunk !== null) add(instance, [branches.trunk]);
    }
    if (plan.learner.lessons.some(({ term }) => term.method.needs.group !== undefined))
      add(instance, [plan.learners.find((one) => one.instance === instance)?.graph.embedding ?? '']);
  }
  return new Map([...wanted].map(([instance, names]) => [instance, [...names]]));
}
