import { blocks } from './composed/blocks.ts';
import { channelCompositions } from './composed/channels.ts';
import type { Composition } from './composed/composition.ts';
import { einsum } from './composed/einsum.ts';
import { fused } from './composed/fused.ts';
import { lookups } from './composed/lookup.ts';
import { resizing } from './composed/resize.ts';
import { cumulativeProduct } from './composed/scans.ts';
import { warps } from './composed/warps.ts';

/** Kernels that are recorded as others, always. */
export const COMPOSITIONS: Readonly<Record<string, Composition>> = {
  ...fused,
  ...resizing,
  ...blocks,
  ...channelCompositions,
  ...lookups,
  ...warps,
  Cumprod: cumulativeProduct,
  Einsum: einsum,
};
