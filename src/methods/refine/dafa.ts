import type * as tf from '@tensorflow/tfjs-core';
import { choice, integer, number, object } from '../../schema/field.ts';
import { detached } from '../math.ts';
import type { MethodSizes, Ops } from '../method.ts';
import { defineRefiner, type RefinerDraw } from '../refiner.ts';
import { augmented, policyOf } from './dafa-maps.ts';
import { policyVariables, POLICIES, samplePolicy, STAGES } from './dafa-policy.ts';

const SOURCE = 'a public code tree, probably the authors’: `DFKD`';

/**
 * Differentiable automatic feature augmentation: the maps of the teacher are augmented by what a search finds this student to absorb
 * best, two of nine operations at a time.
 *
 *     F_t ← s(F_t),  s = second ∘ first operation of a policy drawn by α, each carried out with probability σ(β), by magnitude σ(m)
 *     search, on validation: (α, β, m) ← Adam(∇ L(θ; relaxed s)), in turns with the student
 *
 * The student's maps stay. Source: Shen et al. 2024 by a summary, operations, ranges, draws and settings by a public code tree that
 * matches it and is probably the authors'. *Inferred*: the gradient, by the relaxed draw in place of that code's RELAX estimator, in
 * first order unless asked otherwise, and probabilities and magnitudes kept as logits.
 */
export const dafa = defineRefiner({
  name: 'dafa',
  title: 'Differentiable automatic feature augmentation',
  summary:
    'Augment the teacher’s maps by a policy that is searched for this student, on validation (SoKD, Shen 2024).',
  formula: [
    'F_teacher ← s(F_teacher),  s: two of nine operations, of 36 pairs',
    'pair: argmax (log softmax(α) + Gumbel noise);  each operation is carried out with probability σ(β), magnitude σ(m)',
    'search: (α, β, m) ← Adam(∇ L_validation(θ)), argmax as softmax(· / λ), the coin as a sigmoid(· / λ)',
    'second order: at θ − ξ ∇_θ L_validation in place of the student θ',
  ].join('\n'),
  papers: [
    {
      title: 'Student-Oriented Teacher Knowledge Refinement for Knowledge Distillation',
      authors: 'Shen, Huang, Zhu, Fan, Zhang',
      where: '2024',
      arxiv: '2409.18785',
    },
  ],
  parameters: object(
    {
      relaxation: number({
        doc: 'λ: how far a draw of the search is from a hard one; towards 0 it becomes one.',
        default: 0.5,
        minimum: 0.01,
        maximum: 100,
        source: SOURCE,
      }),
      magnitudeGradient: choice(
        {
          operation: 'The derivative of the operation itself.',
          straightThrough: 'The sum of the gradient at all places, whatever the operation.',
        },
        {
          doc: 'What moves the magnitudes.',
          default: 'operation',
          source: 'inferred; `straightThrough`: the code tree',
        },
      ),
      searchOrder: choice(
        {
          first: 'The gradient at the student as it stands.',
          second:
            'The gradient at the student a step ahead, and how that step follows the policy; five times the work.',
        },
        {
          doc: 'How far the search looks.',
          default: 'first',
          source: 'inferred; `second`: the code tree, by finite differences as in DARTS (Liu 2019)',
        },
      ),
      innerLearningRate: number({
        doc: 'ξ: learning rate of the step that a search of second order looks ahead.',
        default: 0.01,
        exclusiveMinimum: 0,
        maximum: 1,
        source: SOURCE,
      }),
      searchEpochs: integer({
        doc: 'Epochs in which the policy is searched; then it stays, and is still drawn from.',
        unit: 'epochs',
        default: 20,
        minimum: 0,
        maximum: 100_000,
        source: `${SOURCE}, of 240 epochs`,
      }),
      searchEvery: integer({
        doc: 'Steps of the student between two of the search.',
        unit: 'steps',
        default: 1,
        minimum: 1,
        maximum: 1_000_000,
        source: SOURCE,
      }),
      searchLearningRate: number({
        doc: 'Learning rate of the search, under Adam (0.5, 0.999) with weight decay 0.001.',
        default: 3e-4,
        exclusiveMinimum: 0,
        maximum: 1,
        source: SOURCE,
      }),
    },
    { doc: 'Settings of the search.' },
  ),
  changes: 'maps',
  draws: drawsOf,
  search: {
    doc: 'The policy: a score for each of 36 pairs of operations, a probability and a magnitude for each operation in them.',
    adam: { beta1: 0.5, beta2: 0.999, epsilon: 1e-8, weightDecay: 1e-3 },
    variables: policyVariables,
  },
  figure: [
    'teacher ─ map ─ first operation ─ second operation ─┐',
    '                       ▲ policy, drawn              ├─ term ─ loss',
    'student ─ map ──────────────────────────────────────┘',
    '',
    'training batch    ─ hard draw    ─ loss ─▶ student',
    'validation batch  ─ relaxed draw ─ loss ─▶ policy (the student stands still)',
  ].join('\n'),
  notes: [
    'Inferred: that the search follows the loss of the terms behind it on validation, through relaxed draws. The summary of the paper names the objective ½(s(F_t) − F_s)², a Gumbel-softmax, and a search in two levels; the code tree estimates the gradient by RELAX and finite differences, on the training batch.',
    'The code tree searches in second order, and of the gradient keeps only how the step ahead follows the policy, without its factor ξ. `searchOrder: second` is the whole of DARTS’ equation 7: the gradient at the step ahead as well, and the factor. Both levels see one batch, as in the code tree.',
    'A relaxed draw mixes the settings of the operations and not their 36 results: one map is warped, whatever the number of policies. Hard draws are the same either way.',
    'One draw holds for a batch: one policy, one rectangle, one pattern of noise, one order of channels. Shifts are shares of the map; the code tree multiplies them by its size, which moves every map out of sight.',
    'Dropped channels are not compensated, and a shuffle has no magnitude, as in the code tree. Vectors have no space to warp: of their operations only the last three act.',
    'It changes layers alone: beside dkd or another term that compares answers stands a term that compares layers, such as fitnet, with dafa before it.',
    'The search sees the validation split, by which weights are chosen too: compare by the test split, which it never sees.',
    'Validation measures unaugmented maps. The weights of a warp are pixels² numbers: choose maps of at most some 32x32.',
  ],
  fixtures: [],
  refine(ops, { student, teacher, parameters, variables, draws, training, searching }) {
    if (!training && !searching) return { student, teacher };
    const { relaxation, magnitudeGradient } = parameters;
    const still = magnitudeGradient === 'straightThrough';
    const hold = (x: tf.Tensor) => detached(ops, [x], (value) => ops.clone(value));
    const used = still ? { ...variables, magnitude: hold(variables['magnitude'] as tf.Tensor) } : variables;
    const { amounts } = samplePolicy(ops, used, draws, searching ? relaxation : null);
    // Worth nothing, with a slope of 1 towards every magnitude that is carried out.
    const slope = still && searching ? straightThrough(ops, variables, draws, relaxation) : null;
    const draw = (name: string) => draws[name] as tf.Tensor;
    const policy = policyOf(ops, amounts, draw('centre'), searching);
    const maps = teacher.maps.map((map, pair) => {
      const own = { noise: draw(`noise${pair}`), order: draw(`order${pair}`), keep: draw(`keep${pair}`) };
      const result = augmented(ops, policy, map, own);
      return slope === null ? result : ops.add(result, slope);
    });
    return { student, teacher: { ...teacher, maps } };
  },
});

function straightThrough(
  ops: Ops,
  variables: Readonly<Record<string, tf.Tensor>>,
  draws: Readonly<Record<string, tf.Tensor>>,
  relaxation: number,
): tf.Tensor {
  const held = Object.fromEntries(
    ['score', 'probability'].map((name) => [
      name,
      detached(ops, [variables[name] as tf.Tensor], (value) => ops.clone(value)),
    ]),
  );
  const { executed } = samplePolicy(ops, { ...variables, ...held }, draws, relaxation);
  return ops.sub(
    executed,
    detached(ops, [executed], (value) => ops.clone(value)),
  );
}

function drawsOf({ pairs }: MethodSizes): readonly RefinerDraw[] {
  const uniform = (name: string, shape: readonly number[]): RefinerDraw => ({ name, kind: 'uniform', shape });
  return [
    uniform('choice', [POLICIES.length]),
    uniform('execute', [POLICIES.length, STAGES]),
    uniform('centre', [2]),
    ...pairs.flatMap(({ teacher }, pair): RefinerDraw[] => {
      const channels = teacher.at(-1) ?? 1;
      return [
        uniform(`keep${pair}`, [channels]),
        { name: `noise${pair}`, kind: 'normal', shape: teacher },
        { name: `order${pair}`, kind: 'order', shape: [channels] },
      ];
    }),
  ];
}
