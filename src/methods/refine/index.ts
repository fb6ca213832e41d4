import type { Refiner } from '../refiner.ts';
import { logitStandardization } from './logit-standardization.ts';

/** Every refiner of the catalogue. */
export const refiners: readonly Refiner[] = [logitStandardization];

export function findRefiner(name: string): Refiner | undefined {
  return refiners.find((refiner) => refiner.name === name);
}
