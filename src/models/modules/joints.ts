import { list, object, text } from '../../schema/field.ts';
import type { Layer, ModelGraph } from '../description.ts';
import { inferShapes } from '../infer.ts';
import { resolveLayer } from '../names.ts';
import { modelError } from '../problems.ts';
import { GraphBuilder } from '../zoo/graph-builder.ts';
import { defineModule } from './module.ts';

/** After the path of a layer: the joint behind it. */
export const JOINT = '.joint';

export const joints = defineModule({
  name: 'joints',
  title: 'Joints between blocks',
  summary:
    'Linear 1x1 convolutions between blocks, where grafting cuts a student that has other channels than its teacher.',
  formula: "x' = K x + b     K: [channels, channels], at every place",
  papers: [
    {
      title: 'Progressive Network Grafting for Few-Shot Knowledge Distillation',
      authors: 'Shen, Wang, Yin, Song, Luo, Song',
      where: 'AAAI 2021',
      arxiv: '2012.04915',
    },
  ],
  parameters: object(
    {
      at: list(text({ doc: 'The last layer of a block.', refersTo: 'layer', filled: true }), {
        doc: 'After which layers there is a joint.',
        minimumLength: 1,
        maximumLength: 16,
      }),
    },
    { doc: 'Where joints are.' },
  ),
  notes: [
    'The scheme `grafting` puts the adapters on both sides of a cut, student to teacher and teacher to student, together into the joint, which is exactly the same function. The authors’ network keeps both.',
    'A name such as stage1 goes on to mean the layer before its joint.',
    'A student that is trained without grafting has the joints too, so that both have one network.',
  ],
  exported: 'Joints are exported as what they are: 1x1 convolutions.',
  apply: (graph, { at }) => at.reduce(withJoint, graph),
});

function withJoint(graph: ModelGraph, name: string): ModelGraph {
  const { path } = resolveLayer(graph, name);
  const joint = path + JOINT;
  if (graph.layers.some((layer) => layer.path === joint))
    throw modelError('module', `"${name}" has a joint already`, 'Name each layer once.');
  if (path === graph.logits)
    throw modelError('module', `nothing comes after "${name}"`, 'Name an earlier layer.');
  const shape = inferShapes(graph).get(path) ?? [];
  const builder = new GraphBuilder([]);
  const channels = shape.at(-1) ?? 1;
  if (shape.length === 3) builder.conv(joint, path, channels, 1, { bias: true });
  else builder.dense(joint, path, channels);
  const layers = graph.layers.flatMap((layer): Layer[] => {
    const moved = { ...layer, inputs: layer.inputs.map((input) => (input === path ? joint : input)) };
    return layer.path === path ? [layer, ...builder.layers.slice(1)] : [moved];
  });
  return { ...graph, layers, embedding: graph.embedding === path ? joint : graph.embedding };
}
