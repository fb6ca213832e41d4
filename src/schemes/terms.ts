import type { ScheduledNumber } from '../schema/scheduled.ts';
import type { LayerPair } from './source.ts';

export interface TermSettings {
  /** Unique within the experiment: the method's name, or `kd#2` for its second use. */
  readonly id: string;
  readonly method: string;
  readonly weight: ScheduledNumber;
  readonly pairs: readonly LayerPair[];
  /** Layers of the student alone, for methods that compare its own. */
  readonly layers: readonly string[];
  /** Models that teach this term; null: those of `distill.from`, or whoever the scheme lets speak. */
  readonly from: readonly string[] | null;
  /** Models that learn by this term; left out: whoever the phase teaches. */
  readonly to?: readonly string[];
  /** Refiners of this term alone, after those of all terms. */
  readonly refine: readonly RefinerSettings[];
  /** The method's own parameters, defaults filled in. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** First epoch and the epoch after the last in which the term counts; null: to the end. */
  readonly start: number;
  readonly end: number | null;
}

export interface RefinerSettings {
  /** Unique within the experiment: the refiner's name, or `simplifier#2` for its second use. */
  readonly id: string;
  readonly refiner: string;
  /** The refiner's own parameters, defaults filled in. */
  readonly parameters: Readonly<Record<string, unknown>>;
}
