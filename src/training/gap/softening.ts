import type { Experiment } from '../../config/experiment.ts';
import type { Phase } from '../../schemes/phase.ts';

/** At which answers are compared where nothing says how soft they are taught: as Hinton et al. 2015 found for MNIST's smaller nets, and most since. */
const USUAL_TEMPERATURE = 4;

/**
 * The temperature at which a phase teaches: of its first term that has one fixed number. Else 4 (inferred).
 */
export function teachingTemperature({ distill }: Pick<Experiment, 'distill'>, { match }: Phase): number {
  const found = (match ?? distill.terms)
    .map(({ parameters }) => parameters['temperature'])
    .find((value): value is number => typeof value === 'number' && value > 0);
  return found ?? USUAL_TEMPERATURE;
}
