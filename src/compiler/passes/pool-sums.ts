import { poolingWindow, windowsTile } from '../kernels/spatial.ts';
import { inputAt, onlyInput } from '../node-access.ts';
import { normalizeAxes } from '../shape.ts';
import type { Pass } from './pass.ts';
import { rewrite } from './rewrite.ts';

/**
 * Where windows tile a map, its maximum pool's gradient has each number of the smaller gradient once and zeros elsewhere, so its
 * sums over pixels (the gradient of a bias) are those of the smaller one.
 */
export const poolSums: Pass = {
  name: 'poolSums',
  apply: (graph) =>
    rewrite(graph, (node, editor) => {
      if (node.kernel !== 'Sum') return null;
      const pool = editor.producer(onlyInput(node));
      if (pool?.kernel !== 'MaxPoolGrad') return null;
      const { shape } = inputAt(pool, 'input');
      const axes = normalizeAxes(node.attributes.axis as number | number[] | null, shape.length);
      if (!axes.includes(1) || !axes.includes(2) || !windowsTile(poolingWindow(shape, pool.attributes)))
        return null;
      return [editor.emit(node, 'Sum', [inputAt(pool, 'dy')], node.inputNames, node.attributes)];
    }),
};
