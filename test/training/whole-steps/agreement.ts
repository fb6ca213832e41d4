import { expect } from 'vitest';
import type { Trajectory, Work } from './work.ts';

export interface Tolerance {
  /** Of each step's loss. */
  readonly loss: number;
  /** Of the largest move that any entry of the same tensor made. */
  readonly move: number;
}

/** What single precision cannot tell: the last bits of a stored number, and gradients that are zero but for rounding. */
const ROUNDING = { relative: 5e-7, absolute: 2e-7 };

/** The same loss at every step, and every weight and statistic where the other has it, as seen from where it started. */
export function expectAgreement(got: Trajectory, want: Trajectory, work: Work, tolerance: Tolerance): void {
  expect(got.losses.length).toBe(want.losses.length);
  want.losses.forEach((loss, step) => {
    const difference = Math.abs((got.losses[step] ?? NaN) - loss);
    expect(difference, `loss of step ${step}: ${got.losses[step]}, not ${loss}`).toBeLessThanOrEqual(
      tolerance.loss * (1 + Math.abs(loss)),
    );
  });
  expect(Object.keys(got.tensors).sort()).toEqual(Object.keys(want.tensors).sort());
  let moved = 0;
  for (const [name, values] of Object.entries(want.tensors)) {
    const start = work.initial[name.replace(/^average:/, '')]?.data ?? [];
    const found = got.tensors[name] ?? [];
    const move = largest(values, (value, i) => value - (start[i] ?? NaN));
    const size = largest(values, (value) => value);
    const difference = largest(values, (value, i) => value - (found[i] ?? NaN));
    const allowed = tolerance.move * move + ROUNDING.relative * size + ROUNDING.absolute;
    expect(
      difference <= allowed,
      `${name} differs by ${difference}, more than ${allowed} (it moved by ${move})`,
    ).toBe(true);
    moved = Math.max(moved, move);
  }
  expect(moved, 'something was learned').toBeGreaterThan(100 * ROUNDING.absolute);
}

/** NaN where anything is NaN. */
function largest(values: ArrayLike<number>, of: (value: number, index: number) => number): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(of(values[i] ?? NaN, i));
    if (!(size <= most)) most = size;
    if (Number.isNaN(most)) return NaN;
  }
  return most;
}
