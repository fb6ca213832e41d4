import type * as tf from '@tensorflow/tfjs-core';
import { boolean, integer, object } from '../../schema/field.ts';
import { cheapestPlan, smoothing } from '../feature/cheapest-plan.ts';
import { linear, linearVariables } from '../linear-layer.ts';
import { detached, meanOverSpace } from '../math.ts';
import { defineMethod, type LossContext, type Ops } from '../method.ts';

/** Keeps a node that is carried for nothing from taking all weight. */
const SMALLEST_COST = 1e-12;

/**
 * Graph by earth mover's distance: every layer of the student may learn from every layer of the teacher, as a plan of transport
 * says.
 *
 *     Cᵢⱼ = mean (Wᵢⱼ sᵢ + bᵢⱼ − tⱼ)²                       s, t: layers, mean over space: [batch, features]
 *     F   = argmin Σ F C − ε · entropy(F),  rows sum to a, columns to b
 *     L   = Σᵢⱼ Fᵢⱼ Cᵢⱼ
 *     aᵢ ∝ 1 / (Σⱼ Fᵢⱼ Cᵢⱼ / aᵢ),  b likewise               for the next step; at first all alike
 *
 * F is a constant, from Sinkhorn's iteration; ε is a share of the mean cost. The teacher's layers and the student's are those of
 * the pairs, in any combination. Source: Zhang and Peng 2018 for graphs, in the form of Li et al. 2020 (BERT-EMD), with Sinkhorn
 * for its linear program; taking layers by their mean over space is *inferred*; not compared with code.
 */
export const gemd = defineMethod({
  name: 'gemd',
  title: 'Graph by earth mover’s distance',
  knowledge: 'relation',
  summary: 'Every student layer learns from every teacher layer, as a plan of transport says (Li 2020).',
  formula: [
    'Cᵢⱼ = mean (Wᵢⱼ sᵢ + bᵢⱼ − tⱼ)²,  of layers by their mean over space',
    'L = Σᵢⱼ Fᵢⱼ Cᵢⱼ,  F the cheapest plan between the weights of the layers',
  ].join('\n'),
  papers: [
    {
      title:
        'Better and Faster: Knowledge Transfer from Multiple Self-supervised Learning Tasks via Graph Distillation for Video Classification',
      authors: 'Zhang, Peng',
      where: 'IJCAI 2018',
      arxiv: '1804.10069',
    },
    {
      title: 'BERT-EMD: Many-to-Many Layer Mapping for BERT Compression with Earth Mover’s Distance',
      authors: 'Li, Liu, Zhao, Xiao, Liu, Zhang',
      where: 'EMNLP 2020',
      arxiv: '2010.06133',
    },
  ],
  parameters: object(
    {
      reweigh: boolean({
        doc: 'Whether layers that are carried cheaply weigh more in the next step.',
        default: true,
        source: 'Li et al. 2020, section 3.4',
      }),
      smoothing,
      iterations: integer({
        doc: 'Rounds of Sinkhorn’s iteration.',
        default: 50,
        minimum: 1,
        maximum: 1000,
        source: 'inferred: marginals of a few layers agree to 1 % at the default smoothing',
      }),
    },
    { doc: 'Settings of the transport.' },
  ),
  defaultWeight: { value: 1, source: 'inferred: Li et al. 2020 add the parts at weight 1' },
  needs: { pairs: { minimum: 2, maximum: 8, rank: 'any' } },
  mismatch:
    'Trained linear adapters bring every student layer to the size of every teacher layer; space is averaged away.',
  notes: ['The pairs list the layers of both sides; which learns from which, the plan decides.'],
  variables: ({ pairs }) => [
    ...pairs.flatMap(({ student }, i) =>
      pairs.flatMap(({ teacher }, j) =>
        linearVariables(`adapter${i}to${j}`, student.at(-1) ?? 1, teacher.at(-1) ?? 1),
      ),
    ),
    ...(['student', 'teacher'] as const).map((side) => ({
      name: `${side}Weights`,
      shape: [pairs.length],
      trainable: false,
      initial: { kind: 'constant', value: 1 / pairs.length } as const,
    })),
  ],
  fixtures: [],
  loss(ops, context) {
    const { smoothing, iterations, reweigh } = context.parameters;
    const masses = {
      rows: ops.expandDims(context.variables['studentWeights'] as tf.Tensor1D, 1),
      columns: ops.expandDims(context.variables['teacherWeights'] as tf.Tensor1D, 0),
    };
    const costs = costsOf(ops, context);
    const plan = detached(ops, [costs], (held) =>
      cheapestPlan(ops, held as tf.Tensor2D, smoothing, iterations, masses),
    );
    const carried = ops.mul(plan, costs);
    if (reweigh && context.training) {
      const renew = (side: 'student' | 'teacher', mass: tf.Tensor, along: number) =>
        context.update(
          `${side}Weights`,
          detached(ops, [carried], (held) => cheapness(ops, ops.sum(held, along), ops.reshape(mass, [-1]))),
        );
      renew('student', masses.rows, 1);
      renew('teacher', masses.columns, 0);
    }
    return ops.sum(carried);
  },
});

/** `[student layers, teacher layers]`. */
function costsOf<S>(ops: Ops, { student, teacher, variables }: LossContext<S>): tf.Tensor2D {
  const targets = teacher.maps.map((map) => meanOverSpace(ops, map));
  const rows = student.maps.map((map, i) => {
    const own = meanOverSpace(ops, map);
    const cells = targets.map((target, j) =>
      ops.mean(ops.squaredDifference(linear(ops, variables, `adapter${i}to${j}`, own), target)),
    );
    return ops.stack(cells);
  });
  return ops.stack(rows) as tf.Tensor2D;
}

/** Shares in inverse proportion to what carrying a unit costs: `[layers]`, a sum of 1. */
function cheapness(ops: Ops, carried: tf.Tensor, masses: tf.Tensor): tf.Tensor {
  const unit = ops.maximum(ops.div(carried, ops.maximum(masses, SMALLEST_COST)), SMALLEST_COST);
  const inverse = ops.div(ops.min(unit), unit);
  return ops.div(inverse, ops.sum(inverse));
}
