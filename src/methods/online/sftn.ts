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
 * and of networks that answer with images x, `[batch, values of an image]` (Matcha et al. 2023; its code divides by N·P once more)
 *
 *     L = 1/B · Σ_i 1/(N·P) · Σₙ Σₚ |x_i − x_T|
 *
 * The first member is the network itself, the others are its tails. Nothing is constant by default: teacher and tails move
 * towards one another. Source: Park et al. 2021, by summaries; not compared with code; the direction of the divergence, τ² and
 * the mean over tails are *inferred*. Of images: `train_base_modelSFTN.py` of the code of Matcha et al. 2023.
 */
export const sftn = defineMethod({
  name: 'sftn',
  title: 'Student-friendly teacher',
  knowledge: 'response',
  summary: 'A teacher and the student’s tails that grow on it match one another’s answers (Park 2021).',
  formula:
    'L = 1/B · Σ_i τ² · 1/N · Σₙ KL(softmax(z_i / τ) ‖ softmax(z_T / τ))\nL = 1/B · Σ_i 1/(N·P) · Σₙ Σₚ |x_i − x_T|      compare: images',
  papers: [
    {
      title: 'Learning Student-Friendly Teacher Networks for Knowledge Distillation',
      authors: 'Park, Cha, Jeong, Kim, Han',
      where: 'NeurIPS 2021',
      arxiv: '2102.07650',
    },
    {
      title:
        'SFT-KD-Recon: Learning a Student-friendly Teacher for Knowledge Distillation in Magnetic Resonance Image Reconstruction',
      authors: 'Matcha, Ramanarayanan, Al Fahim, Rahul, Ram, Sivaprakasam',
      where: 'MIDL 2023',
      arxiv: '2304.05057',
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
      compare: choice(
        {
          answers: 'Softened answers about classes, by their divergence.',
          images: 'Images, by their mean absolute difference: for the task reconstruction.',
        },
        {
          doc: 'What tails and teacher match.',
          default: 'answers',
          source: 'Park et al. 2021; `images`: Matcha et al. 2023',
        },
      ),
      scale: choice(
        {
          paper: 'The mean absolute difference.',
          code: 'That divided by the number of values in the batch once more, which leaves next to nothing of it.',
        },
        {
          doc: 'Of `compare: images`: how the term is scaled.',
          default: 'paper',
          source: 'Matcha et al. 2023, as published',
        },
      ),
    },
    { doc: 'Settings of the tails.' },
  ),
  defaultWeight: { value: 1, source: 'inferred: the paper’s value was not to be had' },
  hardLabelWeight: { value: 1, source: 'inferred' },
  needs: { group: { minimum: 2 } },
  withoutClasses: ({ compare }) => compare === 'images',
  figure: [
    'image ─► stage₁ ─► stage₂ ─► ... ─► teacher’s answer z_T ◄──────┐',
    '            │         └─► student’s layers after 2 ─► z₂ ─── d ───┤',
    '            └───────────► student’s layers after 1 ─► z₁ ─── d ───┘',
  ].join('\n'),
  notes: [
    'The scheme `studentAware` hangs the tails and brings this term; they are dropped before the teacher teaches.',
  ],
  fixtures: [],
  loss(ops, { group: [first, ...tails], parameters }) {
    const { temperature, direction, constantTeacher, compare, scale } = parameters;
    const logits = (first as Member).logits;
    const still = constantTeacher ? detached(ops, [logits], (z) => ops.clone(z as tf.Tensor2D)) : logits;
    if (compare === 'images') {
      const distances = tails.map((tail) => ops.mean<tf.Scalar>(ops.abs(ops.sub(tail.logits, still))));
      const mean = ops.div<tf.Scalar>(ops.addN(distances), distances.length);
      return scale === 'code' ? ops.div(mean, still.size) : mean;
    }
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
