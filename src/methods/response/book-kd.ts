import type * as tf from '@tensorflow/tfjs-core';
import { choice, object } from '../../schema/field.ts';
import { detached, softenedLog } from '../math.ts';
import { defineMethod, type Ops } from '../method.ts';
import { temperature } from './temperature.ts';

/**
 * Soft targets from the pages of a book, each sample weighed by entropy, which the student cannot change:
 *
 *     page         w_n = H(k_n) / log K                         k = softmax(z_t / T), z: [batch, classes]
 *     difference   w_n = exp(−(H(k_n) − H(p_n)))                p = softmax(z_s)
 *     L = T² · 1/N · Σₙ w_n Σₖ k_nk (log k_nk − log pᵀ_nk)      in nats
 *
 * BookKD, Zhu et al. 2023. Only the name "entropy dynamic adjustment" is known; both weights are inferred.
 */
export const bookKd = defineMethod({
  name: 'bookKd',
  title: 'Soft targets adjusted by entropy (BookKD)',
  knowledge: 'response',
  summary:
    'Soft targets, each sample weighed by the entropy of what is taught (Zhu 2023, equations inferred).',
  formula: [
    'k = softmax(z_teacher / T), p = softmax(z_student)',
    'w_n = H(k_n) / log K, or exp(−(H(k_n) − H(p_n)))',
    'L = T² · 1/N · Σₙ w_n · Σₖ k_nk · (log k_nk − log pᵀ_nk)',
  ].join('\n'),
  papers: [
    {
      title:
        'BookKD: A novel knowledge distillation for reducing distillation costs by decoupling knowledge generation and learning',
      authors: 'Zhu, Shang, Tang, Xu, Li',
      where: 'Knowledge-Based Systems 2023, doi 10.1016/j.knosys.2023.110916',
    },
  ],
  parameters: object(
    {
      temperature: temperature(
        4,
        'inferred: the default of kd',
        'Softens both distributions; that of the scheme `book`.',
      ),
      adjust: choice(
        {
          page: 'The entropy of the page by its largest value: what is certain already counts little.',
          difference: 'More, the surer the page is than the student.',
          none: 'All alike: soft targets as kd has them.',
        },
        { doc: 'What weighs a sample.', default: 'page', source: 'inferred' },
      ),
    },
    { doc: 'Settings of the adjusted soft targets.' },
  ),
  defaultWeight: { value: 0.9, source: 'inferred: as kd' },
  needs: { logits: true },
  figure: [
    'once:    images ─► teachers ─► answers ─► merged, corrected ─► pages of the book',
    'then:    image  ─► student  ─► softmax ─► weighed by the entropy of the page ◄─ its page',
  ].join('\n'),
  fixtures: [],
  loss(ops, { student, teacher, parameters: { temperature, adjust } }) {
    const logPage = softenedLog(ops, teacher.logits, temperature);
    const logStudent = softenedLog(ops, student.logits, temperature);
    const each = ops.sum<tf.Tensor1D>(ops.mul(ops.exp(logPage), ops.sub(logPage, logStudent)), 1);
    const weights = detached(ops, [logPage, student.logits], (page, logits) =>
      weightsOf(ops, page as tf.Tensor2D, logits as tf.Tensor2D, adjust),
    );
    return ops.mul(ops.square(temperature), ops.mean<tf.Scalar>(ops.mul(weights, each)));
  },
});

/** `[batch]` */
function weightsOf(
  ops: Ops,
  logPage: tf.Tensor2D,
  logits: tf.Tensor2D,
  adjust: 'page' | 'difference' | 'none',
): tf.Tensor {
  const entropy = (logs: tf.Tensor) => ops.neg(ops.sum(ops.mul(ops.exp(logs), logs), 1));
  switch (adjust) {
    case 'page':
      return ops.div(entropy(logPage), Math.log(logPage.shape[1]));
    case 'difference':
      return ops.exp(ops.sub(entropy(ops.logSoftmax(logits)), entropy(logPage)));
    case 'none':
      return ops.onesLike(ops.sum(logPage, 1));
  }
}
