/**
 * What the kernels of a provider cannot do, or do wrongly; the lowering then writes the same computation around it.
 * Empty for providers that do all that ONNX defines.
 */
export interface KernelLimits {
  /** Convolutions in groups are right only where the outputs of a group are fewer than this or a multiple of it. */
  readonly groupOutputs?: number;
  /** The largest number of outputs of one split. */
  readonly splitOutputs?: number;
  /** Max pooling yields no indices. */
  readonly noPoolIndices?: boolean;
}

/**
 * WebGPU in ONNX Runtime 1.30. Its grouped convolution takes four outputs at a time and lets the last of them reach into
 * the next group; a shader binds its tensors as storage buffers, of which WebGPU promises eight a stage, one of them read.
 */
export const WEBGPU_LIMITS: KernelLimits = { groupOutputs: 4, splitOutputs: 7, noPoolIndices: true };
