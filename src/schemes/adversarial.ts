import { object } from '../schema/field.ts';
import { baselineOf, taught, trainFirst } from './parts.ts';
import { defineScheme } from './scheme.ts';

/**
 * A discriminator learns to tell the student's answers or features from the teacher's, and the student to deceive it. Both
 * step at once from the same forward pass; the discriminator has an optimizer of its own.
 */
export const adversarial = defineScheme({
  name: 'adversarial',
  title: 'Adversarial distillation',
  summary: 'A discriminator tells teacher and student apart, and the student learns to deceive it.',
  doc: [
    'Phases as in `offline`. At least one term brings a discriminator (`gankd`); its weights are checkpointed and absent from the kept student.',
  ].join('\n'),
  teachers: { minimum: 1, maximum: 1 },
  joins: true,
  settings: object({}, { doc: 'No settings; the discriminator belongs to its term.' }),
  expand: (context) => [
    ...trainFirst(context.from, context),
    taught(context, { freeze: context.from }),
    ...baselineOf(context),
  ],
});
