import { integer, list, object, text } from '../schema/field.ts';
import { baselineOf, taught, trainFirst } from './parts.ts';
import { defineScheme } from './scheme.ts';

const layer = (doc: string) => text({ doc, refersTo: 'layer', filled: true });

/**
 * One network grows branches that learn together and from one another, and is kept without them: copies of its upper part
 * (Lan et al. 2018; Chen et al. 2020) or classifiers on its stages (Zhang et al. 2019).
 */
export const branches = defineScheme({
  name: 'branches',
  title: 'Branches on a shared trunk',
  summary: 'The student grows branches or early exits that learn together; only its own path is kept.',
  doc: [
    'Phases: for each seed `student` with its branches (each with the hard labels), and `baseline`: the same student without them.',
    'Terms that look at a group (`one`, `okddip`, `byot`) hear all branches; other terms go from the frozen teachers, if any, to the student’s own path.',
  ].join('\n'),
  teachers: { minimum: 0, maximum: 16 },
  settings: object(
    {
      copies: object(
        {
          count: integer({
            doc: 'Branches, the student’s own included.',
            default: 3,
            minimum: 2,
            maximum: 16,
            source: 'Lan et al. 2018: three branches',
          }),
          at: layer('The last layer that all branches share.'),
        },
        { doc: 'Copies of everything after a layer.', optional: true },
      ),
      exits: list(layer('A layer after which there is an exit.'), {
        doc: 'Layers with a classifier of their own, besides the student’s last.',
        optional: true,
        minimumLength: 1,
        maximumLength: 16,
      }),
    },
    { doc: 'What grows on the student.', exactlyOne: [['copies', 'exits']] },
  ),
  expand(context, { copies, exits }) {
    const plan =
      copies === undefined
        ? ({ kind: 'exits', at: exits ?? [] } as const)
        : ({ kind: 'copies', ...copies } as const);
    return [
      ...trainFirst(context.from, context),
      taught(context, context.from.length === 0 ? { source: { kind: 'itself' } } : { freeze: context.from }, {
        branches: plan,
      }),
      ...baselineOf(context),
    ];
  },
});
