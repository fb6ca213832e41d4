import type * as tf from '@tensorflow/tfjs-core';
import { rowFilter } from '../random/undersampling.ts';

/**
 * Where the spectrum was measured, the measurement stands; elsewhere the network's word does (Schlemper et al. 2018, without noise):
 *
 *     DF(x̂) = Re F⁻¹(m ⊙ y + (1 − m) ⊙ F x̂)          F: along rows, y = m ⊙ F x: what was measured of the real image x
 *
 * The poor image is x₀ = Re F⁻¹ y, and x ↦ C x = Re F⁻¹(m ⊙ F x) is a circulant matrix (`rowFilter`), so for real x̂ that is, exactly,
 *
 *     DF(x̂) = x₀ + x̂ − C x̂
 *
 * without any complex number.
 * @param image x̂, `[batch, height, width, channels]`; @param poor x₀, alike
 * @param columns m, 0 or 1 for each column of the spectrum
 */
export function dataConsistency(
  ops: typeof tf,
  image: tf.Tensor4D,
  poor: tf.Tensor4D,
  columns: readonly number[],
): tf.Tensor4D {
  const [batch, height, width, channels] = image.shape;
  const filter = rowFilter(columns);
  // Symmetric, so that rows need not be turned: (C xᵀ)ᵀ = x C.
  const matrix = ops.tensor2d(
    Float32Array.from(
      { length: width * width },
      (_, at) => filter[((at % width) - Math.floor(at / width) + width) % width] ?? 0,
    ),
    [width, width],
  );
  const rows =
    channels === 1
      ? ops.reshape(image, [batch * height, width])
      : ops.reshape(ops.transpose(image, [0, 1, 3, 2]), [batch * height * channels, width]);
  const filtered = ops.matMul(rows, matrix);
  const measured =
    channels === 1
      ? ops.reshape(filtered, image.shape)
      : ops.transpose(ops.reshape(filtered, [batch, height, channels, width]), [0, 1, 3, 2]);
  return ops.add(poor, ops.sub(image, measured));
}
