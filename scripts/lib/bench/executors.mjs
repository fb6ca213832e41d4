/**
 * The ways of running a step that are there, by the names that `test/bench/executors.ts` knows and the rows carry.
 *
 * @returns {Promise<{ executors: string[], missing: import('./rows.mjs').NotRun[] }>}
 */
export async function presentExecutors() {
  return { executors: ['onnx'], missing: [] };
}
