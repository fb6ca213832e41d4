import { PASSES as COMMON } from '../../optimize.ts';
import { commonSubexpressions } from '../../passes/common-subexpressions.ts';
import { deadCode } from '../../passes/dead-code.ts';
import type { Pass } from '../../passes/pass.ts';
import { winograd } from '../../passes/winograd.ts';
import { batchNorm } from './batch-norm.ts';
import { reluGradient } from './relu-gradient.ts';

/** What a step goes through before it is written for TensorFlow: the common passes, then those that name its own operations. */
export const PASSES: readonly Pass[] = [...COMMON, batchNorm, reluGradient, deadCode];

/** The same for a processor; a GPU's library chooses between ways to convolve by itself. */
export const PROCESSOR_PASSES: readonly Pass[] = [...PASSES, winograd(), commonSubexpressions];
