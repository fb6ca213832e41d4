import { choice, integer, list, object, text, union } from '../schema/field.ts';
import { baselineOf, taught, trainFirst } from './parts.ts';
import type { TrainedInstance } from './phase.ts';
import { defineScheme } from './scheme.ts';
import type { Source } from './source.ts';

/**
 * Networks learn side by side and from one another (Zhang et al. 2018; with delayed exchange Anil et al. 2018). All step at
 * once from the answers of the same step; the paper's port by the authors does so too.
 */
export const online = defineScheme({
  name: 'online',
  title: 'Online distillation',
  summary: 'Peers learn together and from one another, without a finished teacher.',
  doc: [
    'Phases: for each seed `student`, in which all peers learn side by side, each with its own hard labels and the terms towards',
    'the others; and `baseline`. The student is the first peer: it alone is kept as the result, the others are reported beside it.',
  ].join('\n'),
  teachers: { minimum: 0, maximum: 16 },
  settings: object(
    {
      peers: union(
        [
          integer({ doc: 'Networks of the student’s own kind, itself included.', minimum: 2, maximum: 16 }),
          list(text({ doc: 'Name of a model.', refersTo: 'model', filled: true }), {
            doc: 'Other models that learn beside the student.',
            minimumLength: 1,
            maximumLength: 15,
          }),
        ],
        {
          doc: 'Who learns together: a number of networks like the student, or the names of other models beside it.',
          default: 2,
        },
      ),
      combine: choice(
        {
          each: 'The mean of the losses towards each peer (deep mutual learning).',
          average: 'One loss towards the mean of the peers’ probabilities.',
        },
        { doc: 'How a term hears several peers.', default: 'each', source: 'Zhang et al. 2018, equation 8' },
      ),
      exchange: object(
        {
          steps: integer({
            doc: 'Steps between two copies of the peers. In between, their answers come from the last copies.',
            unit: 'steps',
            minimum: 1,
            maximum: 1_000_000,
          }),
        },
        {
          doc: 'Peers are heard through copies that are refreshed now and then (co-distillation). Left out: as they are in the same step.',
          optional: true,
        },
      ),
    },
    { doc: 'Who learns together.' },
  ),
  models: ({ peers }) => (typeof peers === 'number' ? [] : peers),
  expand(context, { peers, combine, exchange }) {
    const { to } = context;
    const others: TrainedInstance[] =
      typeof peers === 'number'
        ? Array.from({ length: peers - 1 }, (_, at) => ({
            instance: `${to}-${at + 2}`,
            model: to,
            variant: at + 1,
          }))
        : peers.map((model) => ({ instance: model, model }));
    const source: Source =
      exchange === undefined
        ? { kind: 'peers', combine }
        : { kind: 'copies', of: 'peers', refresh: { kind: 'steps', steps: exchange.steps } };
    const together = taught(context, { freeze: context.from, source });
    return [
      ...trainFirst(context.from, context),
      { ...together, train: [...together.train, ...others] },
      ...baselineOf(context),
    ];
  },
});
