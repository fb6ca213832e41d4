import { bookKd } from '../methods/response/book-kd.ts';
import { choice, number, object } from '../schema/field.ts';
import { baselineOf, taught, trainFirst } from './parts.ts';
import { defineScheme } from './scheme.ts';

/**
 * Knowledge is generated once and learned apart from that (BookKD, Zhu et al. 2023). The teachers answer every sample, their
 * answers are merged and cleaned to one page a sample, and students learn from the pages alone. What a page is:
 * `src/book/merge.ts`; the paper's abstract names ensemble, regularisation, entropy and label smoothing, its equations are inferred.
 */
export const book = defineScheme({
  name: 'book',
  title: 'Learning from a book',
  summary: 'The answers of finished teachers are merged to a book once; students learn from it alone.',
  doc: [
    'Phases: each model of `distill.from` that has no weights yet (once), then for each seed `student`, which reads the pages in place of any teacher, and `baseline`.',
    '`distill.book` says how the pages are stored; left out: as float32. Pages hold answers, so terms that compare layers belong to `offline` or `multiTeacher` with `book: true`.',
    'The paper also weighs pages by their entropy (the method `bookKd`) and smooths hard labels (`train.labelSmoothing`).',
    'Validation measures what the teachers say together, uncorrected; layers are compared with the first teacher.',
    'Inferred, from the abstract alone: every equation of merging, `correct` and `blend`.',
  ].join('\n'),
  papers: bookKd.papers,
  formula: [
    'k̄ = 1/M · Σₘ softmax(z_m / T)          or softmax(1/M · Σₘ z_m / T)',
    'k = k̄ with k̄_top and k̄_y exchanged     where `correct: swap` and the largest entry is not the true class y',
    'page = (1 − ρ) · k + ρ · onehot(y)      ρ: `blend`',
  ].join('\n'),
  figure: [
    'once:  training images ─┬─► teacher 1 ─► z_1 ─┐',
    '                        ├─► …                 ├─► merged ─► corrected ─► page of each image ─► book',
    '                        └─► teacher M ─► z_M ─┘                ▲                               │',
    '                                             labels ───────────┘                               │',
    'each student and seed, no teacher loaded:                                                      │',
    '       training image ────► student ─► z ─────────────────────────────── term ─► loss ◄─ its page',
  ].join('\n'),
  notes: [
    'The paper’s temperature and weights were not to be had; its experiments are on CIFAR-100, ImageNet, ImageNet-100 and PASCAL VOC 2007.',
    'A page belongs to one view of its image. Where `data.augment` is on, the book holds `views` pages of each image, shown epoch by epoch to student and baseline; the paper leaves this open.',
    'One teacher, `correct: none` and `blend: 0`: the student learns exactly as from the live teacher.',
  ],
  teachers: { minimum: 1, maximum: 16 },
  settings: object(
    {
      ensemble: choice(
        {
          probabilities: 'The mean of the softened probabilities.',
          logits: 'The mean of the logits.',
        },
        { doc: 'What of several teachers is averaged.', default: 'probabilities', source: 'inferred' },
      ),
      temperature: number({
        doc: 'Temperature at which probabilities are merged; terms read the pages at the same.',
        default: 4,
        exclusiveMinimum: 0,
        maximum: 1000,
        source: 'inferred: the default of kd',
      }),
      correct: choice(
        {
          none: 'Pages stay as they are.',
          swap: 'The largest probability and that of the true class change places where they differ.',
        },
        { doc: 'What happens to a page that names the wrong class.', default: 'swap', source: 'inferred' },
      ),
      blend: number({
        doc: 'Share of the true class that is mixed into every page.',
        default: 0,
        minimum: 0,
        exclusiveMaximum: 1,
        source: 'inferred',
      }),
    },
    { doc: 'How pages are made of what the teachers say.' },
  ),
  expand: (context, merge) => [
    ...trainFirst(context.from, context),
    taught(context, { freeze: context.from, book: merge }),
    ...baselineOf(context),
  ],
});
