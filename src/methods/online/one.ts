import type * as tf from '@tensorflow/tfjs-core';
import { number, object } from '../../schema/field.ts';
import { batchNorm, batchNormVariables } from '../feature/batch-norm.ts';
import { linear, linearVariables } from '../linear-layer.ts';
import { crossEntropies, detached, meanOverSpace } from '../math.ts';
import { defineMethod, type LossContext, type Ops } from '../method.ts';
import { temperature } from '../response/temperature.ts';
import { targetDivergence } from './target-divergence.ts';

/**
 * On-the-fly native ensemble: branches of one network learn from their own ensemble, which a gate weighs sample by sample.
 *
 *     g   = softmax(ReLU(batchNorm(W h + b))),  h = mean over space of the shared map        g: [batch, branches]
 *     z_e = Σ_b g_b z_b                                                                      z: [batch, classes]
 *     L   = CE(z_e, y) + w · Σ_b T² · 1/N · Σₙ KL(softmax(z_e / T) ‖ softmax(z_b / T))
 *
 * In the divergence z_e is a constant, so the gate learns from the ensemble's cross-entropy alone. The branches' own
 * cross-entropy is that of the hard labels. Source: Lan, Zhu, Gong 2018, section 3, in the form of the authors' code.
 */
export const one = defineMethod({
  name: 'one',
  title: 'On-the-fly native ensemble',
  knowledge: 'response',
  summary: 'Branches of one network learn from their gated ensemble (Lan 2018).',
  formula: [
    'g = softmax(ReLU(batchNorm(W h + b))),  h = mean over space of the shared map',
    'z_e = Σ_b g_b z_b',
    'L = CE(z_e, y) + w · Σ_b T² · 1/N · Σₙ KL(softmax(z_e / T) ‖ softmax(z_b / T))',
  ].join('\n'),
  papers: [
    {
      title: 'Knowledge Distillation by On-the-Fly Native Ensemble',
      authors: 'Lan, Zhu, Gong',
      where: 'NeurIPS 2018',
      arxiv: '1806.04606',
    },
  ],
  parameters: object(
    {
      temperature: temperature(3, 'Lan et al. 2018, section 4'),
      consistency: number({
        doc: 'Weight w of the divergence beside the ensemble’s cross-entropy.',
        default: 1,
        minimum: 0,
        maximum: 1e6,
        schedulable: true,
        source: 'Lan et al. 2018, equation 8; the authors’ code raises it from 0.007 to 1 over 80 epochs',
      }),
    },
    { doc: 'Settings of the ensemble.' },
  ),
  defaultWeight: { value: 1, source: 'Lan et al. 2018, equation 8' },
  hardLabelWeight: { value: 1, source: 'Lan et al. 2018, equation 8: for every branch' },
  needs: { labels: true, group: { minimum: 2, trunk: 'map' } },
  notes: [
    'The paper takes three branches and keeps the first.',
    'Its slow start: `consistency: { cosine: { from: 0.007, to: 1, over: { epochs: 80 } } }` comes close to the code’s exp(−5 (1 − t)²).',
  ],
  variables: ({ group: { features, trunkChannels } }) => [
    ...linearVariables('gate', trunkChannels, features.length),
    ...batchNormVariables('gate', features.length),
  ],
  fixtures: [
    {
      method: 'one',
      student: {},
      teacher: {},
      group: {
        list: 'branch_logits',
        members: (count) => Array.from({ length: count }, (_, b) => ({ logits: `branch_logits.${b}` })),
        trunk: 'gate_feature',
      },
      labels: 'labels',
      parameters: { temperature: 'temperature', consistency: 'consistency_weight' },
      variables: {
        'gate/kernel': 'gate.control_v1.weight',
        'gate/bias': 'gate.control_v1.bias',
        'gate/scale': 'gate.bn_v1.weight',
        'gate/offset': 'gate.bn_v1.bias',
      },
      hardLabelWeight: () => 1,
    },
  ],
  loss(ops, context) {
    const { group, labels, parameters } = context;
    const ensemble = gated(ops, context);
    const target = detached(ops, [ensemble], (held) => ops.clone(held as tf.Tensor2D));
    const taught = group.map(({ logits }) => targetDivergence(ops, target, logits, parameters.temperature));
    const own = ops.mean<tf.Scalar>(crossEntropies(ops, ensemble, labels));
    return ops.add(own, ops.mul(parameters.consistency, ops.addN(taught)));
  },
});

/** `Σ_b g_b z_b`. */
function gated<S>(ops: Ops, context: LossContext<S>): tf.Tensor2D {
  if (context.trunk === null) throw new Error('`one` needs branches that share a map');
  const pooled = meanOverSpace(ops, context.trunk);
  const scores = batchNorm(ops, context, 'gate', linear(ops, context.variables, 'gate', pooled));
  const gate = ops.softmax(ops.relu(scores));
  const logits = ops.stack(
    context.group.map((member) => member.logits),
    2,
  ); // [batch, classes, branches]
  return ops.sum(ops.mul(logits, ops.expandDims(gate, 1)), 2);
}
