import { number, object } from '../../schema/field.ts';
import { defineMethod } from '../method.ts';
import { angleLoss, distanceLoss } from './rkd-losses.ts';

const PAPERS = [
  {
    title: 'Relational Knowledge Distillation',
    authors: 'Park, Kim, Lu, Cho',
    where: 'CVPR 2019',
    arxiv: '1904.05068',
  },
] as const;
const MISMATCH = 'Shapes may differ: only distances and angles between samples are compared.';
const NOTES = [
  'Embeddings are not L2-normalised, as in the classification recipes; the metric-learning experiments of the paper do so.',
  'Means run over all entries, those of a sample with itself included, as in the reference code.',
] as const;
const ONE_OR_MORE_VECTORS = { minimum: 1, maximum: 16, rank: 'any' } as const;
const FIXTURE_SIDES = { student: { maps: 'feat_student' }, teacher: { maps: 'feat_teacher' } } as const;

/**
 * Relational distillation: distances and angles among the samples of a batch.
 *
 *     L = λ_D · L_distance + λ_A · L_angle                       f: [batch, features]
 *
 * Source: Park et al. 2019, equations 4 to 8, with the weights of the reference recipes.
 */
export const rkd = defineMethod({
  name: 'rkd',
  title: 'Relational distillation',
  knowledge: 'relation',
  summary: 'Keep distances and angles between the samples of a batch (Park 2019).',
  formula: [
    'ψ(i, j) = ‖fᵢ − fⱼ‖ / μ,  A(i, j, k) = cos of the angle at i between j and k',
    'L = λ_D · mean Huber(ψ_student − ψ_teacher) + λ_A · mean Huber(A_student − A_teacher)',
  ].join('\n'),
  papers: PAPERS,
  parameters: object(
    {
      distanceWeight: number({
        doc: 'Weight λ_D of the distances.',
        default: 25,
        minimum: 0,
        schedulable: true,
        source: 'RepDistiller and mdistiller; Park et al. 2019, section 4.2',
      }),
      angleWeight: number({
        doc: 'Weight λ_A of the angles.',
        default: 50,
        minimum: 0,
        schedulable: true,
        source: 'RepDistiller and mdistiller; Park et al. 2019, section 4.2',
      }),
    },
    { doc: 'Settings of relational distillation.' },
  ),
  defaultWeight: { value: 1, source: 'RepDistiller and mdistiller' },
  needs: { pairs: ONE_OR_MORE_VECTORS },
  mismatch: MISMATCH,
  notes: NOTES,
  fixtures: [
    {
      method: 'rkd',
      ...FIXTURE_SIDES,
      parameters: { distanceWeight: 'distance_weight', angleWeight: 'angle_weight' },
    },
  ],
  loss(ops, context) {
    const { distanceWeight, angleWeight } = context.parameters;
    return ops.add(
      ops.mul(distanceWeight, distanceLoss(ops, context)),
      ops.mul(angleWeight, angleLoss(ops, context)),
    );
  },
});

/** The distance part of relational distillation alone. Source: Park et al. 2019, equations 4 to 6. */
export const rkdDistance = defineMethod({
  name: 'rkdDistance',
  title: 'Relational distillation, distances',
  knowledge: 'relation',
  summary: 'Keep distances between the samples of a batch (Park 2019).',
  formula: [
    'ψ(i, j) = ‖fᵢ − fⱼ‖ / μ,  μ the mean positive distance',
    'L = 1/N² · Σᵢⱼ Huber(ψ_student − ψ_teacher)',
  ].join('\n'),
  papers: PAPERS,
  parameters: object({}, { doc: 'The distance loss has no settings of its own.' }),
  defaultWeight: { value: 25, source: 'RepDistiller and mdistiller; Park et al. 2019, section 4.2' },
  needs: { pairs: ONE_OR_MORE_VECTORS },
  mismatch: MISMATCH,
  notes: NOTES,
  fixtures: [{ method: 'rkd_distance', ...FIXTURE_SIDES }],
  loss: distanceLoss,
});

/** The angle part of relational distillation alone. Source: Park et al. 2019, equations 7 and 8. */
export const rkdAngle = defineMethod({
  name: 'rkdAngle',
  title: 'Relational distillation, angles',
  knowledge: 'relation',
  summary: 'Keep angles between the samples of a batch (Park 2019).',
  formula: [
    'A(i, j, k) = ⟨eᵢⱼ, eᵢₖ⟩,  eᵢⱼ = (fⱼ − fᵢ) / ‖fⱼ − fᵢ‖',
    'L = 1/N³ · Σᵢⱼₖ Huber(A_student − A_teacher)',
  ].join('\n'),
  papers: PAPERS,
  parameters: object({}, { doc: 'The angle loss has no settings of its own.' }),
  defaultWeight: { value: 50, source: 'RepDistiller and mdistiller; Park et al. 2019, section 4.2' },
  needs: { pairs: ONE_OR_MORE_VECTORS },
  mismatch: MISMATCH,
  notes: NOTES,
  fixtures: [{ method: 'rkd_angle', ...FIXTURE_SIDES }],
  loss: angleLoss,
});
