import { object } from '../schema/field.ts';
import { baselineOf, taught, trainFirst } from './parts.ts';
import { defineScheme } from './scheme.ts';

/**
 * A teacher that does not learn any more teaches a student. The teacher is trained first, once, where its weights do not
 * come from an earlier run. Student and baseline have the same budget, initialisation and data order, seed by seed.
 */
export const offline = defineScheme({
  name: 'offline',
  title: 'Offline distillation',
  summary: 'A finished teacher teaches the student.',
  doc: [
    'Phases: `teacher` (once, unless the teacher comes from an earlier run), then for each seed `student` with the terms of',
    '`distill.match`, and `baseline`: the same student with the same budget and hard labels alone (unless `compare.baseline: false`).',
  ].join('\n'),
  teachers: { minimum: 1, maximum: 1 },
  joins: true,
  settings: object({}, { doc: 'No settings.' }),
  expand: (context) => [
    ...trainFirst(context.from, context),
    taught(context, { freeze: context.from }),
    ...baselineOf(context),
  ],
});
