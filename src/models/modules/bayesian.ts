import { choice, integer, list, number, object, text } from '../../schema/field.ts';
import type { Layer, ModelGraph } from '../description.ts';
import { resolveLayer } from '../names.ts';
import { modelError } from '../problems.ts';
import { defineModule } from './module.ts';

export const bayesian = defineModule({
  name: 'bayesian',
  title: 'Bayesian layers',
  summary:
    'Answers by several random passes, from which mean and uncertainty are taken: dropout or distributions of weights.',
  formula: [
    'dropout:      h′ = h ⊙ m / (1 − rate), m ~ Bernoulli(1 − rate), also where it answers',
    'variational:  W = μ + softplus(ρ) ⊙ ε, ε ~ N(0, 1), one draw for a batch',
    '              L = … + klWeight · 1/N · Σ KL(N(μ, softplus(ρ)²) ‖ N(0, prior²)),  N: training samples',
    'p̄ = 1/M Σₘ softmax(zₘ)     U = H(p̄)     A = 1/M Σₘ H(softmax(zₘ))     E = U − A',
  ].join('\n'),
  papers: [
    {
      title: 'Dropout as a Bayesian Approximation: Representing Model Uncertainty in Deep Learning',
      authors: 'Gal, Ghahramani',
      where: 'ICML 2016',
      arxiv: '1506.02142',
    },
    {
      title: 'Weight Uncertainty in Neural Networks',
      authors: 'Blundell, Cornebise, Kavukcuoglu, Wierstra',
      where: 'ICML 2015',
      arxiv: '1505.05424',
    },
  ],
  parameters: object(
    {
      by: choice(
        {
          dropout: 'Activations are dropped at random, in training and where it answers.',
          variational: 'Weights are distributions: a mean and a spread each, learned by reparameterisation.',
        },
        { doc: 'What differs from pass to pass.', default: 'dropout', source: 'Gal and Ghahramani 2016' },
      ),
      at: list(text({ doc: 'A layer: its path or its short name.', refersTo: 'layer', filled: true }), {
        doc: 'Layers whose outputs are dropped, or whose weights are distributions. Left out: what the classifier reads, or the classifier.',
        minimumLength: 1,
        maximumLength: 64,
        optional: true,
      }),
      samples: integer({
        doc: 'Passes M from which mean and uncertainty are taken, as a teacher and where uncertainty is measured.',
        unit: 'passes',
        minimum: 2,
        maximum: 1000,
        default: 20,
        source: 'inferred',
      }),
      rate: number({
        doc: 'With `dropout`: share of activations that is dropped.',
        exclusiveMinimum: 0,
        exclusiveMaximum: 1,
        default: 0.2,
        source: 'inferred: 0.1 to 0.3',
      }),
      prior: number({
        doc: 'With `variational`: standard deviation of the prior of each weight.',
        exclusiveMinimum: 0,
        maximum: 1e6,
        default: 1,
        source: 'inferred',
      }),
      klWeight: number({
        doc: 'With `variational`: weight of the divergence from the prior. 1: the evidence lower bound.',
        minimum: 0,
        maximum: 1e6,
        default: 1,
        source: 'Blundell et al. 2015, equation 8, spread over the training samples',
      }),
    },
    { doc: 'What is random in a model, and how often it is asked.' },
  ),
  figure: [
    'image ─► network with masks m₁ or weights W₁ ─► z₁ ─┐',
    '      ─► network with masks m₂ or weights W₂ ─► z₂ ─┼─► p̄, U, A, E',
    '      ─► …                                         ─┘',
    'image ─► network without masks, weights at their means ─► z: what all else sees',
  ].join('\n'),
  notes: [
    'Its mean answer (dropout off, weights at their means) is what validation, checkpoint and every other term see. The random passes speak to the term `uncertainty`, and to `measure.uncertainty`.',
    'A pass drops the same activations, and draws the same weights, for all samples: M passes are M thinned networks. They are drawn from the seed alone, so that a resumed run hears the same. In training every sample has a mask of its own.',
    'Batch norms keep their running statistics in all passes.',
    'Spreads begin at softplus(−5) = 0.0067. Biases and batch norms have no distribution. Weight decay pulls at ρ too, which the prior does already: leave it out with `variational`.',
  ],
  exported:
    'The mean network: no dropout, weights at their means. Uncertainty needs the random passes and is not in the file.',
  apply(graph, { by, at, samples, rate, prior, klWeight }) {
    if (graph.bayesian !== undefined)
      throw modelError('module', 'the model is Bayesian already', 'Name `bayesian` once.');
    const given = (at ?? [by === 'dropout' ? graph.embedding : graph.logits]).map(
      (name) => resolveLayer(graph, name).path,
    );
    if (by === 'dropout') return { ...withDropout(graph, given, rate), bayesian: { samples } };
    const layers = graph.layers.map((layer) =>
      given.includes(layer.path) ? distributed(layer, graph, prior) : layer,
    );
    const penalty = { name: 'bayesian', kind: 'gaussianKl' as const, weight: klWeight, layers: given };
    return {
      ...graph,
      layers,
      penalties: [...(graph.penalties ?? []), penalty],
      bayesian: { samples },
    };
  },
});

/** Whoever reads one of the layers reads it through dropout; the layer itself keeps its name. */
function withDropout(graph: ModelGraph, paths: readonly string[], rate: number): ModelGraph {
  const last = graph.layers.find(({ path }) => paths.includes(path) && path === graph.logits);
  if (last !== undefined)
    throw modelError(
      'module',
      'the logits themselves cannot be dropped',
      'Name a layer before the classifier.',
    );
  const through = new Map([...new Set(paths)].map((path) => [path, `${path}.bayesian`]));
  const layers = graph.layers.flatMap((layer): Layer[] => {
    const own = { ...layer, inputs: layer.inputs.map((input) => through.get(input) ?? input) };
    const path = through.get(layer.path);
    return path === undefined
      ? [own]
      : [own, { path, operation: { kind: 'dropout', rate }, inputs: [layer.path] }];
  });
  return { ...graph, layers };
}

function distributed(layer: Layer, { architecture }: ModelGraph, prior: number): Layer {
  const { operation, path } = layer;
  if (operation.kind !== 'conv2d' && operation.kind !== 'dense')
    throw modelError(
      'module',
      `"${path}" of ${architecture} has no weights that could be a distribution`,
      'Name convolutions and dense layers, such as head.fc.',
    );
  const forms = [{ kind: 'variational' as const, prior }, ...(operation.forms ?? [])];
  return { ...layer, operation: { ...operation, forms } };
}
