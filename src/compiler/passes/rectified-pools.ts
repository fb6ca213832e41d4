import type { GraphNode, Value } from '../graph.ts';
import { inputAt } from '../node-access.ts';
import type { Pass } from './pass.ts';
import { readersOf, rewrite } from './rewrite.ts';

/**
 * The gradient of a maximum pool goes to pixels that equal the maximum of their window, so the slope of the rectification before
 * the pool is that of the maximum: it is applied to the smaller gradient, before the pool's.
 *
 *     poolGradient(dy, x, p) · step(x) = poolGradient(dy · step(p), x, p)        p the maxima of x
 */
export const rectifiedPools: Pass = {
  name: 'rectifiedPools',
  apply(graph) {
    const readers = readersOf(graph);
    return rewrite(graph, (node, editor) => {
      if (node.kernel !== 'Multiply') return null;
      const [a, b] = node.inputs.map((input) => editor.producer(input) ?? null);
      const found = partsOf(a, b, readers) ?? partsOf(b, a, readers);
      if (found === null) return null;
      const { pool, slope, dy, x, pooled } = found;
      const step = editor.emit(slope, 'Step', [pooled], slope.inputNames, slope.attributes);
      const masked = editor.emit(node, 'Multiply', [dy, step], ['a', 'b'], {});
      const names = ['dy', 'input', 'output'];
      return [editor.emit(pool, 'MaxPoolGrad', [masked, x, pooled], names, pool.attributes)];
    });
  },
};

interface Parts {
  readonly pool: GraphNode;
  readonly slope: GraphNode;
  readonly dy: Value;
  readonly x: Value;
  readonly pooled: Value;
}

/** The parts of a pool's gradient, where nothing else reads it and `slope` is that of what was pooled. */
function partsOf(
  pool: GraphNode | null | undefined,
  slope: GraphNode | null | undefined,
  readers: ReturnType<typeof readersOf>,
): Parts | null {
  if (pool?.kernel !== 'MaxPoolGrad' || slope?.kernel !== 'Step') return null;
  const [gradient] = pool.outputs;
  if (gradient === undefined || readers.get(gradient.id)?.length !== 1) return null;
  const [dy, x, pooled] = [inputAt(pool, 'dy'), inputAt(pool, 'input'), inputAt(pool, 'output')];
  return slope.inputs[0]?.id === x.id ? { pool, slope, dy, x, pooled } : null;
}
