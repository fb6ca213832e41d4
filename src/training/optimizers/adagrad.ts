import type { SettingsOf } from '../../config/experiment.ts';
import { required } from '../step-function.ts';
import type { Optimizer } from './optimizer.ts';
import { withDecay } from './weight-decay.ts';

/**
 * Adagrad (Duchi, Hazan and Singer 2011, figure 1, diagonal form) as in PyTorch (`torch.optim.Adagrad`), with λ the weight
 * decay, η the learning rate, s₀ the initial accumulator:
 *
 *     g ← ∇ + λ p      s ← s + g²      p ← p − η g / (√(s₀ + s) + ε)
 *
 * PyTorch's `lr_decay` is a schedule of the learning rate here. s starts at zero and s₀ is added where it is used, so that
 * a checkpoint holds the sum of squares alone.
 */
export function adagrad(settings: SettingsOf<'adagrad'>): Optimizer {
  const { learningRate, epsilon, initialAccumulator } = settings;
  return {
    slots: ['sumOfSquares'],
    learningRate,
    scalars: () => ({}),
    update(ops, given) {
      const { p, g } = withDecay(ops, given, settings);
      const sum = ops.add(required(given.state, 'sumOfSquares'), ops.square(g));
      const root = ops.sqrt(initialAccumulator === 0 ? sum : ops.add(sum, initialAccumulator));
      const direction = ops.div(g, ops.add(root, epsilon));
      return {
        parameters: ops.sub(p, ops.mul(direction, required(given.state, 'learningRate'))),
        slots: { sumOfSquares: sum },
      };
    },
  };
}
