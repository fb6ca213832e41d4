import { dafl } from './dafl.ts';
import { dfad } from './dfad.ts';
import type { GeneratorLoss } from './generator-loss.ts';

/** Every generator's loss of the catalogue. */
export const generatorLosses: readonly GeneratorLoss[] = [dafl, dfad];

export function findGeneratorLoss(name: string): GeneratorLoss | undefined {
  return generatorLosses.find((loss) => loss.name === name);
}
