import type * as tf from '@tensorflow/tfjs-core';

type Ops = typeof tf;

/** How the kernel that a layer computes with comes from the tensors that it learns. Forms are applied in their order. */
export type KernelForm =
  | { readonly kind: 'virtualAttention'; readonly groups: number; readonly temperature: number }
  /** A distribution of which the kernel is the mean; `prior`: the standard deviation that it is drawn to. */
  | { readonly kind: 'variational'; readonly prior: number }
  | { readonly kind: 'quantized'; readonly bits: number };

/** What forms read beside the kernel. */
export interface FormInputs {
  /** Of the layer, `[groups, groups]`. */
  readonly attention: () => tf.Tensor2D;
  /** ρ of the layer, in the kernel's shape. */
  readonly spread: () => tf.Tensor;
  /** ε of this pass, in the kernel's shape; null: the kernel is its mean. */
  readonly noise: tf.Tensor | null;
}

/**
 * The kernel with all its forms.
 * @param kernel `[rows, columns, channels, filters]` or `[in, out]`
 */
export function formedKernel(
  ops: Ops,
  forms: readonly KernelForm[],
  kernel: tf.Tensor,
  { attention, spread, noise }: FormInputs,
): tf.Tensor {
  return forms.reduce((now, form) => {
    switch (form.kind) {
      case 'virtualAttention':
        return attended(ops, now as tf.Tensor4D, attention(), form);
      case 'variational':
        return noise === null ? now : ops.add(now, ops.mul(ops.softplus(spread()), noise));
      case 'quantized':
        return quantized(ops, now, form.bits);
    }
  }, kernel);
}

/**
 * `Σ KL(N(μ, σ²) ‖ N(0, s²)) = Σ [log(s / σ) + (σ² + μ²) / (2 s²) − ½]` of all weights of a layer, in nats, σ = softplus(ρ).
 * Source: Blundell et al. 2015, with a prior of one Gaussian, for which it is known in closed form.
 */
export function gaussianDivergence(ops: Ops, mean: tf.Tensor, spread: tf.Tensor, prior: number): tf.Scalar {
  const sigma = ops.softplus(spread);
  const quadratic = ops.div(ops.add(ops.square(sigma), ops.square(mean)), 2 * prior ** 2);
  return ops.sum(ops.add(ops.sub(quadratic, ops.log(sigma)), Math.log(prior) - 0.5));
}

/**
 * Virtual blocks of a convolution, weighed by attention. With channels and filters in G groups each,
 *
 *     W = softmax_row(A / t)          A: [G, G], row: block of filters, column: block of channels
 *     K'_ij = G · W_ij · K_ij
 *
 * Equal attention, as at the start, and a single group leave the kernel what it is. Inferred from the description of the
 * virtual attention module (Xue et al. 2021); the equation itself is published nowhere.
 */
function attended(
  ops: Ops,
  kernel: tf.Tensor4D,
  attention: tf.Tensor2D,
  { groups, temperature }: { readonly groups: number; readonly temperature: number },
): tf.Tensor4D {
  const [, , channels, filters] = kernel.shape;
  const weights = ops.transpose(ops.softmax(ops.div(attention, temperature)));
  const blocks = ops.mul(
    ops.reshape(ops.mul(weights, groups), [groups, 1, groups, 1]),
    ops.ones([1, channels / groups, 1, filters / groups]),
  );
  return ops.mul(kernel, ops.reshape(blocks, [1, 1, channels, filters]));
}

/** `H(W) = −1/G Σ_ij W_ij log W_ij` in nats: log G for equal attention, 0 for attention to a single block. */
export function attentionEntropy(ops: Ops, attention: tf.Tensor2D, temperature: number): tf.Scalar {
  const logs = ops.logSoftmax(ops.div<tf.Tensor2D>(attention, temperature));
  return ops.neg(ops.mean(ops.sum(ops.mul(ops.exp(logs), logs), 1)));
}

/** Steps that are tried before the best one is refined. */
const STEPS_TRIED = 32;
/** Weights by which they are compared, evenly taken from all. */
const WEIGHTS_COMPARED = 8192;
/** Each makes the error smaller or leaves it; after a few it stays. */
const REFINEMENTS = 4;
const SMALLEST_STEP = 1e-12;

/** The largest code of a quantiser: 1 for a sign and for ternary weights (2 bits), 3 for 3 bits, 127 for 8. */
export function largestCode(bits: number): number {
  return Math.max(1, 2 ** (bits - 1) - 1);
}

/**
 * The step Δ of a symmetric uniform quantiser with the least square error Σ (w − Q(w))²: the best of 32 on a grid, refined by
 * Δ ← Σ |w| q / Σ q² with the codes q of the step before. For one bit it is the mean of |w| (Rastegari et al. 2016).
 */
export function quantizerStep(ops: Ops, weights: tf.Tensor, bits: number): tf.Scalar {
  const sizes = ops.abs(ops.reshape(weights, [weights.size]));
  if (bits === 1) return ops.maximum(ops.mean<tf.Scalar>(sizes), SMALLEST_STEP);
  const largest = largestCode(bits);
  const top = ops.maximum(ops.max<tf.Scalar>(sizes), SMALLEST_STEP);
  const fractions = Array.from({ length: STEPS_TRIED }, (_, at) => (at + 1) / STEPS_TRIED / largest);
  const tried = ops.mul(ops.tensor2d(fractions, [STEPS_TRIED, 1]), top);
  const compared = ops.reshape(sample(ops, sizes), [1, -1]);
  const errors = ops.sum(
    ops.squaredDifference(compared, ops.mul(tried, codeSizes(ops, compared, tried, largest))),
    1,
  );
  let step = ops.gather<tf.Tensor>(ops.reshape(tried, [STEPS_TRIED]), ops.argMin(errors));
  for (let time = 0; time < REFINEMENTS; time++) {
    const codes = codeSizes(ops, sizes, step, largest);
    const squares = ops.maximum(ops.sum(ops.square(codes)), 1);
    const refined = ops.div(ops.sum(ops.mul(sizes, codes)), squares);
    step = ops.maximum(refined, SMALLEST_STEP);
  }
  return step as tf.Scalar;
}

/** At most `WEIGHTS_COMPARED` of a vector, one of every so many. */
function sample(ops: Ops, values: tf.Tensor): tf.Tensor {
  const stride = Math.ceil(values.size / WEIGHTS_COMPARED);
  if (stride === 1) return values;
  const rows = Math.floor(values.size / stride);
  const table = ops.reshape(ops.slice(values, [0], [rows * stride]), [rows, stride]);
  return ops.slice(table, [0, 0], [rows, 1]);
}

/** `min(⌊|w| / Δ + ½⌋, largest)` */
function codeSizes(ops: Ops, sizes: tf.Tensor, step: tf.Tensor, largest: number): tf.Tensor {
  return ops.minimum(ops.floor(ops.add(ops.div(sizes, step), 0.5)), largest);
}

/**
 * Whole-numbered codes of weights: `sign(w) · min(⌊|w| / Δ + ½⌋, M)` with M = 2^(bits−1) − 1; for one bit the sign, that of 0
 * being +1.
 */
export function quantizerCodes(ops: Ops, weights: tf.Tensor, step: tf.Scalar, bits: number): tf.Tensor {
  if (bits === 1) return ops.sub(ops.mul(ops.cast(ops.greaterEqual(weights, 0), 'float32'), 2), 1);
  return ops.mul(ops.sign(weights), codeSizes(ops, ops.abs(weights), step, largestCode(bits)));
}

/** `Δ · code`, and straight through on the way back: ∂L/∂w = ∂L/∂Q(w). */
function quantized(ops: Ops, weights: tf.Tensor, bits: number): tf.Tensor {
  const through = ops.customGrad((given) => {
    const held = given as tf.Tensor;
    const step = quantizerStep(ops, held, bits);
    const value = ops.mul(step, quantizerCodes(ops, held, step, bits));
    return { value, gradFunc: (gradient: tf.Tensor) => gradient };
  });
  return through(weights);
}

/** Levels of activations: from 0 to `range` in 2^bits − 1 equal steps. */
export interface ActivationQuantizer {
  readonly bits: number;
  readonly range: number;
}

/**
 * `Δ ⌊x / Δ + ½⌋` of x within [0, r], Δ = r / (2^bits − 1). On the way back straight through within the range, 0 beyond it.
 */
export function quantizedActivation(ops: Ops, x: tf.Tensor, { bits, range }: ActivationQuantizer): tf.Tensor {
  const step = range / (2 ** bits - 1);
  const clipped = ops.clipByValue(x, 0, range);
  const through = ops.customGrad((given) => {
    const codes = ops.floor(ops.add(ops.div(given as tf.Tensor, step), 0.5));
    return { value: ops.mul(codes, step), gradFunc: (gradient: tf.Tensor) => gradient };
  });
  return through(clipped);
}
