import { integer, list, number, object, text } from '../../schema/field.ts';
import type { Layer, LayerOperation, ModelGraph } from '../description.ts';
import { inferShapes } from '../infer.ts';
import { resolveLayer } from '../names.ts';
import { modelError } from '../problems.ts';
import { defineModule } from './module.ts';

type Convolution = Extract<LayerOperation, { kind: 'conv2d' }>;

export const vam = defineModule({
  name: 'vam',
  title: 'Virtual attention module',
  summary: 'Weighs blocks of channels and filters of convolutions by learned, sparse attention (Xue 2021).',
  formula: [
    'W = softmax_row(A / t)                    A: [G, G], learned, 0 at the start',
    "K'_ij = G · W_ij · K_ij                   i: block of filters, j: block of channels",
    'L = … + γ · Σ_layers H(W),                H(W) = −1/G · Σ_ij W_ij log W_ij',
  ].join('\n'),
  papers: [
    {
      title: 'KDExplainer: A Task-oriented Attention Model for Explaining Knowledge Distillation',
      authors: 'Xue, Song, Wang, Chen, Wang, Song',
      where: 'IJCAI 2021',
      arxiv: '2105.04181',
    },
  ],
  parameters: object(
    {
      at: list(
        text({
          doc: 'A convolution, or a stage or block: all its convolutions.',
          refersTo: 'layer',
          filled: true,
        }),
        { doc: 'Where attention is woven in.', minimumLength: 1, maximumLength: 64 },
      ),
      groups: integer({
        doc: 'Virtual blocks G of the channels and of the filters of each convolution; must divide both. 1: the plain model.',
        minimum: 1,
        maximum: 256,
        default: 4,
        source: 'inferred; the paper says that it depends on the model',
      }),
      temperature: number({
        doc: 'Temperature t of the attention, shared by all layers.',
        exclusiveMinimum: 0,
        maximum: 1000,
        default: 1,
        source: 'inferred; the paper says that it is shared',
      }),
      entropyWeight: number({
        doc: 'Weight γ of the attention’s entropy: larger means sparser.',
        minimum: 0,
        maximum: 1e9,
        default: 0.01,
        source: 'inferred',
      }),
    },
    { doc: 'Attention between virtual blocks of convolutions.' },
  ),
  notes: [
    'The paper describes blocks of filters, attention woven into the convolution with a shared temperature, and the entropy’s weight. The equation of the kernel, all values and what the attention starts from are inferred.',
    'Before the first step the model answers exactly as without the module, and with `groups: 1` always.',
    'The sum of the entropies is recorded as `loss/vam`, in nats: G equal blocks are log G a layer.',
  ],
  exported: 'The attention is multiplied into the kernels: a plain convolution of the same size.',
  apply(graph, { at, groups, temperature, entropyWeight }) {
    const paths = new Set(at.flatMap((name) => convolutions(graph, name)));
    const shapes = inferShapes(graph);
    const layers = graph.layers.map((layer) =>
      paths.has(layer.path) && layer.operation.kind === 'conv2d'
        ? {
            ...layer,
            operation: attending(layer, layer.operation, shapes.get(layer.inputs[0] ?? '')?.[2] ?? 0, {
              groups,
              temperature,
            }),
          }
        : layer,
    );
    const penalty = {
      name: 'vam',
      kind: 'attentionEntropy',
      weight: entropyWeight,
      layers: [...paths],
    } as const;
    return { ...graph, layers, penalties: [...(graph.penalties ?? []), penalty] };
  },
});

/** A convolution itself, or all that a stage or block consists of. */
function convolutions(graph: ModelGraph, name: string): readonly string[] {
  const layer = resolveLayer(graph, name);
  if (layer.operation.kind === 'conv2d') return [layer.path];
  const found = graph.layers.filter(
    ({ path, operation }) => operation.kind === 'conv2d' && path.startsWith(`${name}.`),
  );
  if (found.length > 0) return found.map(({ path }) => path);
  throw modelError(
    'module',
    `"${name}" of ${graph.architecture} holds no convolution`,
    'Name a convolution, or a stage that has some.',
  );
}

function attending(
  { path }: Layer,
  operation: Convolution,
  channels: number,
  form: { readonly groups: number; readonly temperature: number },
): Convolution {
  if (operation.groups !== 1 || operation.forms?.some(({ kind }) => kind === 'virtualAttention') === true)
    throw modelError(
      'module',
      `the convolution "${path}" has groups or attention already`,
      'Leave it out of `at`.',
    );
  if (channels % form.groups !== 0 || operation.filters % form.groups !== 0)
    throw modelError(
      'module',
      `${form.groups} groups do not divide the ${channels} channels and ${operation.filters} filters of "${path}"`,
      'Choose a number of groups that divides both, or name other layers.',
    );
  return { ...operation, forms: [{ kind: 'virtualAttention', ...form }, ...(operation.forms ?? [])] };
}
