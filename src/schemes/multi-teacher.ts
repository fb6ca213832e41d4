import { choice, list, number, object, union, type ValueOf } from '../schema/field.ts';
import { baselineOf, taught, trainFirst } from './parts.ts';
import { defineScheme } from './scheme.ts';
import type { Combine } from './source.ts';

/** How several teachers become one. */
export const combineField = union(
  [
    choice(
      {
        average: 'The mean of their softened probabilities.',
        random: 'One of them in each step, drawn by seed and step.',
        byQuality:
          'For each sample in proportion to the probability that they give the true label (inferred).',
      },
      { doc: 'How.' },
    ),
    object(
      {
        byScore: object(
          {
            power: number({
              doc: 'Power of the accuracy: 0 is their average, a large one the best alone.',
              default: 1,
              minimum: 0,
              maximum: 1000,
              source: 'inferred',
            }),
          },
          { doc: 'In proportion to a power of their accuracy on validation.', optional: true },
        ),
        weights: list(number({ doc: 'Share of one teacher.', minimum: 0, maximum: 1e6 }), {
          doc: 'One share a teacher, in the order of `distill.from`; they are divided by their sum.',
          minimumLength: 1,
          maximumLength: 16,
          optional: true,
        }),
      },
      { doc: 'Shares that stay.', exactlyOne: [['weights', 'byScore']] },
    ),
  ],
  { doc: 'How the teachers become one for the terms that name none.', default: 'average' },
);

/** Several finished teachers teach one student (You et al. 2017, Fukuda et al. 2017). */
export const multiTeacher = defineScheme({
  name: 'multiTeacher',
  title: 'Several teachers',
  summary: 'Several finished teachers teach the student, combined or each by its own term.',
  doc: [
    'Phases: each model of `distill.from` that has no weights yet (once), then for each seed `student` and `baseline`.',
    'A term with a `from` of its own hears that teacher alone: response from one, features from another.',
  ].join('\n'),
  papers: [
    {
      title: 'Learning from Multiple Teacher Networks',
      authors: 'You, Xu, Xu, Tao',
      where: 'KDD 2017',
    },
    {
      title: 'Efficient Knowledge Distillation from an Ensemble of Teachers',
      authors: 'Fukuda, Suzuki, Kurata, Thomas, Cui, Ramabhadran',
      where: 'Interspeech 2017',
    },
    {
      title: 'Distilling the Knowledge in a Neural Network',
      authors: 'Hinton, Vinyals, Dean',
      where: '2015',
      arxiv: '1503.02531',
    },
  ],
  formula: [
    'average    p = 1/M · Σₘ softmax(z_m / T)',
    'weights    p = Σₘ w_m softmax(z_m / T), Σ w = 1',
    'random     p = softmax(z_m / T), one m in each step',
    'byScore    w_m ∝ s_mᵖ, s: accuracy on validation',
    'byQuality  w_m ∝ softmax(z_m)_y, sample by sample',
  ].join('\n'),
  figure: [
    'image ─┬─► teacher 1 ─► z_1 ─┐',
    '       ├─► …                 ├─► one answer ─► term ─► loss',
    '       ├─► teacher M ─► z_M ─┘                  ▲',
    '       └─► student ───► z ──────────────────────┘',
  ].join('\n'),
  notes: [
    'T is the temperature of the term, 1 where it has none. Maps are combined by the same weights as answers.',
    'Averages are Hinton’s and You’s, one teacher a step is Fukuda’s. Inferred: `byQuality`, and `byScore`, after a multi-teacher method for BreakHis (ICAICE 2021). The comparison of triplets by You et al. is no part of it.',
  ],
  teachers: { minimum: 1, maximum: 16 },
  joins: true,
  settings: object(
    {
      combine: combineField,
    },
    { doc: 'How several teachers are combined.' },
  ),
  expand: (context, { combine }) => [
    ...trainFirst(context.from, context),
    taught(context, { freeze: context.from, source: { kind: 'frozen', combine: combinationOf(combine) } }),
    ...baselineOf(context),
  ],
});

/** The setting `combine` as the loop knows it: shares are divided by their sum. */
export function combinationOf(combine: ValueOf<typeof combineField>): Combine {
  if (typeof combine === 'string') return { kind: combine };
  const { weights = [], byScore } = combine;
  if (byScore !== undefined) return { kind: 'byScore', power: byScore.power };
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return { kind: 'weights', weights: weights.map((weight) => weight / sum) };
}
