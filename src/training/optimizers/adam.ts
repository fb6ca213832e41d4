import type { SettingsOf } from '../../config/experiment.ts';
import { required } from '../step-function.ts';
import { MOMENT_SLOTS, moments, momentScalars } from './moments.ts';
import type { Optimizer } from './optimizer.ts';
import { withDecay } from './weight-decay.ts';

/**
 * Adam (Kingma and Ba 2015, algorithm 1) as in PyTorch (`torch.optim.Adam`), weight decay λ added to the gradient; t counts
 * updates from 1:
 *
 *     g ← ∇ + λ p      m ← β₁ m + (1 − β₁) g      v ← β₂ v + (1 − β₂) g²
 *     p ← p − η / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)
 *
 * AdamW (Loshchilov and Hutter 2019, algorithm 2; `torch.optim.AdamW`): g ← ∇, and p first shrinks to p − η λ p.
 */
export function adam(settings: SettingsOf<'adam'> | SettingsOf<'adamW'>): Optimizer {
  const { weightDecay, decayOf, kind } = settings;
  const decay = { weightDecay, decayOf, decoupledDecay: kind === 'adamW' };
  return {
    slots: MOMENT_SLOTS,
    learningRate: settings.learningRate,
    scalars: momentScalars(settings),
    update(ops, given) {
      const { state } = given;
      const { p, g } = withDecay(ops, given, decay);
      const { first, root, slots } = moments(ops, g, state, settings);
      const rate = ops.div(required(state, 'learningRate'), required(state, 'firstCorrection'));
      return { parameters: ops.sub(p, ops.mul(ops.div(first, root), rate)), slots };
    },
  };
}
