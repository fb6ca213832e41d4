import { sftn } from '../methods/online/sftn.ts';
import { boolean, choice, integer, list, number, object, text, type ValueOf } from '../schema/field.ts';
import { baselineOf, taught } from './parts.ts';
import { tailsOf, type Phase } from './phase.ts';
import { defineScheme, type SchemeContext } from './scheme.ts';

const { temperature, direction, constantTeacher, compare, scale } = sftn.parameters.fields;
const weight = (doc: string) =>
  number({
    doc,
    default: 1,
    minimum: 0,
    maximum: 1e6,
    source: 'inferred: the paper’s values were not to be had',
  });

const settings = object(
  {
    branches: list(
      list(text({ doc: 'A layer: the teacher’s first.', refersTo: 'layer', filled: true }), {
        doc: '`[teacher layer, student layer]`',
        minimumLength: 2,
        maximumLength: 2,
      }),
      {
        doc: 'After which layers of the teacher the student’s layers go on, and from where: `[stage1, stage1]` hangs everything above the student’s stage1 to the teacher’s stage1.',
        minimumLength: 1,
        maximumLength: 16,
      },
    ),
    epochs: integer({
      doc: 'Epochs of the teacher with its branches. Left out: the teacher’s own; the paper fine-tunes a finished teacher for a quarter of them.',
      unit: 'epochs',
      minimum: 1,
      maximum: 100_000,
      optional: true,
    }),
    labelWeight: weight('Weight λ_CE of the branches’ hard labels, beside 1 for the teacher’s.'),
    imitationWeight: weight('Weight λ_KL of the branches’ and the teacher’s answers to one another.'),
    temperature: number({
      doc: temperature.doc,
      default: temperature.default,
      exclusiveMinimum: 0,
      maximum: 1000,
      source: temperature.source,
    }),
    direction,
    constantTeacher,
    compare,
    scale,
    shared: boolean({
      doc: 'All branches are one set of weights, as the code of Matcha et al. 2023 has it.',
      default: false,
    }),
    start: choice(
      {
        fresh: 'The student starts afresh.',
        branches: 'The student starts from the shared branches; what they lack starts afresh.',
      },
      {
        doc: 'What the student starts from.',
        default: 'fresh',
        source: 'Park et al. 2021; `branches`: Matcha et al. 2023',
      },
    ),
  },
  { doc: 'Which branches, and how they count.' },
);

/**
 * The teacher learns with upper parts of the student hung to its layers, so that what it says can be finished by the student;
 * then the parts are dropped and it teaches (Park et al. 2021; Matcha et al. 2023).
 *
 *     L_teacher = CE(z_T, y) + λ_CE · mean_i CE(z_i, y) + λ_KL · mean_i τ² KL(softmax(z_i/τ) ‖ softmax(z_T/τ))
 *
 * and where images are the answers (Matcha et al. 2023), with ℓ the distance of the task,
 *
 *     L_teacher = ℓ(x_T, x) + λ_CE · mean_i ℓ(x_i, x) + λ_KL · mean_i |x_i − x_T|
 */
export const studentAware = defineScheme({
  name: 'studentAware',
  title: 'Student-aware teacher',
  summary: 'The teacher is trained with branches of the student, then teaches.',
  doc: [
    'Phases: `teacher` with tails of the student after some of its layers, everybody by hard labels and the tails by the teacher’s',
    'answers (`sftn`), nothing held constant; its tails are dropped. Then, as in `offline`, for each seed `student` and `baseline`. A',
    'teacher of an earlier run goes on from its weights. Structure after Park et al. 2021 by summaries; the equations are *inferred*.',
    'For the task `reconstruction` (Matcha et al. 2023): `compare: images`, `shared: true`, `start: branches`.',
  ].join('\n'),
  papers: sftn.papers,
  formula: [
    'L_teacher = CE(z_T, y) + λ_CE · mean_i CE(z_i, y) + λ_KL · mean_i τ² KL(softmax(z_i / τ) ‖ softmax(z_T / τ))',
    'images:     ℓ(x_T, x) + λ_CE · mean_i ℓ(x_i, x) + λ_KL · mean_i |x_i − x_T|           ℓ: the distance of the task',
    'L_student:  the terms of `match`, as in `offline`',
  ].join('\n'),
  figure: [
    '1. image ─► F_1 ─┬─► F_2 ─┬─► F_3 ─► z_T ─ labels     F: the teacher’s layers',
    '                 │        └─► fit ─► S_3 ─► z_2 ─ labels, z_T     S: the student’s layers',
    '                 └─► fit ─► S_2 ─► S_3 ─► z_1 ─ labels, z_T     everything learns',
    '',
    '2. image ─► F_1 ─► F_2 ─► F_3 ─► z_T, still ─┐     branches dropped',
    '                                             ├─ terms ─► loss',
    '   image ─► S_1 ─► S_2 ─► S_3 ─► z ──────────┘     afresh, or with S_2 and S_3 of the branches',
  ].join('\n'),
  notes: [
    '`fit` is resizing, a 1x1 convolution to the student’s channels and batch norm (a dense layer between vectors, nothing between images); it learns and is dropped with its branch.',
    'Park et al.: 240 epochs on CIFAR-100, or 60 from a finished teacher; their weights and temperature were not to be had.',
    'Matcha et al. (code): 150 epochs for each of teacher, layers and images, Adam at 1e-3, a tenth of it every 40 epochs, batches of 4; shared branches, from which the student starts.',
    'Branches that weigh too much cost the teacher accuracy (*inferred*): its curve in the run shows it.',
  ],
  teachers: { minimum: 1, maximum: 1 },
  joins: true,
  settings,
  expand(context, given) {
    const [teacher = ''] = context.from;
    const others = context.from.slice(1);
    const start = given.start === 'branches' ? { continues: [tailsOf(teacher)] } : {};
    return [
      ...others.flatMap((model) => trainOther(model, context)),
      teacherWithTails(teacher, context, given),
      taught(context, { freeze: context.from }, start),
      ...baselineOf(context),
    ];
  },
});

type Settings = ValueOf<typeof settings>;

function trainOther(model: string, context: SchemeContext): readonly Phase[] {
  const epochs = context.ownEpochs(model);
  return epochs === null
    ? []
    : [{ ...taught({ to: model, epochs }, {}), loss: 'task', settingsOf: { model }, perSeed: false }];
}

function teacherWithTails(teacher: string, context: SchemeContext, given: Settings): Phase {
  const { branches, shared, labelWeight, imitationWeight, temperature: softness } = given;
  const own = context.ownEpochs(teacher);
  const at = branches.map(([of = '', student = '']) => ({ teacher: of, student }));
  return taught(
    { to: teacher, epochs: given.epochs ?? own ?? context.epochs },
    {
      source: { kind: 'itself' },
      match: [
        {
          id: sftn.name,
          method: sftn.name,
          weight: imitationWeight,
          pairs: [],
          layers: [],
          from: null,
          refine: [],
          parameters: {
            temperature: softness,
            direction: given.direction,
            constantTeacher: given.constantTeacher,
            compare: given.compare,
            scale: given.scale,
          },
          start: 0,
          end: null,
        },
      ],
      hardLabelWeight: 1,
      settingsOf: { model: teacher },
      perSeed: false,
    },
    {
      branches: { kind: 'tails', of: context.to, at, shared, labels: labelWeight },
      ...(own === null ? { continues: [teacher] } : {}),
    },
  );
}
