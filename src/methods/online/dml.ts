import { object } from '../../schema/field.ts';
import { divergence, softenedLog } from '../math.ts';
import { defineMethod } from '../method.ts';
import { temperature } from '../response/temperature.ts';

/**
 * Deep mutual learning: networks that learn together teach one another.
 *
 *     Lᵢ = 1/(M − 1) · Σ_{j ≠ i} T² · 1/N · Σₙ KL(softmax(zⱼ / T) ‖ softmax(zᵢ / T))          z: [batch, classes], M networks
 *
 * This loss is that of one student i and one peer j, who stands as the teacher and is a constant; the scheme takes it for all pairs.
 * Source: Zhang et al. 2018, equations 4 to 8, which have T = 1; the factor T² is *inferred* from kd.
 */
export const dml = defineMethod({
  name: 'dml',
  title: 'Deep mutual learning',
  knowledge: 'response',
  summary: 'Networks that learn together match one another’s class probabilities (Zhang 2018).',
  formula: 'Lᵢ = 1/(M − 1) · Σ_{j ≠ i} T² · 1/N · Σₙ KL(softmax(zⱼ / T) ‖ softmax(zᵢ / T))',
  papers: [
    {
      title: 'Deep Mutual Learning',
      authors: 'Zhang, Xiang, Hospedales, Lu',
      where: 'CVPR 2018',
      arxiv: '1706.00384',
    },
  ],
  parameters: object(
    { temperature: temperature(1, 'Zhang et al. 2018, equation 4') },
    { doc: 'Settings of mutual learning.' },
  ),
  defaultWeight: { value: 1, source: 'Zhang et al. 2018, equation 7' },
  hardLabelWeight: { value: 1, source: 'Zhang et al. 2018, equation 7' },
  needs: { logits: true },
  notes: [
    'All networks compute their answers once a batch and then step together; the paper steps them one by one.',
  ],
  fixtures: [
    {
      method: 'dml',
      student: {},
      teacher: {},
      peers: 'logits',
      labels: 'labels',
      parameters: { temperature: 'temperature' },
      hardLabelWeight: () => 1,
    },
  ],
  loss(ops, { student, teacher, parameters: { temperature } }) {
    const peer = softenedLog(ops, teacher.logits, temperature);
    const own = softenedLog(ops, student.logits, temperature);
    return ops.mul(ops.square(temperature), divergence(ops, peer, own));
  },
});
