import type * as tf from '@tensorflow/tfjs-core';
import type { Ops } from '../method.ts';
import { OPERATIONS, type Operation } from './dafa-policy.ts';
import { covered, warps, type Affine } from './feature-warp.ts';

/** Over how much of the draw a channel fades out while it is searched how many to drop. */
const FADE = 0.1;

/** What a step draws for one map: `[height, width, channels]` or `[features]`, and `[channels]`. */
interface MapDraws {
  readonly noise: tf.Tensor;
  readonly order: tf.Tensor;
  readonly keep: tf.Tensor;
}

/** What both stages of a policy do to maps of any size, by stage. */
interface Policy {
  readonly amount: (operation: Operation) => tf.Tensor1D;
  readonly affine: Affine;
  /** Where squares are cut out, in shares of the map: down, and to the right. */
  readonly centre: readonly [y: tf.Tensor, x: tf.Tensor];
  readonly searching: boolean;
}

/**
 * Shear, shift and rotation of each stage in one affine map.
 * @param amounts `[stages, operations]`
 */
export function policyOf(ops: Ops, amounts: tf.Tensor2D, centre: tf.Tensor, searching: boolean): Policy {
  const columns = ops.unstack(amounts, 1) as tf.Tensor1D[];
  const amount = (operation: Operation) =>
    columns[OPERATIONS.findIndex(({ name }) => name === operation)] as tf.Tensor1D;
  const [shearX, shearY, rotate] = [amount('shearX'), amount('shearY'), amount('rotate')];
  const [cos, sin] = [ops.cos(rotate), ops.sin(rotate)];
  const affine = {
    xx: ops.sub<tf.Tensor1D>(cos, ops.mul(sin, shearY)),
    xy: ops.sub<tf.Tensor1D>(ops.mul(cos, shearX), sin),
    x0: amount('translateX'),
    yx: ops.add<tf.Tensor1D>(sin, ops.mul(cos, shearY)),
    yy: ops.add<tf.Tensor1D>(ops.mul(sin, shearX), cos),
    y0: amount('translateY'),
  };
  const [y, x] = ops.unstack(centre) as [tf.Tensor, tf.Tensor];
  return { amount, affine, centre: [y, x], searching };
}

/**
 * Both stages of a policy on a map `F` `[batch, height, width, channels]` or `[batch, features]`:
 *
 *     sₖ(F) = (Gₖ F + nₖ ε) Mₖ      G: warp and hole, [pixels, pixels];  M: shuffled and dropped channels, [channels, channels]
 *     s₂(s₁(F)) = (G₂G₁) F (M₁M₂) + N,     N = (G₂ (n₁ ε M₁) + n₂ ε) M₂      ε: the pattern of noise, [pixels, channels]
 *
 * G works on places and M on channels, so the stages are one product on either side of every image, and N is one for the batch.
 */
export function augmented(ops: Ops, policy: Policy, map: tf.Tensor, draws: MapDraws): tf.Tensor {
  const channels = map.shape.at(-1) ?? 1;
  const [first, second] = ops.unstack(mixtures(ops, policy, draws, channels)) as [tf.Tensor2D, tf.Tensor2D];
  const [once, twice] = ops.unstack(policy.amount('noise')) as [tf.Tensor, tf.Tensor];
  const pattern = ops.reshape<tf.Rank.R2>(draws.noise, [-1, channels]);
  const noisy = (amount: tf.Tensor): tf.Tensor2D => ops.mul(amount, pattern);
  const added = ops.matMul(noisy(once), first);
  const mixture = ops.matMul(first, second);
  if (map.rank !== 4) {
    const noise = ops.matMul(ops.add<tf.Tensor2D>(added, noisy(twice)), second);
    return ops.add(ops.matMul(map as tf.Tensor2D, mixture), noise);
  }
  const [batch = 1, height = 1, width = 1] = map.shape;
  const pixels = height * width;
  const [before, after] = ops.unstack(movements(ops, policy, height, width)) as [tf.Tensor2D, tf.Tensor2D];
  const noise = ops.matMul(ops.add<tf.Tensor2D>(ops.matMul(after, added), noisy(twice)), second);
  const movement = ops.reshape<tf.Rank.R3>(ops.matMul(after, before), [1, pixels, pixels]);
  const moved = ops.matMul(movement, ops.reshape<tf.Rank.R3>(map, [batch, pixels, channels]));
  const mixed = ops.matMul(ops.reshape<tf.Rank.R2>(moved, [batch * pixels, channels]), mixture);
  return ops.add(
    ops.reshape(mixed, [batch, height, width, channels]),
    ops.reshape(noise, [1, height, width, channels]),
  );
}

/** `[stages, pixels, pixels]`: shear, shift, rotation, and a square of zeros. */
function movements(ops: Ops, { amount, affine, centre }: Policy, height: number, width: number): tf.Tensor3D {
  const hole = covered(ops, amount('cutout'), centre, height, width);
  const left = ops.sub(1, ops.reshape(hole, [-1, height * width, 1]));
  return ops.mul(warps(ops, affine, height, width), left);
}

/** `[stages, channels, channels]`: each channel takes its own values or those of another one, and some are dropped. */
function mixtures(
  ops: Ops,
  { amount, searching }: Policy,
  { order, keep }: MapDraws,
  channels: number,
): tf.Tensor3D {
  const others = ops.transpose(
    ops.oneHot(ops.cast(order as tf.Tensor1D, 'int32'), channels, 1, 0, 'float32'),
  );
  const own = ops.eye(channels);
  const shuffle = ops.reshape(amount('channelShuffle'), [-1, 1, 1]);
  const shares = ops.reshape(amount('channelDrop'), [-1, 1, 1]);
  const mixed = ops.add(own, ops.mul(shuffle, ops.sub(others, own)));
  return ops.mul(mixed, keeping(ops, keep, shares, searching));
}

/** `[stages, 1, channels]`: 0 where a channel is dropped, 1 where it stays, between the two while a share is searched. */
function keeping(ops: Ops, drawn: tf.Tensor, share: tf.Tensor, searching: boolean): tf.Tensor {
  if (!searching) return ops.cast(ops.greaterEqual(drawn, share), 'float32');
  const beyond = ops.div(ops.sub(drawn, share), FADE);
  return ops.relu(ops.sub(1, ops.relu(ops.neg(beyond))));
}
