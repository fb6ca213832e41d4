import type * as tf from '@tensorflow/tfjs-core';
import { choice, number, object } from '../../schema/field.ts';
import { detached, softenedLog } from '../math.ts';
import { CCSKD_PAPERS } from '../feature/ccskd.ts';
import { defineMethod } from '../method.ts';
import { temperature } from './temperature.ts';

/**
 * Selective response distillation: samples that the teacher has right count more, and all of it fades.
 *
 *     m_n = (1 + b · [argmax z_t = y_n]) · f                                 z: [batch, classes]
 *     code:       L = T² · 1/N · Σₙ Σₖ m pᵀ_t (log(m pᵀ_t) − m log pᵀ_s),    pᵀ = softmax(z / T)
 *     weightedKL: L = T² · 1/N · Σₙ m KL(pᵀ_t ‖ pᵀ_s)
 *
 * In the form of the code m stands before the student's logarithm too, so that the gradient is m² times that of kd: a sample taught
 * right counts four times, not twice, and the value is not 0 where both sides agree. Source: Gou et al. 2022, in the form of the
 * authors' code; `weightedKL` is *inferred* to be what the paper means.
 */
export const selective = defineMethod({
  name: 'selective',
  title: 'Selective response distillation',
  knowledge: 'response',
  summary: 'Soft targets that count more where the teacher is right, and fade (CCSKD, Gou 2022).',
  formula: [
    'm = (1 + bonus · [argmax z_teacher = y]) · fade',
    'code:       L = T² · 1/N · Σₙ Σₖ m pᵀ_teacher (log(m pᵀ_teacher) − m log pᵀ_student)',
    'weightedKL: L = T² · 1/N · Σₙ m KL(pᵀ_teacher ‖ pᵀ_student)',
  ].join('\n'),
  papers: CCSKD_PAPERS,
  parameters: object(
    {
      temperature: temperature(1, 'the authors’ code'),
      bonus: number({
        doc: 'What a sample that the teacher has right counts more, b.',
        default: 1,
        minimum: 0,
        maximum: 1000,
        source: 'the authors’ code: m is 2 against 1',
      }),
      fade: number({
        doc: 'Factor f of every m; a schedule lets it fade.',
        default: 1,
        exclusiveMinimum: 0,
        maximum: 1000,
        schedulable: true,
        source: 'the authors’ code: 0.9^⌊epoch / 30⌋, here a step schedule',
      }),
      form: choice(
        { code: 'As the authors’ code has it.', weightedKL: 'The divergence of each sample, weighted.' },
        {
          doc: 'Whether m also stands before the student’s logarithm.',
          default: 'code',
          source: 'the authors’ code',
        },
      ),
    },
    { doc: 'Settings of the selection.' },
  ),
  defaultWeight: { value: 0.1, source: 'the authors’ code, from epoch 60 on' },
  hardLabelWeight: { value: 1, source: 'the authors’ code, from epoch 60 on' },
  needs: { logits: true, labels: true },
  notes: [
    'The recipe adds ccskd at weight 6 and kd at temperature 1 with weight 0.1, and begins with this term and the hard labels at epoch 60 of 200.',
    'It fades as `fade: { step: { from: 1, milestones: [30, 60, 90, 120, 150, 180], factor: 0.9 } }`.',
    'Inferred: `weightedKL`. The released code lets the teacher’s batch norms adapt; here the teacher stands still.',
  ],
  fixtures: [],
  loss(ops, { student, teacher, labels, parameters: { temperature, bonus, fade, form } }) {
    const right = detached(ops, [teacher.logits], (z) =>
      ops.cast(ops.equal(ops.argMax(z, 1), labels), 'float32'),
    );
    const m = ops.mul(fade, ops.add(1, ops.mul(bonus, right))); // [batch]
    const [t, s] = [
      softenedLog(ops, teacher.logits, temperature),
      softenedLog(ops, student.logits, temperature),
    ];
    const p = ops.exp(t);
    const column = ops.expandDims(m, 1);
    const apart = form === 'code' ? ops.sub(ops.add(ops.log(column), t), ops.mul(column, s)) : ops.sub(t, s);
    const perSample = ops.mul(m, ops.sum(ops.mul(p, apart), 1));
    return ops.mul(ops.square(temperature), ops.mean<tf.Scalar>(perSample));
  },
});
