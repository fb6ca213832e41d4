import { uniformAt, type RandomStream } from './random.ts';

/**
 * One draw of a step from Beta(a, a): X / (X + Y) of two Gamma(a, 1) values, in logarithms, so that a small `a` loses nothing.
 *
 * @param shape a > 0; below 1 the ends are likelier, above 1 the middle
 */
export function symmetricBeta(stream: RandomStream, step: number, shape: number): number {
  let element = 0;
  const next = () => uniformAt(stream, step, element++);
  const difference = logGammaDraw(shape, next) - logGammaDraw(shape, next);
  return 1 / (1 + Math.exp(-difference));
}

/**
 * ln of a draw from Gamma(a, 1): Marsaglia and Tsang 2000; for a < 1 that of a + 1 times u^(1/a). The number of uniforms
 * depends on what they are, but they are elements of one step, so nothing else shifts.
 */
function logGammaDraw(shape: number, next: () => number): number {
  if (shape < 1) return logGammaDraw(shape + 1, next) + Math.log(1 - next()) / shape;
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const radius = Math.sqrt(-2 * Math.log(1 - next()));
    const x = radius * Math.cos(2 * Math.PI * next());
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return Math.log(d * v);
  }
}
