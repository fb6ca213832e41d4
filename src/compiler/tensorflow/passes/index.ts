import { PASSES as COMMON } from '../../optimize.ts';
import { deadCode } from '../../passes/dead-code.ts';
import type { Pass } from '../../passes/pass.ts';
import { batchNorm } from './batch-norm.ts';
import { reluGradient } from './relu-gradient.ts';

/** What a step goes through before it is written for TensorFlow: the common passes, then those that name its own operations. */
export const PASSES: readonly Pass[] = [...COMMON, batchNorm, reluGradient, deadCode];
