import type { StepGraph } from '../compiler/graph.ts';
import { UserError } from '../protocol/errors.ts';
import { largestDifference } from './compare.ts';
import type { Executor, Fetches } from './executor.ts';
import { kernelGraphs, type KernelGraph } from './kernel-graph.ts';

/** Largest difference from the reference, as a share of the largest value that a kernel yields. */
const TOLERANCE = 1e-4;
/** How many faults a refusal names. */
const SHOWN = 3;

/**
 * Runs every kernel of the graphs that are to be trained, in the shapes in use, on an executor and on a reference, each on
 * numbers of its own, so that no rounding is carried from one to the next. What the fixed self-test cannot know is covered.
 *
 * @param graphs as traced; those of a smaller batch stand for them where time is short
 * @param reference the CPU provider, where there is one
 * @param passed kernels that need no test again; those that pass now are added
 * @returns null where all kernels agree, else the reason for refusing the executor: the kernels that differ
 */
export async function kernelTest(
  executor: Executor,
  graphs: readonly StepGraph[],
  reference: Executor,
  passed = new Set<string>(),
): Promise<string | null> {
  try {
    const faults: string[] = [];
    const seen = new Set(passed);
    for (const kernels of kernelGraphs(graphs, seen)) {
      const actual = await outputs(executor, kernels);
      for (const [name, values] of Object.entries(await outputs(reference, kernels))) {
        const difference = largestDifference(actual[name], values);
        if (!(difference <= TOLERANCE)) faults.push(`${kernels.describe(name)}${offBy(difference)}`);
      }
    }
    if (faults.length === 0) {
      for (const key of seen) passed.add(key);
      return null;
    }
    const rest = faults.length > SHOWN ? ` and ${faults.length - SHOWN} more` : '';
    return `it computes kernels of this training wrongly: ${faults.slice(0, SHOWN).join('; ')}${rest}`;
  } catch (error) {
    if (error instanceof UserError) return error.problem.message;
    return `its test of the kernels in use failed: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function offBy(difference: number): string {
  return Number.isFinite(difference)
    ? `, off by ${difference.toExponential(1)} of the largest value`
    : ', not a number where there is one';
}

async function outputs(executor: Executor, { graph, feeds }: KernelGraph): Promise<Fetches> {
  const program = await executor.load({ kernels: graph }, {});
  try {
    return await program.run('kernels', feeds);
  } finally {
    await program.dispose();
  }
}
