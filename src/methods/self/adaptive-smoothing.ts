import type * as tf from '@tensorflow/tfjs-core';
import { object } from '../../schema/field.ts';
import { crossEntropies, detached, softenedLog } from '../math.ts';
import { defineMethod } from '../method.ts';
import { temperature } from '../response/temperature.ts';

/**
 * Adaptive label smoothing with self-knowledge: each sample is smoothed as much as the network is sure of it, towards what its best
 * earlier state said.
 *
 *     α_n = 1 − H(softmax(z_s)) / log K                          z: [batch, classes]; α is a constant
 *     t_n = (1 − α_n) · onehot(y_n) + α_n · softmax(z_t / T)     z_t: the earlier state
 *     CE(y, z_s) + L = 1/N · Σₙ CE(t_n, z_s),   L = 1/N · Σₙ α_n (CE(softmax(z_t / T), z_s) − CE(y_n, z_s))
 *
 * The term is what the smoothing adds to the hard labels at weight 1, so that they teach alone until there is an earlier state. Source:
 * Lee, Cheung, Zhang 2022 for the smoothing by the network's own entropy and the best checkpoint as prior; the normalisation by log K
 * is recalled, not read, and T is *inferred*.
 */
export const adaptiveSmoothing = defineMethod({
  name: 'adaptiveSmoothing',
  title: 'Adaptive label smoothing with self-knowledge',
  knowledge: 'response',
  summary: 'Smooth each label as much as the network is sure, towards its own best earlier state (Lee 2022).',
  formula: [
    'α = 1 − H(softmax(z_student)) / log K, a constant',
    't = (1 − α) · onehot(y) + α · softmax(z_earlier / T)',
    'hard labels + L = 1/N · Σₙ CE(t, z_student)',
  ].join('\n'),
  papers: [
    {
      title: 'Adaptive Label Smoothing with Self-Knowledge in Natural Language Generation',
      authors: 'Lee, Cheung, Zhang',
      where: 'EMNLP 2022',
      arxiv: '2210.13459',
    },
  ],
  parameters: object(
    {
      temperature: temperature(1, 'inferred: none is known to be in the paper', 'Softens the earlier state.'),
    },
    { doc: 'Settings of the prior.' },
  ),
  defaultWeight: { value: 1, source: 'the loss is the cross-entropy with the smoothed labels' },
  hardLabelWeight: { value: 1, source: 'the loss is the cross-entropy with the smoothed labels' },
  needs: { logits: true, labels: true },
  notes: [
    'Under `scheme: { self: { bestSoFar: true } }` the prior is the state that did best on validation so far; the first epoch trains by the hard labels alone.',
    'Weight and hard labels belong together: with both at 1 their sum is the paper’s loss. The term alone may be negative.',
    'Equal answers for all classes leave the label as it is (α = 0); a certain network learns from its earlier state alone (α = 1).',
    'Made for text, where each token is a sample; a classifier has one token an image. Inferred: log K as the scale of the entropy, and T. No figure of the paper was seen.',
  ],
  fixtures: [],
  loss(ops, { student, teacher, labels, parameters: { temperature } }) {
    const log = ops.logSoftmax(student.logits);
    const sureness = detached(ops, [log], (held) => {
      const entropy = ops.neg(ops.sum(ops.mul(ops.exp(held), held), 1));
      return ops.sub(1, ops.div(entropy, Math.log(Math.max(2, student.logits.shape[1]))));
    });
    const prior = ops.exp(softenedLog(ops, teacher.logits, temperature));
    const towardsPrior = ops.neg(ops.sum(ops.mul(prior, log), 1));
    const change = ops.sub(towardsPrior, crossEntropies(ops, student.logits, labels));
    return ops.mean<tf.Scalar>(ops.mul(sureness, change));
  },
});
