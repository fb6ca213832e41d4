import type * as tf from '@tensorflow/tfjs-core';
import { object } from '../../schema/field.ts';
import { defineMethod } from '../method.ts';

/**
 * Co-distillation: copies of one architecture that learn from the others' mean answer, which may be old.
 *
 *     p̄  = 1/(M − 1) · Σ_{j ≠ i} softmax(zⱼ)                              z: [batch, classes], M networks
 *     Lᵢ = −1/N · Σₙ Σₖ p̄ₖ log softmax(zᵢ)ₖ
 *
 * The others stand as one teacher whose softmax is p̄: log p̄ as its logits. They may be frozen copies, renewed now and then.
 * A cross-entropy: at equality it is the entropy of p̄, not 0. Source: Anil et al. 2018, section 2; not compared with code.
 */
export const codistillation = defineMethod({
  name: 'codistillation',
  title: 'Co-distillation',
  knowledge: 'response',
  summary: 'Learn from the mean answer of the other networks, which may be old (Anil 2018).',
  formula: 'Lᵢ = −1/N · Σₙ Σₖ p̄ₖ log softmax(zᵢ)ₖ,  p̄ = mean over j ≠ i of softmax(zⱼ)',
  papers: [
    {
      title: 'Large Scale Distributed Neural Network Training through Online Distillation',
      authors: 'Anil, Pereyra, Passos, Ormándi, Dahl, Hinton',
      where: 'ICLR 2018',
      arxiv: '1804.03235',
    },
  ],
  parameters: object({}, { doc: 'Co-distillation has no settings of its own.' }),
  defaultWeight: { value: 1, source: 'inferred: the paper gives the two losses equal parts' },
  hardLabelWeight: { value: 1, source: 'Anil et al. 2018, algorithm 1' },
  needs: { logits: true },
  notes: [
    'The paper leaves the term out while the networks are fresh: `start` says from which epoch on it counts.',
    'Of several others the probabilities are averaged, not the logits.',
  ],
  fixtures: [],
  loss(ops, { student, teacher }) {
    const targets = ops.softmax(teacher.logits);
    return ops.neg(ops.mean<tf.Scalar>(ops.sum(ops.mul(targets, ops.logSoftmax(student.logits)), 1)));
  },
});
