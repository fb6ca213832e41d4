import { boolean, integer, object } from '../schema/field.ts';
import { baselineOf, taught } from './parts.ts';
import { defineScheme } from './scheme.ts';
import type { Source } from './source.ts';

/**
 * The student is its own teacher: by its labels and its own layers (teacher-free regularisation, label smoothing, own
 * attention maps), or by an earlier state of itself (Yang et al. 2019, snapshots; the best so far).
 */
export const self = defineScheme({
  name: 'self',
  title: 'Self-distillation',
  summary: 'The student learns from itself: its labels, its own layers, or an earlier state.',
  doc: [
    'Phases: for each seed `student` and `baseline`. With `earlier` or `bestSoFar` the terms hear a frozen copy of the student, in inference mode,',
    'and are silent until the first copy is taken; the learning rate begins anew with each cycle of `earlier`.',
  ].join('\n'),
  teachers: { minimum: 0, maximum: 0 },
  settings: object(
    {
      earlier: object(
        {
          epochs: integer({
            doc: 'Length of a cycle. Its last state teaches through the next one.',
            unit: 'epochs',
            minimum: 1,
            maximum: 100_000,
          }),
        },
        { doc: 'Earlier epochs teach later ones.', optional: true },
      ),
      bestSoFar: boolean({
        doc: 'The state that did best on validation so far teaches.',
        default: false,
      }),
    },
    { doc: 'Which state of the student teaches, if any.' },
  ),
  expand(context, { earlier, bestSoFar }) {
    const source: Source =
      earlier !== undefined
        ? { kind: 'copies', of: 'itself', refresh: { kind: 'epochs', epochs: earlier.epochs } }
        : bestSoFar
          ? { kind: 'copies', of: 'itself', refresh: { kind: 'improvement' } }
          : { kind: 'itself' };
    const cycle = earlier === undefined ? {} : { cycleEpochs: earlier.epochs };
    return [taught(context, { source, ...cycle }), ...baselineOf(context)];
  },
});
