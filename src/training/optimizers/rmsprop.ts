import type { SettingsOf } from '../../config/experiment.ts';
import { required } from '../step-function.ts';
import type { Optimizer } from './optimizer.ts';
import { withDecay } from './weight-decay.ts';

/**
 * RMSProp (Tieleman and Hinton 2012, lecture 6.5) as in PyTorch (`torch.optim.RMSprop`), with α the decay of the mean square,
 * λ the weight decay, μ the momentum, η the learning rate:
 *
 *     g ← ∇ + λ p      s ← α s + (1 − α) g²      d = g / (√s + ε)      p ← p − η d
 *     centred (Graves 2013, eq. 38 to 41):   a ← α a + (1 − α) g,   √(s − a²) in place of √s
 *     with momentum:                         b ← μ b + d,   p ← p − η b
 *
 * s − a² is a variance: rounding below zero counts as zero.
 */
export function rmsprop(settings: SettingsOf<'rmsprop'>): Optimizer {
  const { learningRate, alpha, epsilon, momentum, centered } = settings;
  const withMomentum = momentum !== 0;
  return {
    slots: ['meanSquare', ...(centered ? ['meanGradient'] : []), ...(withMomentum ? ['momentum'] : [])],
    learningRate,
    scalars: () => ({}),
    update(ops, given) {
      const { state } = given;
      const { p, g } = withDecay(ops, given, settings);
      const square = ops.add(
        ops.mul(required(state, 'meanSquare'), alpha),
        ops.mul(ops.square(g), 1 - alpha),
      );
      const slots: Record<string, typeof square> = { meanSquare: square };
      let spread = square;
      if (centered) {
        const mean = ops.add(ops.mul(required(state, 'meanGradient'), alpha), ops.mul(g, 1 - alpha));
        slots['meanGradient'] = mean;
        spread = ops.relu(ops.sub(square, ops.square(mean)));
      }
      let direction = ops.div(g, ops.add(ops.sqrt(spread), epsilon));
      if (withMomentum) {
        direction = ops.add(ops.mul(required(state, 'momentum'), momentum), direction);
        slots['momentum'] = direction;
      }
      return { parameters: ops.sub(p, ops.mul(direction, required(state, 'learningRate'))), slots };
    },
  };
}
