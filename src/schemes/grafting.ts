import { integer, list, object, text } from '../schema/field.ts';
import { combinationOf, combineField } from './multi-teacher.ts';
import { baselineOf, taught, trainFirst } from './parts.ts';
import type { GraftPlan, JoinPlan, Phase } from './phase.ts';
import { defineScheme } from './scheme.ts';

/**
 * Blocks of the student learn one by one within the first teacher, then together, block by block from below, until nothing of the
 * teacher is left (Shen et al. 2021). Other teachers have a say in the targets.
 *
 *     1. for each block l:  F_L … F_{l+1} ∘ A_out ∘ S_l ∘ A_in ∘ F_{l−1} … F_1      S_l and its adapters A learn
 *     2. for k = 2, 3, …:   F_L … F_{k+1} ∘ A_out ∘ S_k ∘ … ∘ S_1                   all of S_1 … S_k learn
 */
export const grafting = defineScheme({
  name: 'grafting',
  title: 'Network grafting',
  summary: 'The student’s blocks learn within the teacher, one by one and then together, from few samples.',
  doc: [
    'Phases: each teacher (once, unless it has weights), then for each seed `student-block1`, `student-block2`, … (one block each within the first',
    'teacher), `student-joined2`, … (the blocks up to there), at last `student`, which is all of its blocks, and `baseline` with as many epochs. Within the',
    'teacher answers alone are compared and hard labels do not count; `student` has all terms. Teachers stand still to the bit, and in inference.',
    'Where both have other channels, the student needs a joint: `modules: [{ joints: { at: [stage1] } }]`.',
    'Inferred: neighbouring adapters become one joint before they learn together, where the authors’ network keeps both; the first block begins with the',
    'image, where their student shares its first blocks with the teacher; several teachers, after a multi-teacher method for BreakHis.',
  ].join('\n'),
  papers: [
    {
      title: 'Progressive Network Grafting for Few-Shot Knowledge Distillation',
      authors: 'Shen, Wang, Yin, Song, Luo, Song',
      where: 'AAAI 2021',
      arxiv: '2012.04915',
    },
    {
      title:
        'Classification of Histopathologic Images of Breast Cancer by Multi-teacher Small-sample Knowledge Distillation',
      authors: 'authors not known to us',
      where: 'ICAICE 2021',
    },
  ],
  formula: [
    '1. each block l:  z = F_L … F_{l+1} ∘ A_out ∘ S_l ∘ A_in ∘ F_{l−1} … F_1 (x)      S_l, A_in, A_out learn',
    '2. k = 2, 3, …:   z = F_L … F_{k+1} ∘ A_out ∘ S_k … S_1 (x)                       S_1 … S_k and their joints learn',
    'joint: K = K_out K_in, b = b_out K_in + b_in',
    'targets of several teachers: q = Σ_m ω_m softmax(z_m / T),  ω_m = s_mᵖ / Σ_j s_jᵖ,  s: accuracy on validation',
  ].join('\n'),
  figure: [
    'image ─ F_1 ─ A_in ─ S_2 ─ A_out ─ F_3 ─ answer ─┐        1. one block at a time',
    'image ─ F_1 ─ F_2 ─────────────── F_3 ─ answer ─┴─ loss',
    '',
    'image ─ S_1 ─ joint ─ S_2 ─ A_out ─ F_3 ─ answer          2. together, from below',
    'image ─ S_1 ─ joint ─ S_2 ─ joint ─ S_3 ─ answer          at last: the student',
  ].join('\n'),
  notes: [
    'The authors’ set-up: VGG-16 with its last three blocks grafted at half the channels, Adam at 2.5e-4 (10 samples a class, CIFAR-10), adapters at 2.5e-3, 100, 60 and 60 epochs for the blocks and 100 for each step together at 1e-4. Here one optimizer serves all phases; written out, `phases` may give each its own.',
    'The authors keep the weights that are best on the test split. Here validation chooses.',
    'The rule by which teachers are merged is inferred: the abstract of the multi-teacher paper only says that better ones count more.',
  ],
  teachers: { minimum: 1, maximum: 16 },
  settings: object(
    {
      blocks: list(
        list(text({ doc: 'A layer: the teacher’s first.', refersTo: 'layer', filled: true }), {
          doc: '`[teacher layer, student layer]`',
          minimumLength: 2,
          maximumLength: 2,
        }),
        {
          doc: 'Where both are cut, from the image to the answers; the last block follows after all of them.',
          minimumLength: 1,
          maximumLength: 16,
        },
      ),
      epochs: integer({
        doc: 'Epochs of each block alone.',
        unit: 'epochs',
        minimum: 1,
        maximum: 100_000,
        default: 60,
        source: 'the authors’ code, CIFAR-10, the second and third block',
      }),
      jointEpochs: integer({
        doc: 'Epochs of each step of learning together but the last, which has those of `train`.',
        unit: 'epochs',
        minimum: 1,
        maximum: 100_000,
        default: 100,
        source: 'the authors’ code, CIFAR-10',
      }),
      shots: integer({
        doc: 'Training samples of each class that the student sees; the baseline too. Left out: all. Teachers see all.',
        unit: 'samples',
        minimum: 1,
        maximum: 1_000_000,
        optional: true,
      }),
      combine: combineField,
    },
    { doc: 'Which blocks, for how long, from how many samples, and by which teachers.' },
  ),
  expand(context, { blocks, epochs, jointEpochs, shots, combine }) {
    const { to, from } = context;
    const cuts = blocks.map(([teacher = '', student = '']) => ({ teacher, student }));
    const count = cuts.length + 1;
    const few = shots === undefined ? {} : { shots };
    const source = { kind: 'frozen', combine: combinationOf(combine) } as const;
    const common = { freeze: from, source, ...few };
    const [block, joined] = [(l: number) => `${to}-block${l}`, (k: number) => `${to}-joined${k}`];
    const graft = (first: number, last: number): GraftPlan => ({
      host: from[0] ?? '',
      blocks: cuts,
      first,
      last,
    });
    const joins = (k: number): JoinPlan => ({
      lower: k === 2 ? block(1) : joined(k - 1),
      upper: block(k),
      at: cuts[k - 2]?.student ?? '',
    });
    const alone = Array.from({ length: count }, (_, index) => {
      const [name, l] = [block(index + 1), index + 1];
      return taught(
        { to, epochs },
        { ...common, name, hardLabelWeight: 0 },
        { instance: name, graft: graft(l, l) },
      );
    });
    const together = Array.from({ length: count - 2 }, (_, index) => {
      const [name, k] = [joined(index + 2), index + 2];
      return taught(
        { to, epochs: jointEpochs },
        { ...common, name, hardLabelWeight: 0 },
        { instance: name, graft: graft(1, k), joins: joins(k) },
      );
    });
    const all = context.epochs + count * epochs + (count - 2) * jointEpochs;
    return [
      ...trainFirst(from, context),
      ...alone,
      ...together,
      taught(context, common, { joins: joins(count) }),
      ...baselineOf(context, all).map((phase): Phase => ({ ...phase, ...few })),
    ];
  },
});
