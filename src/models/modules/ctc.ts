import { object, text } from '../../schema/field.ts';
import { ancestors } from '../ancestors.ts';
import type { Word } from '../ctc.ts';
import type { Layer, ModelGraph } from '../description.ts';
import { inferShapes } from '../infer.ts';
import { resolveLayer } from '../names.ts';
import { modelError } from '../problems.ts';
import { defineModule } from './module.ts';

export const ctc = defineModule({
  name: 'ctc',
  title: 'Frames and connectionist temporal classification',
  summary:
    'Reads a word from left to right, frame by frame, without being told where its symbols are (Graves 2006).',
  formula: [
    'Pₜ = softmax(Wᵀ · mean over rows of column t + b)           frames, symbols: those of the class names, and the blank',
    'z_w = log p(w) = log Σ_{π ∈ B⁻¹(w)} Πₜ Pₜ(πₜ)               of each class name w; B: repeats collapse, blanks go',
  ].join('\n'),
  papers: [
    {
      title:
        'Connectionist Temporal Classification: Labelling Unsegmented Sequence Data with Recurrent Neural Networks',
      authors: 'Graves, Fernández, Gomez, Schmidhuber',
      where: 'ICML 2006, pp. 369-376',
    },
  ],
  parameters: object(
    {
      at: text({
        doc: 'The map whose columns are the frames: its path or its short name. Left out: the deepest stage.',
        refersTo: 'layer',
        filled: true,
        optional: true,
      }),
    },
    { doc: 'Which map is read as a sequence.' },
  ),
  figure: [
    'image ─► convolutions ─► map [H, T, C] ─► mean over rows [1, T, C] ─► 1x1 ─► frames [1, T, symbols + blank]',
    '                                                                              │ forward recursion, word by word',
    '                                                                              ▼',
    '                                                                    log p(w) of each class name',
  ].join('\n'),
  notes: [
    'The classes are the words: each name is spelled by its characters (`data.classes`, or the names of the class folders), and no other word can be read. What follows the map is replaced: mean over rows, a 1x1 convolution to the symbols (`ctc.frames`), and the scores.',
    'The logits are log p(w) themselves: the CTC loss of a sample is −z of its class, which `consKdCtc` adds. The cross-entropy of hard labels divides by the other words, as training with a lexicon does.',
    'Frames have no context beyond what the convolutions see. There is no decoding without the list of words, and no recurrent layer.',
  ],
  exported: 'The whole model with the recursion unrolled, in standard ONNX operators: one score a word.',
  apply(graph, { at }, { classNames }) {
    const map = at === undefined ? deepestMap(graph) : resolveLayer(graph, at).path;
    const shape = inferShapes(graph).get(map) ?? [];
    const [height, width, channels] = shape;
    if (height === undefined || width === undefined || channels === undefined)
      throw modelError(
        'module',
        `"${map}" of ${graph.architecture} has no columns to read from left to right`,
        'Name a map before the pooling, such as a stage.',
      );
    const symbols = [...new Set(classNames.flatMap((name) => Array.from(name)))].sort();
    const words = classNames.map((name): Word => Array.from(name, (symbol) => symbols.indexOf(symbol) + 1));
    const frames = 'ctc.frames';
    const added: Layer[] = [
      {
        path: 'ctc.rows',
        operation: { kind: 'averagePool', size: [height, 1], strides: [height, 1], padding: 'valid' },
        inputs: [map],
      },
      {
        path: frames,
        operation: {
          kind: 'conv2d',
          filters: symbols.length + 1,
          size: [1, 1],
          strides: [1, 1],
          padding: 'valid',
          bias: true,
          groups: 1,
        },
        inputs: ['ctc.rows'],
      },
      { path: 'ctc.pool', operation: { kind: 'globalAveragePool' }, inputs: [map] },
      { path: 'ctc.words', operation: { kind: 'ctcWords', words }, inputs: [frames] },
    ];
    const kept = ancestors(graph, [map]);
    const aliases = Object.entries(graph.aliases).filter(
      ([alias, path]) => kept.has(path) && alias !== 'logits' && alias !== 'embedding',
    );
    return {
      ...graph,
      layers: [...graph.layers.filter(({ path }) => kept.has(path)), ...added],
      aliases: {
        ...Object.fromEntries(aliases),
        frames,
        embedding: 'ctc.pool',
        logits: 'ctc.words',
      },
      logits: 'ctc.words',
      embedding: 'ctc.pool',
    };
  },
});

/** The last short name that means a map. */
function deepestMap(graph: ModelGraph): string {
  const shapes = inferShapes(graph);
  const found = Object.values(graph.aliases).findLast((path) => shapes.get(path)?.length === 3);
  if (found !== undefined) return found;
  throw modelError('module', `${graph.architecture} has no maps`, 'Choose a convolutional network.');
}
