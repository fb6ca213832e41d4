import { choice, integer, list, number, object, text } from '../../schema/field.ts';
import type { Layer, ModelGraph, Pruning } from '../description.ts';
import { resolveLayer } from '../names.ts';
import { modelError } from '../problems.ts';
import { defineModule } from './module.ts';

export const prune = defineModule({
  name: 'prune',
  title: 'Dynamic pruning',
  summary:
    'Removes neurons of a dense layer that an L1 penalty has silenced, while the model learns (Şener 2022).',
  formula: [
    'h = ReLU(x W₁ + b₁)                                h: [batch, H]',
    'L = … + μ · Σ_layers 1/N · Σₙ Σⱼ |hₙⱼ|              μ: weight',
    'aⱼ = maxₙ |hₙⱼ| over the training split, or the mean; K = {j: aⱼ > θ}',
    'W₁ ← W₁[:, K],  b₁ ← b₁[K],  W₂ ← W₂[K, :],  the optimizer’s vectors likewise',
  ].join('\n'),
  papers: [
    {
      title: 'Improved Knowledge Distillation with Dynamic Network Pruning',
      authors: 'Şener, Akbaş',
      where: 'Gazi University Journal of Science Part C 10(3), 2022, doi:10.29109/gujsc.1141648',
    },
  ],
  parameters: object(
    {
      at: list(
        text({
          doc: 'A dense layer with a ReLU, not the classifier: its path or its short name.',
          refersTo: 'layer',
          filled: true,
        }),
        { doc: 'Layers that begin wide and find their width.', minimumLength: 1, maximumLength: 16 },
      ),
      weight: number({
        doc: 'Weight μ of the L1 penalty on the activations.',
        minimum: 0,
        maximum: 1e6,
        default: 1e-4,
        source: 'inferred: 1e-5 to 1e-3',
      }),
      threshold: number({
        doc: 'Activity θ up to which a neuron is silent. 0: what is removed said nothing to any training sample.',
        minimum: 0,
        maximum: 1e6,
        default: 0,
        source: 'inferred',
      }),
      activity: choice(
        {
          max: 'The largest activation over the training split.',
          mean: 'Its mean; a neuron that speaks seldom may count as silent.',
        },
        { doc: 'What the activity of a neuron is.', default: 'max', source: 'inferred' },
      ),
      every: integer({
        doc: 'Silent neurons are looked for after every so many epochs.',
        unit: 'epochs',
        minimum: 1,
        maximum: 100_000,
        default: 1,
        source: 'inferred',
      }),
      patience: integer({
        doc: 'After so many looks in a row that find none, nobody looks any more. Left out: to the end.',
        unit: 'looks',
        minimum: 1,
        maximum: 100_000,
        optional: true,
      }),
      minimum: integer({
        doc: 'So many neurons stay in any case, the most active ones.',
        unit: 'neurons',
        minimum: 1,
        maximum: 16_384,
        default: 1,
        source: 'inferred',
      }),
    },
    { doc: 'Where neurons are removed, and when they count as silent.' },
  ),
  figure: [
    'x ─► W₁, b₁ ─► ReLU ─► h ─► W₂ ─► …          each step:      μ ‖h‖₁ joins the loss',
    '                       │                     end of epoch:   aⱼ over the training split',
    '                       └─ aⱼ ≤ θ: column j of W₁, entry j of b₁, row j of W₂ and of every slot go',
  ].join('\n'),
  notes: [
    'Of the paper its abstract is known: an L1 penalty on the activations of a fully connected layer, inactive neurons pruned while the student learns, the width found by training. The formula, θ, μ and when one looks are inferred.',
    'Activity is measured over the whole training split as it is, without augmentation and dropout, with the weights that learn and, where there is one, with their running mean. With θ = 0 the model says the same to every training sample before and after, up to rounding; other images may have woken a neuron.',
    'A cut builds the step anew for the smaller layer. Weights, running statistics and every vector of the optimizer are cut along; the best weights on validation are chosen among epochs of the last width.',
    'The next layer can undo the penalty by larger weights: keep some weight decay.',
    'Its baseline is pruned by its own activity. The width is recorded as `width/<layer>`, which the panel draws, the penalty as `loss/prune`. The model learns alone in its phase, and no term adapts to the layer.',
  ],
  exported: 'The pruned model alone: a plain network of the width that was found.',
  apply(graph, { at, weight, threshold, activity, every, patience, minimum }) {
    const pruning = at.map((name): Pruning => {
      const found = layerToPrune(graph, name);
      return {
        ...found,
        ...{ threshold, activity, minimum },
        everyEpochs: every,
        patience: patience ?? null,
      };
    });
    const paths = [...(graph.pruning ?? []), ...pruning].map(({ layer }) => layer);
    if (new Set(paths).size < paths.length)
      throw modelError('module', `a layer of ${graph.architecture} is to be pruned twice`, 'Name it once.');
    const penalty = {
      name: 'prune',
      kind: 'activationL1' as const,
      weight,
      layers: pruning.map(({ activation }) => activation),
    };
    if ((graph.penalties ?? []).some(({ name }) => name === penalty.name))
      throw modelError('module', 'the model is pruned already', 'List all layers in one `prune`.');
    return {
      ...graph,
      pruning: [...(graph.pruning ?? []), ...pruning],
      penalties: [...(graph.penalties ?? []), penalty],
    };
  },
});

type Place = Pick<Pruning, 'layer' | 'activation' | 'norms' | 'readers'>;

/** The dense layer that a name means (its own path, or what follows it up to the next dense layer), and what hangs on its width. */
function layerToPrune(graph: ModelGraph, name: string): Place {
  const layer = denseBehind(graph, resolveLayer(graph, name));
  if (layer === null || layer.path === graph.logits)
    throw modelError(
      'module',
      `"${name}" of ${graph.architecture} is no dense layer before the classifier`,
      'Name a dense layer, such as hidden1 of an mlp or a convnet.',
    );
  const norms: string[] = [];
  let activation: string | null = null;
  let readers = readersOf(graph, layer.path);
  for (;;) {
    const [only] = readers;
    if (readers.length > 0 && readers.every(({ operation }) => operation.kind === 'dense')) break;
    if (only === undefined || readers.length > 1)
      throw misfit(graph, name, 'is read by more than dense layers');
    const { operation, path } = only;
    if (operation.kind === 'batchNorm') norms.push(path);
    else if (operation.kind === 'activation' && operation.function === 'relu') activation = path;
    else if (operation.kind !== 'dropout')
      throw misfit(graph, name, `is read by "${path}" (${operation.kind})`);
    readers = readersOf(graph, path);
  }
  if (activation === null) throw misfit(graph, name, 'has no ReLU, so no neuron of it falls silent');
  const own = [layer, ...readers];
  if (own.some(({ operation }) => operation.kind === 'dense' && (operation.forms ?? []).length > 0))
    throw misfit(graph, name, 'is quantised, or is read by a layer that is');
  if (graph.layers.some(({ weights }) => own.some(({ path }) => path === weights)))
    throw misfit(graph, name, 'shares its weights');
  return { layer: layer.path, activation, norms, readers: readers.map(({ path }) => path) };
}

function misfit({ architecture }: ModelGraph, name: string, what: string): Error {
  return modelError(
    'module',
    `"${name}" of ${architecture} ${what}`,
    'Prune a dense layer that is followed by a ReLU and then by dense layers alone, before anything quantises them.',
  );
}

function readersOf({ layers }: ModelGraph, path: string): readonly Layer[] {
  return layers.filter(({ inputs }) => inputs.includes(path));
}

function denseBehind(graph: ModelGraph, layer: Layer): Layer | null {
  if (layer.operation.kind === 'dense') return layer;
  const passes = ['activation', 'batchNorm', 'dropout'].includes(layer.operation.kind);
  const before = graph.layers.find(({ path }) => path === layer.inputs[0]);
  return passes && before !== undefined ? denseBehind(graph, before) : null;
}
