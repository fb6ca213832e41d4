/**
 * What the kernels of a provider cannot do, or do wrongly; the lowering then writes the same computation around it.
 * Empty for providers that do all that ONNX defines.
 */
export interface KernelLimits {
  /** Convolutions in groups are right only where the outputs of a group are fewer than this or a multiple of it. */
  readonly groupOutputs?: number;
  /** Transposed convolutions in groups are right only where a group has an odd number of inputs. */
  readonly oddGroupInputs?: boolean;
  /** Convolutions of more than three channels are wrong where these are a multiple of three and not of four. */
  readonly wrongThirds?: boolean;
  /** The largest number of outputs of one split. */
  readonly splitOutputs?: number;
  /** Max pooling yields no indices. */
  readonly noPoolIndices?: boolean;
}

/**
 * WebGPU in ONNX Runtime 1.30, found by comparing every number of groups, inputs and outputs with the CPU on a software
 * adapter. Its convolutions take two, three or four channels at a time where their number allows it; with groups those reach
 * into the next one, and three at a time are read wrongly. A shader binds its tensors as storage buffers, of which WebGPU
 * promises eight a stage, one of them read.
 */
export const WEBGPU_LIMITS: KernelLimits = {
  groupOutputs: 4,
  oddGroupInputs: true,
  wrongThirds: true,
  splitOutputs: 7,
  noPoolIndices: true,
};
