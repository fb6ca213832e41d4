import type { TrainSettings } from '../../../src/config/experiment.ts';
import { SGD } from './work.ts';

const moments = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 } as const;
export const adam = { ...moments, kind: 'adam' } as const;
export const adamW = { ...moments, kind: 'adamW', weightDecay: 0.1 } as const;
export const lamb = { ...moments, kind: 'lamb', epsilon: 1e-6, weightDecay: 0.01 } as const;
export const rmsprop = {
  kind: 'rmsprop',
  learningRate: 0.005,
  alpha: 0.99,
  epsilon: 1e-8,
  momentum: 0,
  centered: false,
  weightDecay: 0,
  decoupledDecay: false,
} as const;
export const adagrad = {
  kind: 'adagrad',
  learningRate: 0.01,
  epsilon: 1e-10,
  initialAccumulator: 0,
  weightDecay: 0,
  decoupledDecay: false,
} as const;
const byNorm = { by: 'norm', limit: 0.5 } as const;
const byValue = { by: 'value', limit: 0.01 } as const;
const ema = { decay: 0.6, warmUp: false } as const;

/** Every optimizer and every option of `train` that changes how weights follow gradients. */
export const OPTIONS: Readonly<Record<string, Partial<TrainSettings>>> = {
  'plain SGD': { optimizer: { ...SGD, momentum: 0, weightDecay: 0 } },
  'SGD with weight decay': { optimizer: { ...SGD, momentum: 0, weightDecay: 0.1 } },
  momentum: { optimizer: SGD },
  Nesterov: { optimizer: { ...SGD, nesterov: true } },
  'momentum with decoupled decay': { optimizer: { ...SGD, weightDecay: 0.1, decoupledDecay: true } },
  Adam: { optimizer: adam },
  'Adam with weight decay': { optimizer: { ...adam, weightDecay: 0.1 } },
  AdamW: { optimizer: adamW },
  RMSProp: { optimizer: rmsprop },
  'RMSProp, centred, with momentum and decay': {
    optimizer: { ...rmsprop, centered: true, momentum: 0.9, weightDecay: 0.01 },
  },
  'RMSProp with decoupled decay': { optimizer: { ...rmsprop, weightDecay: 0.1, decoupledDecay: true } },
  Adagrad: { optimizer: adagrad },
  'Adagrad with a first sum and weight decay': {
    optimizer: { ...adagrad, initialAccumulator: 0.1, weightDecay: 0.01 },
  },
  'Adagrad with decoupled decay': { optimizer: { ...adagrad, weightDecay: 0.1, decoupledDecay: true } },
  LAMB: { optimizer: lamb },
  'LAMB without decay': { optimizer: { ...lamb, weightDecay: 0 } },
  'gradients bound in length': { gradientClipping: byNorm },
  'gradients bound entry by entry': { gradientClipping: byValue },
  'a bound that is never reached': { gradientClipping: { by: 'norm', limit: 1e4 } },
  'accumulation over two batches': { gradientAccumulation: 2 },
  'accumulation over more batches than an epoch has': { gradientAccumulation: 9 },
  'a mean of the weights': { ema },
  'a mean of the weights that warms up': { ema: { decay: 0.999, warmUp: true } },
  'all of it together': {
    optimizer: adamW,
    gradientClipping: byNorm,
    gradientAccumulation: 2,
    ema: { decay: 0.9, warmUp: true },
  },
};
