import type { Refiner } from '../refiner.ts';
import { dafa } from './dafa.ts';
import { dam } from './dam.ts';
import { extractive } from './extractive.ts';
import { logitStandardization } from './logit-standardization.ts';
import { simplifier } from './simplifier.ts';

/** Every refiner of the catalogue. */
export const refiners: readonly Refiner[] = [logitStandardization, simplifier, extractive, dafa, dam];

export function findRefiner(name: string): Refiner | undefined {
  return refiners.find((refiner) => refiner.name === name);
}
