import { IS_TENSORFLOW } from './executor-under-test.ts';
import type { Tolerance } from './support.ts';

/**
 * How far a compiled kernel may be from TensorFlow.js's cpu backend, a family a line, and why. The backend computes in double
 * precision and rounds once a kernel; a compiled step computes in single precision throughout, where a unit in the last
 * place is 1.2e-7 of the number (half of it, 6e-8, is one rounding). −0 counts as 0, and NaN as NaN.
 */
const FAMILIES = {
  exact: {
    tolerance: { relative: 0 },
    why: 'numbers are moved, compared, chosen, or added once: no bit may differ',
  },
  rounded: {
    tolerance: { relative: 5e-7, absolute: 3e-45 },
    why: 'a few single roundings in a row; below the normal numbers, two steps of 1.4e-45',
  },
  summed: {
    tolerance: { relative: 2e-6, ofLargest: 2e-6, absolute: 3e-45 },
    why: 'sums of up to some hundred terms in another order; terms that cancel leave an error of the largest',
  },
  convolved: {
    tolerance: { relative: 4e-6, ofLargest: 4e-6, absolute: 1e-6 },
    why: 'as `summed`, with up to a thousand products of numbers up to 2: partial sums reach some ten, and the rounding of these, 10 · 6e-8 each way, is what remains of a single number where all cancels',
  },
  transcendental: {
    tolerance: { relative: 2e-6, absolute: 2e-7 },
    why: 'the runtime approximates exp, log, tanh, ... by polynomials, good to some units in the last place of 1',
  },
  exponential: {
    tolerance: { relative: 1e-5, absolute: 3e-45 },
    why: 'the rounding of the argument, up to 60, is multiplied by it: 60 · 6e-8 · 2',
  },
  cancelling: {
    tolerance: { relative: 4e-6, absolute: 1e-37 },
    why: 'e^x − 1 and ln(1 + x) near zero, by formulas of three operations that keep small x',
  },
  steep: {
    tolerance: { relative: 2e-5, absolute: 2e-6 },
    why: 'steep near the ends of the domain (tan, asin, atanh, ...): the rounding of the argument shows',
  },
  erf: {
    tolerance: { relative: 0, absolute: 5e-7 },
    why: 'the cpu backend itself takes a polynomial that is good to 1.5e-7 (Abramowitz and Stegun 7.1.26)',
  },
  gated: {
    tolerance: { relative: 1e-5, absolute: 5e-6 },
    why: 'products of x, up to 8, with an approximated gate: 8 · 5e-7, in gradients twice',
  },
  power: {
    tolerance: { relative: 1e-5, absolute: 1e-6 },
    why: 'x^y by e^(y ln x): the rounding of the exponent is multiplied',
  },
  softmax: {
    tolerance: { relative: 4e-6, ofLargest: 4e-6, absolute: 1e-6 },
    why: 'exponentials of differences up to 60, divided by their sum',
  },
  interpolated: {
    tolerance: { relative: 4e-6, ofLargest: 2e-6, absolute: 1e-6 },
    why: 'weights are rounded before they are multiplied, where the cpu backend keeps them in double precision',
  },
  normalised: {
    tolerance: { relative: 1e-5, ofLargest: 1e-5 },
    why: 'differences from a mean, divided by a deviation: relative errors of both add up',
  },
  iterated: {
    tolerance: { relative: 1e-4, ofLargest: 1e-4 },
    why: 'some dozen operations in a row, each on the rounding of those before',
  },
} as const satisfies Readonly<Record<string, { tolerance: Tolerance; why: string }>>;

export type Family = keyof typeof FAMILIES;

/** Where TensorFlow approximates more coarsely. */
const ON_TENSORFLOW: Partial<Record<Family, { tolerance: Tolerance; why: string }>> = {
  gated: {
    tolerance: { relative: 1e-5, absolute: 1e-5 },
    why: 'its tanh is 1 from 7.9 on, where 1 − tanh² still is 5e-7: times x up to 8, and 2 in a second derivative',
  },
};

export function toleranceOf(family: Family): Tolerance {
  return (IS_TENSORFLOW ? ON_TENSORFLOW[family] : undefined)?.tolerance ?? FAMILIES[family].tolerance;
}
