import { integer, list, object, text } from '../schema/field.ts';
import { baselineOf, taught, trainFirst } from './parts.ts';
import type { Phase } from './phase.ts';
import { defineScheme } from './scheme.ts';

/**
 * The student learns stage by stage before it learns as a whole (Romero et al. 2015, stage-wise hints): in each block only the
 * layers up to its own layer learn, by the terms with pairs alone.
 */
export const progressive = defineScheme({
  name: 'progressive',
  title: 'Progressive distillation',
  summary: 'The student learns block by block from the teacher’s layers, then as a whole.',
  doc: [
    'Phases: the teacher (once, unless it has weights), then for each seed one phase a block, in which the terms with pairs compare that',
    'block’s layers and only the student’s layers up to it learn, then `student` with all terms, and `baseline` with the sum of their epochs.',
  ].join('\n'),
  teachers: { minimum: 1, maximum: 1 },
  settings: object(
    {
      blocks: list(
        list(text({ doc: 'A layer: the teacher’s first.', refersTo: 'layer', filled: true }), {
          doc: '`[teacher layer, student layer]`',
          minimumLength: 2,
          maximumLength: 2,
        }),
        { doc: 'The blocks in order, by their last layers.', minimumLength: 1, maximumLength: 16 },
      ),
      epochs: integer({
        doc: 'Epochs of each block. The joint phase has those of `train`.',
        unit: 'epochs',
        minimum: 1,
        maximum: 100_000,
      }),
    },
    { doc: 'Which blocks, and how long.' },
  ),
  expand(context, { blocks, epochs }) {
    const { to } = context;
    const name = (index: number) => `${to}-block${index + 1}`;
    const parts = blocks.map(([teacher = '', student = ''], index): Phase => {
      const before = index === 0 ? {} : { continues: [name(index - 1)] };
      return taught(
        { to, epochs },
        { name: name(index), freeze: context.from, pairs: [{ teacher, student }] },
        { instance: name(index), learns: [student], ...before },
      );
    });
    const joint = taught(context, { freeze: context.from }, { continues: [name(blocks.length - 1)] });
    return [
      ...trainFirst(context.from, context),
      ...parts,
      joint,
      ...baselineOf(context, context.epochs + blocks.length * epochs),
    ];
  },
});
