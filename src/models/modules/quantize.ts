import { boolean, integer, number, object } from '../../schema/field.ts';
import type { Layer, LayerOperation } from '../description.ts';
import type { ActivationQuantizer } from '../kernel-forms.ts';
import { modelError } from '../problems.ts';
import { defineModule } from './module.ts';

export const quantize = defineModule({
  name: 'quantize',
  title: 'Quantised weights and activations',
  summary:
    'Learns with weights, and activations if wanted, of few bits, gradients straight through (Shin 2020).',
  formula: [
    'Q(w) = sign(w) · Δ · min(⌊|w|/Δ + ½⌋, 2^(bits−1) − 1)',
    'Δ = argmin Σ (w − Q(w))² of each layer, anew in each step;   1 bit: Q(w) = ±mean|w|',
    '∂L/∂w = ∂L/∂Q(w)                                             w: what the optimizer moves',
    'activations: Q(x) = Δ ⌊x/Δ + ½⌋, 0 ≤ x ≤ r, Δ = r / (2^bits − 1)',
  ].join('\n'),
  papers: [
    {
      title: 'Knowledge Distillation for Optimization of Quantized Deep Neural Networks',
      authors: 'Shin, Boo, Sung',
      where: 'SiPS 2020',
      arxiv: '1909.01688',
    },
  ],
  parameters: object(
    {
      bits: integer({
        doc: 'Bits of a weight: 2 is ternary, 1 the sign alone.',
        unit: 'bits',
        minimum: 1,
        maximum: 8,
        default: 2,
        source: 'Shin et al. 2020: ternary weights',
      }),
      activationBits: integer({
        doc: 'Bits of what comes out of each ReLU. Left out: activations stay as they are.',
        unit: 'bits',
        minimum: 1,
        maximum: 8,
        optional: true,
      }),
      activationRange: number({
        doc: 'Largest activation r that is told apart.',
        exclusiveMinimum: 0,
        maximum: 1e6,
        default: 6,
        source: 'inferred, as ReLU6',
      }),
      ends: boolean({
        doc: 'Whether the first layer and the classifier are quantised as well.',
        default: false,
        source: 'inferred: usually both are kept at full precision',
      }),
    },
    { doc: 'Weights and activations of few bits.' },
  ),
  figure: [
    'w (full precision) ─► Δ by least squares ─► Δ · code ─► layer ─► ReLU ─► rounded activation ─► …',
    '      ▲                                        │',
    '      └──── optimizer ◄── ∂L/∂w = ∂L/∂Q(w) ◄───┘',
  ].join('\n'),
  notes: [
    'The paper’s gradual soft loss reducing lowers the share of the soft targets while the student learns: `kd: { weight: { linear: { from: 1, to: 0 } } }` beside `hardLabelWeight: { linear: { from: 0, to: 1 } }`. The shape of the schedule and its ends are inferred. Weights that change are recorded as `weight/kd` and `weight/ce`, and the panel draws them.',
    'The quantiser is that of earlier work of the same laboratory, from memory; the search of Δ is inferred: the best of 32 steps, refined four times.',
    'A phase that `continues` the same architecture without the module retrains a finished network, as in the paper. A teacher may be quantised too.',
    'Biases and batch norm keep full precision. Validation and checkpoint choose by the quantised answers; checkpoints hold w itself.',
  ],
  exported:
    'ONNX holds whole-numbered int8 codes and Δ of each kernel, one byte a weight whatever the bits, with a standard DequantizeLinear; activations are rounded in float32. safetensors holds w as it was learned.',
  apply(graph, { bits, activationBits, activationRange, ends }) {
    const kernels = graph.layers.filter(({ operation }) => hasKernel(operation)).map(({ path }) => path);
    const spared = ends ? [] : [kernels[0], graph.logits];
    const chosen = new Set(kernels.filter((path) => !spared.includes(path)));
    if (chosen.size === 0)
      throw modelError(
        'module',
        `nothing of ${graph.architecture} lies between its first layer and its classifier`,
        'Quantise those as well with `ends: true`, or take a deeper model.',
      );
    const activations =
      activationBits === undefined ? null : { bits: activationBits, range: activationRange };
    const pruned = new Set((graph.pruning ?? []).flatMap(({ layer, readers }) => [layer, ...readers]));
    return {
      ...graph,
      layers: graph.layers.map((layer) => quantizedLayer(layer, chosen, bits, activations, pruned)),
    };
  },
});

function hasKernel({ kind }: LayerOperation): boolean {
  return kind === 'conv2d' || kind === 'dense';
}

function quantizedLayer(
  layer: Layer,
  chosen: ReadonlySet<string>,
  bits: number,
  activations: ActivationQuantizer | null,
  pruned: ReadonlySet<string>,
): Layer {
  const { operation, path } = layer;
  if (operation.kind === 'activation' && operation.function === 'relu' && activations !== null)
    return { ...layer, operation: { ...operation, quantizer: activations } };
  if ((operation.kind !== 'conv2d' && operation.kind !== 'dense') || !chosen.has(path)) return layer;
  if (pruned.has(path))
    throw modelError(
      'module',
      `"${path}" loses neurons, which would change the steps of its quantiser`,
      'Prune first, and quantise in a phase of its own; or leave one of the two out.',
    );
  if (operation.forms?.some(({ kind }) => kind === 'quantized') === true)
    throw modelError('module', `the weights of "${path}" are quantised already`, 'Name `quantize` once.');
  return {
    ...layer,
    operation: { ...operation, forms: [...(operation.forms ?? []), { kind: 'quantized', bits }] },
  };
}
