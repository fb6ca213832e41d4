import type { BlockSize } from './maps.ts';

/**
 * Kernels that ONNX Runtime keeps for itself, and the ways in which the blocked form calls them. A probe tries each of them at start
 * (`executors/block-probe.ts`).
 */
export const INTERNAL_KERNELS = [
  /** Channels last to blocks, and its use to swap the middle axes of a tensor. */
  'reorderInput',
  /** Channels first to blocks, and its use to turn blocks of numbers. */
  'reorderInputChannelsFirst',
  'reorderOutput',
  'reorderOutputChannelsFirst',
  'convolution',
  'pointConvolution',
  /** Windows two pixels of a row apart. */
  'pairConvolution',
  /** Of a map with channels first. */
  'imageConvolution',
  'convolutionBias',
  /** A map that is added to the result. */
  'convolutionSum',
  'convolutionRelu',
  /** One filter a channel, of one pixel or a few. */
  'channelConvolution',
  /** One filter a channel, as large as the map. */
  'planeConvolution',
  /** In groups of one block, windows spread over the map. */
  'groupConvolution',
  'maxPool',
  'globalAveragePool',
] as const;
export type InternalKernel = (typeof INTERNAL_KERNELS)[number];

/** Without these nothing is written on blocks. */
export const NEEDED_ALWAYS: readonly InternalKernel[] = [
  ...(['reorderInput', 'reorderOutput', 'convolution', 'pointConvolution'] as const),
];

/** What can be written on blocks beside convolutions themselves; each has a form without, and needs these kernels. */
const NEEDS = {
  /** Few channels are read with channels first, and fill no block. */
  images: ['imageConvolution'],
  /** What a 1x1 window skips is left out before, once a map. */
  subsampling: ['channelConvolution'],
  /** A number a channel is added by the convolution before it, or in a pass of its own. */
  biases: ['channelConvolution', 'convolutionBias'],
  /** A number a channel is multiplied. */
  scales: ['channelConvolution'],
  /** A map is added by the convolution that makes the other. */
  sums: ['convolutionSum'],
  /** Rectified by the convolution before it. */
  rectifications: ['convolutionRelu'],
  /** The slope of a rectified map in one pass. */
  slopes: [],
  batchNorms: ['channelConvolution', 'convolutionBias'],
  /** Sums over pixels, by pooling. */
  means: ['globalAveragePool'],
  /** Sums of a product of maps, without the product in memory. */
  productSums: ['globalAveragePool', 'planeConvolution'],
  maxPools: ['maxPool'],
  maxPoolGradients: ['channelConvolution', 'convolutionSum'],
  /** A narrow convolution before a maximum pool, with two pixels of a row in a block. */
  pairedPools: ['pairConvolution', 'channelConvolution', 'convolutionSum', 'convolutionRelu', 'maxPool'],
  /** Of a map, at stride 1. */
  inputGradients: ['reorderInputChannelsFirst'],
  /** Of a map whose channels fill half of a block at most: two pixels of a row share one. */
  narrowInputGradients: ['pairConvolution'],
  /** Of a map, at stride 2, by row phases. */
  phaseGradients: ['reorderInputChannelsFirst'],
  filterGradients: ['reorderInputChannelsFirst', 'channelConvolution', 'groupConvolution'],
  /** Of a filter that reads few channels. */
  imageFilterGradients: ['reorderInputChannelsFirst', 'groupConvolution'],
  /** 3x3 windows over small maps with many channels, as products of matrices. */
  winograd: [],
  /** What reads channels first gets them from blocks at once. */
  channelsFirst: ['reorderOutputChannelsFirst'],
} as const satisfies Readonly<Record<string, readonly InternalKernel[]>>;

export type BlockedForm = keyof typeof NEEDS;
export const BLOCKED_FORMS = Object.keys(NEEDS) as readonly BlockedForm[];

/** How a step is written on blocks of channels: their size, and which forms beside plain convolutions are used. */
export interface Blocks {
  readonly size: BlockSize;
  readonly forms: ReadonlySet<BlockedForm>;
}

/** Every form, or these alone. */
export function blocksOf(size: BlockSize, forms: Iterable<BlockedForm> = BLOCKED_FORMS): Blocks {
  return { size, forms: new Set(forms) };
}

/** The forms that need none of these kernels. */
export function formsWithout(faulty: readonly InternalKernel[]): readonly BlockedForm[] {
  return BLOCKED_FORMS.filter((form) => !NEEDS[form].some((kernel) => faulty.includes(kernel)));
}
