import { object } from '../schema/field.ts';
import type { Phase } from './phase.ts';
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
  settings: object({}, { doc: 'No settings.' }),
  expand({ from, to, ownEpochs, epochs, baseline }) {
    const phases: Phase[] = [];
    const teacherEpochs = ownEpochs(from);
    if (teacherEpochs !== null) {
      phases.push({
        name: from,
        train: [{ instance: from, model: from }],
        freeze: [],
        loss: 'task',
        epochs: teacherEpochs,
        settingsOf: { model: from },
        perSeed: false,
      });
    }
    const taught = { epochs, settingsOf: { experiment: true }, perSeed: true } as const;
    phases.push({
      name: to,
      train: [{ instance: to, model: to }],
      freeze: [from],
      loss: 'distill',
      ...taught,
    });
    if (baseline) {
      phases.push({
        name: 'baseline',
        train: [{ instance: 'baseline', model: to }],
        freeze: [],
        loss: 'task',
        ...taught,
      });
    }
    return phases;
  },
});
