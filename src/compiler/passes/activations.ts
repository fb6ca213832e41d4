import type { Value } from '../graph.ts';
import type { Pass } from './pass.ts';
import { rewrite } from './rewrite.ts';

/**
 * Takes the sign of a rectified value from the rectified value: what was before the rectification is read by nothing else
 * then, so that an executor may rectify in place.
 */
export const activations: Pass = {
  name: 'activations',
  apply(graph) {
    const rectified = new Map<number, Value>();
    return rewrite(graph, (node, editor) => {
      const [input] = node.inputs;
      const [output] = node.outputs;
      if (input === undefined || output === undefined) return null;
      if (node.kernel === 'Relu') rectified.set(input.id, output);
      const after =
        node.kernel === 'Step' && (node.attributes.alpha ?? 0) === 0 ? rectified.get(input.id) : undefined;
      return after === undefined
        ? null
        : [editor.emit(node, 'Step', [after], node.inputNames, node.attributes)];
    });
  },
};
