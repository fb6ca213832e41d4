import type { VariableSpec } from '../methods/method.ts';
import { normal, randomStream, uniform } from '../random/random.ts';

/** First value of a method's own variable: a function of the seed and the stream's name alone. */
export function initialValue({ shape, initial }: VariableSpec, seed: number, stream: string): Float32Array {
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
  switch (initial.kind) {
    case 'constant':
      return values.fill(initial.value);
    case 'uniform':
      return uniform(randomStream(seed, stream), 0, values).map((value) => (2 * value - 1) * initial.bound);
    case 'normal':
      return normal(randomStream(seed, stream), 0, values).map((value) => value * initial.deviation);
  }
}
