import { dataError } from './problems.ts';
import type { DataSettings } from './settings.ts';

/**
 * How many of the training samples are set aside for validation, after the limit.
 * Throws `UserError` KD3030 where one of the two splits would be empty.
 */
export function validationCount(settings: DataSettings, samples: number): number {
  const used = Math.min(samples, settings.limit.train ?? samples);
  const { fraction } = settings.validation;
  const count = Math.round(fraction * used);
  if (fraction > 0 && count === 0) {
    throw splitEmpty(
      `a fraction of ${fraction} of ${used} training samples leaves none for validation`,
      'Use a larger fraction or more samples.',
    );
  }
  if (count === used) {
    throw splitEmpty(
      `a fraction of ${fraction} of ${used} samples leaves none for training`,
      'Use a smaller fraction.',
    );
  }
  return count;
}

function splitEmpty(message: string, help: string): Error {
  return dataError('splitEmpty', 'data.validation.fraction', message, help);
}
