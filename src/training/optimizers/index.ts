import type { OptimizerSettings } from '../../config/experiment.ts';
import { adagrad } from './adagrad.ts';
import { adam } from './adam.ts';
import { lamb } from './lamb.ts';
import type { Optimizer } from './optimizer.ts';
import { rmsprop } from './rmsprop.ts';
import { sgd } from './sgd.ts';

export type { Optimizer } from './optimizer.ts';

export function createOptimizer(settings: OptimizerSettings): Optimizer {
  switch (settings.kind) {
    case 'sgd':
      return sgd(settings);
    case 'adam':
    case 'adamW':
      return adam(settings);
    case 'rmsprop':
      return rmsprop(settings);
    case 'adagrad':
      return adagrad(settings);
    case 'lamb':
      return lamb(settings);
  }
}
