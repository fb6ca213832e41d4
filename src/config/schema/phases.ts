import { book } from '../../schemes/book.ts';
import { dataFree } from '../../schemes/data-free.ts';
import { multiTeacher } from '../../schemes/multi-teacher.ts';
import {
  boolean,
  choice,
  integer,
  list,
  number,
  object,
  record,
  text,
  union,
  variant,
} from '../../schema/field.ts';
import { layer, pairField, termVariants } from './distill.ts';
import { optimizers } from './optimizers.ts';

const name = (doc: string) => text({ doc, filled: true });
const model = text({ doc: 'Name of a model.', refersTo: 'model', filled: true });
const severalNames = (doc: string) =>
  union([name(doc), list(name(doc), { doc, minimumLength: 1, maximumLength: 32 })], { doc, optional: true });
const pairs = (doc: string) => list(pairField, { doc, minimumLength: 1, maximumLength: 16 });
const optimizer = (doc: string) => variant(optimizers, { doc, optional: true });
const { ensemble, temperature, correct, blend } = book.settings.fields;
const { generator: loss, latent, filters, stepsPerEpoch, learningRate } = dataFree.settings.fields;

const branches = variant(
  {
    copies: object(
      {
        count: integer({ doc: 'Branches, the model’s own included.', minimum: 2, maximum: 16 }),
        at: layer('The last layer that all share.'),
      },
      { doc: 'Copies of everything after a layer.' },
    ),
    exits: object(
      { at: list(layer('A layer.'), { doc: 'After which layers.', minimumLength: 1, maximumLength: 16 }) },
      { doc: 'A classifier of its own after each of these layers.' },
    ),
    tails: object(
      {
        of: model,
        at: pairs('`[layer of this model, layer of the other]`'),
        shared: boolean({
          doc: 'All tails are one set of weights, kept as `<phase>-tails`.',
          default: false,
        }),
        labels: number({
          doc: 'Weight of the mean of their cross-entropies.',
          minimum: 0,
          maximum: 1e6,
          default: 1,
        }),
      },
      { doc: 'Upper parts of another model, each after a layer of this one.' },
    ),
  },
  { doc: 'Parts that exist while it trains and are dropped from what is kept.', optional: true },
);

const instance = object(
  {
    as: text({
      doc: 'Name of the trained weights. Left out: the phase’s name.',
      filled: true,
      optional: true,
    }),
    variant: integer({
      doc: 'Instances of one model with the same number start alike.',
      minimum: 0,
      maximum: 1000,
      default: 0,
    }),
    continues: severalNames(
      'Weights that it goes on from: names of earlier phases or instances, the best on validation of several. What they lack starts afresh.',
    ),
    learns: list(layer('A layer, with everything it is computed from.'), {
      doc: 'Layers that learn. Left out: all.',
      minimumLength: 1,
      maximumLength: 64,
      optional: true,
    }),
    optimizer: optimizer('In place of the phase’s optimizer.'),
    namedOnly: boolean({ doc: 'Only terms that name it in `to` teach it.', default: false }),
    branches,
    graft: object(
      {
        host: model,
        blocks: pairs('Where both are cut: `[layer of the host, layer of this model]`.'),
        first: integer({ doc: 'Number of the first grafted block, from 1.', minimum: 1, maximum: 17 }),
        last: integer({ doc: 'Number of the last one.', minimum: 1, maximum: 17 }),
      },
      { doc: 'It stands, with some of its blocks, within a finished model.', optional: true },
    ),
    joins: object(
      {
        lower: name('A phase that grafted the blocks below.'),
        upper: name('A phase that grafted the block after them.'),
        at: layer('The layer of this model between them.'),
      },
      { doc: 'Grafts of two earlier phases that it goes on from as one.', optional: true },
    ),
  },
  { doc: 'An instance with settings.' },
);

const source = variant(
  {
    frozen: object({ combine: multiTeacher.settings.fields.combine }, { doc: 'The frozen ones, combined.' }),
    peers: object(
      {
        combine: choice(
          { each: 'The mean of the losses towards each.', average: 'One loss towards their mean.' },
          { doc: 'How several are heard.', default: 'each' },
        ),
      },
      { doc: 'The others that learn in this phase, as they are in the same step.' },
    ),
    copies: object(
      {
        of: choice(
          { itself: 'Of the learner.', peers: 'Of the others that learn.' },
          { doc: 'Whose earlier state.' },
        ),
        steps: integer({
          doc: 'Taken anew every so many steps.',
          minimum: 1,
          maximum: 1_000_000,
          optional: true,
        }),
        epochs: integer({
          doc: 'Taken anew every so many epochs.',
          minimum: 1,
          maximum: 100_000,
          optional: true,
        }),
        improvement: boolean({ doc: 'Taken whenever validation is better than ever.', optional: true }),
      },
      { doc: 'Frozen copies.', exactlyOne: [['steps', 'epochs', 'improvement']] },
    ),
    itself: object({}, { doc: 'Nobody but the learner: its labels, layers and group.' }),
  },
  { doc: 'Who speaks to terms that name nobody. Left out: the frozen ones, averaged.', optional: true },
);

export const phasesField = list(
  object(
    {
      name: name(
        'Name of the phase, unique within the experiment. The student alone is customarily `baseline`.',
      ),
      train: list(
        union(
          [
            model,
            record(
              union(
                [
                  choice(
                    { fresh: 'A new instance with its own initialisation, named after the phase.' },
                    { doc: 'How the instance begins.' },
                  ),
                  instance,
                ],
                { doc: '`fresh`, or settings of the instance.' },
              ),
              { doc: '`{ student: fresh }`: another instance of a model.', nameDoc: 'Name of a model.' },
            ),
          ],
          { doc: 'What is trained.' },
        ),
        {
          doc: 'What is trained, side by side. The phase is about the first; the others are its peers.',
          minimumLength: 1,
          maximumLength: 16,
        },
      ),
      freeze: list(
        text({
          doc: 'A model with weights, or an instance of an earlier phase.',
          refersTo: 'model',
          filled: true,
        }),
        {
          doc: 'Who answers but does not learn.',
          default: [],
          maximumLength: 16,
        },
      ),
      loss: choice(
        {
          task: 'Hard labels alone.',
          distill: 'The terms and the weighted hard labels.',
          ahead: 'Nobody moves but the networks beside learners that read frozen teachers alone (ft, mhgd).',
        },
        { doc: 'What is minimised.' },
      ),
      epochs: integer({
        doc: 'Length of the phase. 0: the best of what `continues` names is validated and kept.',
        unit: 'epochs',
        minimum: 0,
        maximum: 100_000,
      }),
      source,
      pairs: {
        ...pairs(
          'Pairs in place of those of the terms: only terms with pairs count then, and hard labels do not.',
        ),
        optional: true as const,
      },
      match: list(variant(termVariants, { doc: 'A method.', names: 'method' }), {
        doc: 'Terms in place of those of `distill.match`.',
        maximumLength: 32,
        optional: true,
      }),
      hardLabelWeight: number({
        doc: 'In place of `distill.hardLabelWeight`.',
        minimum: 0,
        maximum: 1e9,
        schedulable: true,
        optional: true,
      }),
      book: object(
        { ensemble, temperature, correct, blend },
        { doc: 'The frozen models are merged to one book, which speaks to all terms.', optional: true },
      ),
      generator: object(
        { loss, latent, filters, stepsPerEpoch, learningRate },
        { doc: 'A network that makes the images in place of the training split.', optional: true },
      ),
      alternate: list(
        object(
          {
            update: union(
              [
                name('A name.'),
                list(name('A name.'), { doc: 'Names.', minimumLength: 1, maximumLength: 32 }),
              ],
              {
                doc: 'Who moves: instances that learn, `generator`, or terms with a network beside the learner; on validation: refiners that search.',
              },
            ),
            steps: integer({
              doc: 'For how many steps.',
              unit: 'steps',
              minimum: 1,
              maximum: 1_000_000,
              default: 1,
            }),
            on: choice(
              {
                validation:
                  'Samples of the validation split. These steps come between those of training and are not counted among them.',
              },
              { doc: 'What is seen. Left out: the training split.', optional: true },
            ),
            epochs: integer({
              doc: 'Of a turn on validation: only in the first so many epochs. Left out: in all.',
              unit: 'epochs',
              minimum: 1,
              maximum: 100_000,
              optional: true,
            }),
          },
          { doc: 'One turn.' },
        ),
        {
          doc: 'Who moves in which step, over and over. Left out: everybody in every step.',
          minimumLength: 1,
          maximumLength: 32,
          optional: true,
        },
      ),
      cycleEpochs: integer({
        doc: 'The learning rate begins anew every so many epochs.',
        unit: 'epochs',
        minimum: 1,
        maximum: 100_000,
        optional: true,
      }),
      settingsOf: text({
        doc: 'Whose training settings hold: `experiment` or a model. Left out: the first model’s, where it has its own.',
        filled: true,
        optional: true,
      }),
      optimizer: optimizer('In place of the optimizer of these settings.'),
      seeds: choice(
        { each: 'Once for each of `compare.seeds`.', once: 'Once, with `train.seed`.' },
        { doc: 'How often. Left out: `once` for a model of `distill.from`, else `each`.', optional: true },
      ),
      shots: integer({
        doc: 'At most so many training samples of each class. Left out: all.',
        unit: 'samples',
        minimum: 1,
        maximum: 1_000_000,
        optional: true,
      }),
      beside: text({
        doc: 'A phase with `loss: ahead` that trained the networks beside these learners; they stand still here.',
        filled: true,
        optional: true,
      }),
      onlyIf: object(
        {
          better: name('A phase.'),
          than: name('Another phase.'),
        },
        {
          doc: 'Left out for a seed, unless one phase did better on validation than another.',
          optional: true,
        },
      ),
    },
    { doc: 'One phase of training.' },
  ),
  {
    doc: 'What happens in which order, written out: whatever a scheme expands to, and more. Left out: the scheme says it. The effective config shows what a scheme expands to in this form.',
    optional: true,
    minimumLength: 1,
    maximumLength: 64,
  },
);
