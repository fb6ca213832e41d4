import type * as tf from '@tensorflow/tfjs-core';
import { boolean, choice, object } from '../../schema/field.ts';
import { detached, divergence, softenedLog } from '../math.ts';
import { defineMethod, type Member } from '../method.ts';
import { temperature } from '../response/temperature.ts';

/**
 * Student-friendly teacher: a network and the tails of a smaller one that grow on it say the same.
 *
 *     L = 1/B · Σ_i τ² · 1/N · Σₙ KL(softmax(z_i / τ) ‖ softmax(z_T / τ))        z: [batch, classes], B tails
 *
 * The first member is the network itself, the others are its tails. Nothing is constant by default: teacher and tails move
 * towards one another. Source: Park et al. 2021, by summaries; not compared with code; the direction of the divergence, τ² and
 * the mean over tails are *inferred*.
 */
export const sftn = defineMethod({
  name: 'sftn',
  title: 'Student-friendly teacher',
  knowledge: 'response',
  summary: 'A teacher and the student’s tails that grow on it match one another’s answers (Park 2021).',
  formula: 'L = 1/B · Σ_i τ² · 1/N · Σₙ KL(softmax(z_i / τ) ‖ softmax(z_T / τ))',
  papers: [
    {
      title: 'Learning Student-Friendly Teacher Networks for Knowledge Distillation',
      authors: 'Park, Cha, Jeong, Kim, Han',
      where: 'NeurIPS 2021',
      arxiv: '2102.07650',
    },
  ],
  parameters: object(
    {
      temperature: temperature(1, 'inferred: the paper’s value was not to be had'),
      direction: choice(
        {
          branchToTeacher: 'KL(tail ‖ teacher).',
          teacherToBranch: 'KL(teacher ‖ tail), as in most distillation.',
        },
        { doc: 'Which side the divergence is weighted by.', default: 'branchToTeacher', source: 'inferred' },
      ),
      constantTeacher: boolean({
        doc: 'The teacher’s answers are constants: only the tails follow.',
        default: false,
        source: 'inferred: the coupling of both is the method',
      }),
    },
    { doc: 'Settings of the tails.' },
  ),
  defaultWeight: { value: 1, source: 'inferred: the paper’s value was not to be had' },
  hardLabelWeight: { value: 1, source: 'inferred' },
  needs: { group: { minimum: 2 } },
  notes: [
    'The scheme `studentAware` hangs the tails and brings this term; they are dropped before the teacher teaches.',
  ],
  fixtures: [],
  loss(ops, { group: [first, ...tails], parameters: { temperature, direction, constantTeacher } }) {
    const logits = (first as Member).logits;
    const still = constantTeacher ? detached(ops, [logits], (z) => ops.clone(z as tf.Tensor2D)) : logits;
    const teacher = softenedLog(ops, still, temperature);
    const losses = tails.map((tail) => {
      const branch = softenedLog(ops, tail.logits, temperature);
      return direction === 'branchToTeacher'
        ? divergence(ops, branch, teacher)
        : divergence(ops, teacher, branch);
    });
    return ops.mul(ops.square(temperature), ops.div(ops.addN(losses), losses.length));
  },
});
