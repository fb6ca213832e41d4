import { integer, number, object } from '../../schema/field.ts';

/** When checkpoints are written, and which of them stay. No number of a run depends on it. */
export const checkpointsField = object(
  {
    keep: integer({
      doc: 'How many checkpoints stay. A damaged one is passed over for the one before it, so two is the least.',
      unit: 'checkpoints',
      minimum: 2,
      maximum: 1000,
      default: 2,
    }),
    maximumAge: number({
      doc: 'Checkpoints older than this are removed; the newest and the one before it always stay. Left out: of any age.',
      unit: 'minutes',
      minimum: 0,
      maximum: 10_000_000,
      optional: true,
    }),
    every: object(
      {
        epochs: integer({
          doc: 'Epochs between two checkpoints.',
          unit: 'epochs',
          minimum: 1,
          maximum: 100_000,
          default: 1,
        }),
        minutes: number({
          doc: 'The same within an epoch that takes longer.',
          unit: 'minutes',
          minimum: 0.01,
          maximum: 100_000,
          default: 1,
        }),
      },
      {
        doc: 'How often one is written. One is always written where a phase, a stop or a pause asks for it.',
      },
    ),
    share: number({
      doc: "Largest share of the run's time that checkpoints may take: one that would exceed it waits. 1: no limit.",
      minimum: 0.001,
      maximum: 1,
      default: 0.005,
    }),
  },
  { doc: 'When checkpoints are written, and which of them stay. Results are the same.' },
);
