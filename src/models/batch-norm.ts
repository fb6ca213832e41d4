import type * as tf from '@tensorflow/tfjs-core';

type Ops = typeof tf;

export interface NormalizedBatch {
  /** Same shape as the input. */
  readonly output: tf.Tensor;
  /** `[channels]`, of this batch. */
  readonly mean: tf.Tensor1D;
  /** `[channels]`, of this batch, divided by the count (not by the count less one). */
  readonly variance: tf.Tensor1D;
}

/**
 * Batch normalisation with the statistics of the batch, over all axes but the last:
 *
 *     μ = E[x]   σ² = E[(x − μ)²]   y = γ (x − μ) / √(σ² + ε) + β
 *
 * The variance is taken of the centred values: E[x²] − μ² cancels in single precision when |μ| ≫ σ. The gradient is the
 * closed form of Ioffe and Szegedy (2015, section 3), with x̂ = (x − μ) / √(σ² + ε) and means over the M values of a channel:
 *
 *     dβ = Σ dy   dγ = Σ dy·x̂   dx = γ / √(σ² + ε) · (dy − dβ / M − x̂ · dγ / M)
 *
 * It is written as `a·dy + b·(x − μ) + c` with one number a channel each, which reads the large tensors fewest times.
 *
 * @param x `[..., channels]`
 * @param scale γ, `[channels]`
 * @param offset β, `[channels]`
 * @param epsilon ε, above zero
 */
export function batchNormTraining(
  ops: Ops,
  x: tf.Tensor,
  scale: tf.Tensor,
  offset: tf.Tensor,
  epsilon: number,
): NormalizedBatch {
  const axes = allButLast(x);
  const count = x.size / channelsOf(x);
  const mean = ops.mean<tf.Tensor1D>(x, axes);
  const centred = ops.sub(x, mean);
  const variance = ops.mean<tf.Tensor1D>(ops.square(centred), axes);
  const normalize = ops.customGrad((...args) => {
    const [, gamma, beta] = args as tf.Tensor[];
    const save = args[3] as (tensors: tf.Tensor[]) => void;
    const scaleTensor = present(gamma);
    save([centred, variance, scaleTensor]);
    const value = ops.batchNorm(
      centred,
      ops.zerosLike(mean),
      variance,
      vector(present(beta)),
      vector(scaleTensor),
      epsilon,
    );
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const [c, v, g] = saved as [tf.Tensor, tf.Tensor1D, tf.Tensor1D];
      const inverse = ops.rsqrt(ops.add(v, epsilon));
      const dOffset = ops.sum<tf.Tensor1D>(dy, axes);
      const products = ops.sum<tf.Tensor1D>(ops.mul(dy, c), axes);
      const a = ops.mul(g, inverse);
      const share = ops.mul(a, -1 / count);
      const slope = ops.mul<tf.Tensor1D>(ops.mul(share, ops.square(inverse)), products);
      const shift = ops.mul<tf.Tensor1D>(share, dOffset);
      const affine = ops.batchNorm(c, ops.zerosLike(slope), ops.onesLike(slope), shift, slope, 0);
      return [ops.add(ops.mul(dy, a), affine), ops.mul(products, inverse), dOffset];
    };
    return { value, gradFunc };
  });
  return { output: normalize(x, scale, offset), mean, variance };
}

/**
 * Batch normalisation with given statistics: `y = γ (x − μ) / √(σ² + ε) + β`. Gradients reach x, γ and β; μ and σ² are constants.
 *
 * @param x `[..., channels]`; all others `[channels]`
 */
export function batchNormInference(
  ops: Ops,
  x: tf.Tensor,
  mean: tf.Tensor,
  variance: tf.Tensor,
  scale: tf.Tensor,
  offset: tf.Tensor,
  epsilon: number,
): tf.Tensor {
  const axes = allButLast(x);
  const normalize = ops.customGrad((...args) => {
    const [input, gamma, beta] = args as tf.Tensor[];
    const save = args[3] as (tensors: tf.Tensor[]) => void;
    const [inputTensor, scaleTensor] = [present(input), present(gamma)];
    save([inputTensor, scaleTensor, mean, variance]);
    const value = ops.batchNorm(
      inputTensor,
      vector(mean),
      vector(variance),
      vector(present(beta)),
      vector(scaleTensor),
      epsilon,
    );
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const [xs, g, m, v] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
      const inverse = ops.rsqrt(ops.add(v, epsilon));
      const dScale = ops.mul(ops.sum(ops.mul(dy, ops.sub(xs, m)), axes), inverse);
      return [ops.mul(dy, ops.mul(g, inverse)), dScale, ops.sum(dy, axes)];
    };
    return { value, gradFunc };
  });
  return normalize(x, scale, offset);
}

function allButLast(x: tf.Tensor): number[] {
  return x.shape.map((_, axis) => axis).slice(0, -1);
}

function channelsOf(x: tf.Tensor): number {
  return x.shape[x.rank - 1] ?? 1;
}

/** tfjs hands a custom gradient its inputs in order. */
function present(tensor: tf.Tensor | undefined): tf.Tensor {
  if (tensor === undefined) throw new Error('batch normalisation was called with too few tensors');
  return tensor;
}

function vector(tensor: tf.Tensor): tf.Tensor1D {
  return tensor as tf.Tensor1D;
}
