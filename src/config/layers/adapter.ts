import { NO_GROUP_SIZES, type Method, type MethodSizes, type PairShapes } from '../../methods/method.ts';
import type { LayerAdapter } from '../../protocol/records.ts';

/** What adapters are sized from beside the two layers. */
export type AdapterSizes = Pick<MethodSizes, 'classes' | 'samples' | 'batch'>;

/**
 * What a method brings to match two layers, by its own `variables`; null where it cannot match them. Multiply-adds are those of
 * its kernels for one sample: a convolution takes every weight once at each place of the smaller of the two maps, which is
 * where it is computed (a regressor from twice the size yields the smaller map, one from half of it reads it), a dense layer
 * once. Vectors (biases, scales) count nothing, as in the multiply-adds of models.
 */
export function adapterOf(
  method: Method,
  pair: PairShapes,
  sizes: AdapterSizes,
  settings: Readonly<Record<string, unknown>>,
): LayerAdapter | null {
  if (!fits(method, pair)) return null;
  const trained = (method.variables?.({ ...NO_GROUP_SIZES, ...sizes, pairs: [pair] }, settings) ?? [])
    .filter(({ trainable }) => trainable)
    .map(({ shape }) => shape);
  const kernels = trained.filter(({ length }) => length > 1);
  const places = Math.min(placesOf(pair.teacher), placesOf(pair.student));
  return {
    parameters: trained.reduce((sum, shape) => sum + sizeOf(shape), 0),
    multiplyAdds: kernels.reduce((sum, shape) => sum + sizeOf(shape) * (shape.length === 4 ? places : 1), 0),
    kernels: kernels.map((shape) => shape.join('x')),
  };
}

/** Whether a method compares layers of these kinds and shapes. */
function fits({ needs, checkPair }: Method, pair: PairShapes): boolean {
  const ranks = { map: [3], vector: [1], any: [1, 3] }[needs.pairs?.rank ?? 'any'];
  const hasRank = (shape: readonly number[]) => ranks.includes(shape.length);
  return hasRank(pair.teacher) && hasRank(pair.student) && (checkPair?.(pair) ?? null) === null;
}

function placesOf(shape: readonly number[]): number {
  return shape.length === 3 ? (shape[0] ?? 1) * (shape[1] ?? 1) : 1;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
