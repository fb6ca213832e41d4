import { takd } from '../methods/response/takd.ts';
import { list, object, text } from '../schema/field.ts';
import { baselineOf, taught, trainFirst } from './parts.ts';
import type { Phase } from './phase.ts';
import { defineScheme } from './scheme.ts';

/** Teacher assistants (Mirzadeh et al. 2020): each model teaches the next smaller one, by the same terms. */
export const chain = defineScheme({
  name: 'chain',
  title: 'Teacher assistants',
  summary: 'Each model teaches the next smaller one, down to the student.',
  doc: [
    'Phases: the first model of `through` (once, unless it comes from an earlier run), then each further one taught by the one',
    'before it: the assistants once, with their own `train`, the student for each seed; and `baseline`.',
  ].join('\n'),
  papers: takd.papers,
  formula: 'model 1 ─► model 2 ─► … ─► student: for each hop the terms, taught by the model before it alone',
  figure: [
    'phase 1      image ─┬─► teacher ───► answer ─┐',
    '                    └─► assistant ─► answer ─┴─► terms ─► loss',
    'phase 2      image ─┬─► assistant ─► answer ─┐        the assistant stands still',
    '                    └─► student ───► answer ─┴─► terms ─► loss',
  ].join('\n'),
  notes: [
    'Best results are the paper’s where the assistant lies in the middle between both, by accuracy; the student’s baseline has the budget of its own training alone.',
  ],
  teachers: { minimum: 0, maximum: 0 },
  settings: object(
    {
      through: list(text({ doc: 'Name of a model.', refersTo: 'model', filled: true }), {
        doc: 'The models from the first teacher to the student, each taught by the one before.',
        minimumLength: 2,
        maximumLength: 16,
      }),
    },
    { doc: 'The way from the teacher to the student.' },
  ),
  models: ({ through }) => through,
  expand(context, { through }) {
    const hops = through.slice(1).map((model, index): Phase => {
      const freeze = [through[index] ?? ''];
      if (model === context.to) return taught(context, { freeze });
      const epochs = context.ownEpochs(model) ?? context.epochs;
      return taught({ to: model, epochs }, { freeze, settingsOf: { model }, perSeed: false });
    });
    return [...trainFirst(through.slice(0, 1), context), ...hops, ...baselineOf(context)];
  },
});
