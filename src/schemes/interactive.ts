import { integer, list, object, text, union } from '../schema/field.ts';
import { baselineOf, taught, trainFirst } from './parts.ts';
import type { Phase, TrainedInstance } from './phase.ts';
import { defineScheme, type SchemeContext } from './scheme.ts';

/**
 * Assistants teach the student together, and the student teaches them back, round after round, as long as the student gains on
 * validation (Lin et al. 2020, algorithm 1). Each side stands still while the other learns, and goes on from its weights.
 */
export const interactive = defineScheme({
  name: 'interactive',
  title: 'Deep interactive learning',
  summary: 'Assistants teach the student, the student teaches them back, round after round.',
  doc: [
    'Phases: each assistant by labels (once, unless it has weights); for each seed `student-round0`, taught by all of them; then in each round',
    'the assistants go on, taught by the student, and `student-roundN` goes on, taught by them. A round is left out unless the one before',
    'did better on validation than any before it. `student` is the best of all rounds; `baseline` has the epochs of all rounds. The',
    'optimizer starts anew in each phase (*inferred*); all terms teach in both directions, so pairs name layers that both sides have.',
  ].join('\n'),
  papers: [
    {
      title: 'Learning From Music to Visual Storytelling of Shots: A Deep Interactive Learning Mechanism',
      authors: 'Lin, Wei, Lin, Liu, Liao',
      where: 'ACM Multimedia 2020',
    },
  ],
  formula: [
    'round r:  assistants_r ← taught by student_{r−1},  from assistants_{r−1}',
    '          student_r    ← taught by assistants_r,   from student_{r−1}',
    'as long as validation(student_r) is better than any before; the best of all is kept',
  ].join('\n'),
  figure: [
    'images ─► assistants, by labels ─┐',
    '                                 ▼ together, still',
    'images ─► student ◄── loss ── their answers                  round 0',
    '             │ still',
    '             └─► its answers ── loss ──► assistants          round 1: back, then forth as above',
  ].join('\n'),
  notes: [
    'The paper’s assistants are recurrent networks of music at three rates, joined with a language model of shots; here they are classifiers that see the same images, and their answers are averaged.',
    'The paper’s loss: half the hard labels, half the cross-entropy with answers at temperature 20, without T², so that the labels outweigh the answers. kd has T².',
    'The paper repeats while the student gains, without an end; here `rounds` is one.',
  ],
  teachers: { minimum: 0, maximum: 0 },
  settings: object(
    {
      assistants: union(
        [
          integer({ doc: 'Networks of the student’s own kind.', minimum: 2, maximum: 16 }),
          list(text({ doc: 'Name of a model.', refersTo: 'model', filled: true }), {
            doc: 'Models of their own.',
            minimumLength: 2,
            maximumLength: 16,
          }),
        ],
        {
          doc: 'Who teaches together: a number of networks like the student, or the names of models.',
          default: 3,
          source: 'Lin et al. 2020: three networks of the student’s size',
        },
      ),
      rounds: integer({
        doc: 'Rounds of teaching back at most.',
        default: 3,
        minimum: 1,
        maximum: 16,
        source: 'inferred: the paper repeats while the student gains',
      }),
      epochs: integer({
        doc: 'Epochs of each side in each round. Left out: those of `train`.',
        unit: 'epochs',
        minimum: 1,
        maximum: 100_000,
        optional: true,
      }),
    },
    { doc: 'Who assists, and how often they are taught back.' },
  ),
  models: ({ assistants }) => (typeof assistants === 'number' ? [] : assistants),
  expand(context, { assistants, rounds, epochs = context.epochs }) {
    const { to } = context;
    const [first, training] = begin(assistants, context);
    const student = (round: number) => `${to}-round${round}`;
    const assistant = (name: string, round: number) => (round === 0 ? name : `${name}-round${round}`);
    const names = (round: number) => first.map(({ instance }) => assistant(instance, round));
    const interaction = Array.from({ length: rounds }, (_, index): readonly Phase[] => {
      const round = index + 1;
      const gained = index === 0 ? {} : { onlyIf: { better: student(index), than: student(index - 1) } };
      const back = taught(
        { to: assistant(first[0]?.instance ?? '', round), epochs },
        {
          train: first.map(({ instance, ...rest }) => ({
            ...rest,
            instance: assistant(instance, round),
            continues: [assistant(instance, index)],
          })),
          freeze: [student(index)],
          ...gained,
        },
      );
      const forth = taught(
        { to, epochs },
        { name: student(round), freeze: names(round), ...gained },
        { instance: student(round), continues: [student(index)] },
      );
      return [back, forth];
    }).flat();
    const rest = Array.from({ length: rounds + 1 }, (_, round) => student(round));
    return [
      ...training,
      taught(context, { name: student(0), freeze: names(0) }, { instance: student(0) }),
      ...interaction,
      taught({ to, epochs: 0 }, { freeze: names(0) }, { continues: rest }),
      ...baselineOf(context, context.epochs + rounds * epochs),
    ];
  },
});

/** The assistants before the first round, and the phases that train them. */
function begin(
  assistants: number | readonly string[],
  context: SchemeContext,
): readonly [readonly TrainedInstance[], readonly Phase[]] {
  if (typeof assistants !== 'number')
    return [assistants.map((model) => ({ instance: model, model })), trainFirst(assistants, context)];
  const first = Array.from({ length: assistants }, (_, index): TrainedInstance => ({
    instance: `${context.to}-assistant${index + 1}`,
    model: context.to,
    variant: index + 1,
  }));
  const training = first.map((own): Phase => ({
    ...taught(context, { name: own.instance, train: [own], loss: 'task' }),
    perSeed: false,
  }));
  return [first, training];
}
