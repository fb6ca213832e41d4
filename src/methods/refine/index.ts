import type { Refiner } from '../refiner.ts';
import { logitStandardization } from './logit-standardization.ts';

/** Every refiner of the catalogue. */
export const refiners: readonly Refiner[] = [logitStandardization];
