import type { Batch } from '../data/batches.ts';
import type { Feeds } from '../executors/executor.ts';
import type { RefinerDraw } from '../methods/refiner.ts';
import { normal, permutation, randomStream, randomWords, uniform } from '../random/random.ts';
import type { PhasePlan } from './plan.ts';
import { drawName } from './refiners.ts';
import { lessonsOf } from './specs.ts';

/** What the terms of a phase draw at random, by the names the graphs take it under. */
export class Draws {
  readonly #plan: PhasePlan;
  readonly #seed: number;
  readonly #classes: ClassOrder;

  /** @param labels of the training split */
  constructor(plan: PhasePlan, labels: Int32Array, seed: number) {
    this.#plan = plan;
    this.#seed = seed;
    this.#classes = orderByClass(labels);
  }

  /** For the samples of a batch, padding left out. Another `use` draws other numbers in the same step. */
  at(batch: Batch, use: 'training' | 'validation' | 'search', step: number): Feeds {
    const feeds: Record<string, Int32Array | Float32Array> = {};
    for (const { id, term, refiners } of lessonsOf(this.#plan)) {
      for (const refiner of refiners) {
        for (const draw of refiner.draws) {
          const name = drawName(id, refiner, draw.name);
          feeds[name] = drawn(draw, this.#seed, `${use}/${name}`, step);
        }
      }
      for (const { name, count } of term.draws) {
        const stream = randomStream(this.#seed, `draws/${use}/${id}/${name}`);
        const words = randomWords(stream, step, batch.count * count);
        feeds[`draws/${id}/${name}`] = otherClass(this.#classes, batch.labels, words, count);
      }
    }
    return feeds;
  }
}

/** Numbers of a refiner in a step. */
function drawn({ kind, shape }: RefinerDraw, seed: number, name: string, step: number) {
  const size = shape.reduce((product, length) => product * length, 1);
  const stream = randomStream(seed, name);
  if (kind === 'order') return permutation(stream, step, size);
  return (kind === 'normal' ? normal : uniform)(stream, step, new Float32Array(size));
}

/** Positions in the training split, grouped by label: class `c` lies from `starts[c]` to before `starts[c + 1]`. */
interface ClassOrder {
  readonly positions: Int32Array;
  readonly starts: readonly number[];
}

function orderByClass(labels: Int32Array): ClassOrder {
  const positions = Int32Array.from(labels.keys()).sort(
    (a, b) => (labels[a] ?? 0) - (labels[b] ?? 0) || a - b,
  );
  const classes = labels.reduce((most, label) => Math.max(most, label + 1), 0);
  const starts = new Array<number>(classes + 1).fill(0);
  for (const label of labels) starts[label + 1] = (starts[label + 1] ?? 0) + 1;
  for (let c = 1; c <= classes; c++) starts[c] = (starts[c] ?? 0) + (starts[c - 1] ?? 0);
  return { positions, starts };
}

/** `count` positions a sample, each of a sample with another label; of any sample where all share one label. */
function otherClass(
  { positions, starts }: ClassOrder,
  labels: Int32Array,
  words: Uint32Array,
  count: number,
): Int32Array {
  const drawn = new Int32Array(words.length);
  for (let i = 0; i < drawn.length; i++) {
    const label = labels[Math.floor(i / count)] ?? 0;
    const [from = 0, to = from] = [starts[label], starts[label + 1]];
    const own = to - from === positions.length ? 0 : to - from;
    const rank = Math.floor(((words[i] ?? 0) / 2 ** 32) * (positions.length - own));
    drawn[i] = positions[rank < from ? rank : rank + own] ?? 0;
  }
  return drawn;
}
