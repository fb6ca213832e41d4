import type { StepGraph } from './graph.ts';
import { activations } from './passes/activations.ts';
import { broadcasts } from './passes/broadcasts.ts';
import { commonSubexpressions } from './passes/common-subexpressions.ts';
import { constantFolding } from './passes/constant-folding.ts';
import { deadCode } from './passes/dead-code.ts';
import { identities } from './passes/identities.ts';
import { joinedVectors } from './passes/joined-vectors.ts';
import type { Pass } from './passes/pass.ts';
import { poolSums } from './passes/pool-sums.ts';
import { rectifiedPools } from './passes/rectified-pools.ts';

/** All passes, in the order in which they help each other. */
export const PASSES: readonly Pass[] = [
  deadCode,
  identities,
  broadcasts,
  identities,
  constantFolding,
  activations,
  rectifiedPools,
  poolSums,
  joinedVectors,
  commonSubexpressions,
  deadCode,
];

export function optimize(graph: StepGraph, passes: readonly Pass[] = PASSES): StepGraph {
  return passes.reduce((current, pass) => pass.apply(current), graph);
}
