import type * as tf from '@tensorflow/tfjs-core';
import { choice, integer, number, object } from '../../schema/field.ts';
import { resizeNearest } from '../feature/adaptive-pooling.ts';
import type { MethodSizes, Ops, Side } from '../method.ts';
import { defineRefiner, type Regions } from '../refiner.ts';
import { detectBoth, detectorVariables, difference } from './detector.ts';
import { findBoxes, maskOf, type Boxes } from './regions.ts';

const SOURCE = 'a public code tree, probably the authors’: `AreaDetection`';

/**
 * Distinctive area detection: one detector for both networks finds the regions that matter to both, and maps are matched there alone.
 *
 *     Φ = conv1x1(F_s)                                          the student's map with the teacher's channels and size
 *     [h, w, o](F) = conv1x1(ReLU(conv3x3(F))), h → sigmoid, w and o → ReLU     one set of weights for Φ and F_t
 *     L_D = MSE([h, w, o](Φ), [h, w, o](F_t))
 *     A_1 … A_P = boxes around the P hottest peaks of h(Φ), of size w, moved by o;  M = union (or sum) of the boxes
 *     F_s ← M ⊙ F_s,  F_t ← M ⊙ F_t,  L ← L + λ L_D
 *
 * F: [batch, height, width, channels]; the student's mask is the same in its own size. Source: Shen et al. 2024 by a summary, and a
 * public code tree that matches it and is probably the authors'. *Inferred*: see the notes.
 */
export const dam = defineRefiner({
  name: 'dam',
  title: 'Distinctive area detection module',
  summary: 'Match maps only in the regions that a detector shared by both networks finds (SoKD, Shen 2024).',
  formula: [
    '[heat, size, offset](F) = conv1x1(ReLU(conv3x3(F)))        shared; F: teacher, and conv1x1(student)',
    'L_D = MSE of the three between student and teacher',
    'M = boxes around the P hottest peaks of the student’s heat',
    'F_student ← M ⊙ F_student,  F_teacher ← M ⊙ F_teacher,  L ← L + λ L_D',
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
      regions: integer({
        doc: 'Regions P of an image.',
        default: 8,
        minimum: 1,
        maximum: 256,
        source: SOURCE,
      }),
      detectorWeight: number({
        doc: 'Weight λ of the detector’s loss, in units of the term’s weight.',
        default: 1,
        minimum: 0,
        maximum: 1e9,
        schedulable: true,
        source: `${SOURCE}: 1000 for both on CIFAR-100, 1 for both on ImageNet`,
      }),
      mask: choice(
        {
          union: 'Every pixel in a region counts once.',
          sum: 'A pixel counts as often as regions cover it, squared in a squared loss.',
        },
        {
          doc: 'How regions that overlap count.',
          default: 'union',
          source: 'inferred; the code tree has `sum`, the summary of the paper one term a region',
        },
      ),
    },
    { doc: 'Settings of the detector.' },
  ),
  changes: 'maps',
  variables: ({ pairs, classes }: MethodSizes) =>
    pairs.flatMap(({ teacher, student }, pair) =>
      teacher.length === 3 && student.length === 3
        ? detectorVariables(`pair${pair}`, student[2] ?? 1, teacher[2] ?? 1, classes)
        : [],
    ),
  figure: [
    'teacher ─ map ───────────────┬─▶ ⊙ mask ─┐',
    '                detector ◀───┤           ├─ term ─ loss',
    '                (shared)     │           │',
    'student ─ map ─┬─ conv1x1 ───┘           │',
    '               │   heat ─ peaks ─ boxes ─ mask',
    '               └────────────────▶ ⊙ mask ─┘',
    'detector: heat, size, offset of both ─ L_D',
  ].join('\n'),
  notes: [
    'Inferred: the student’s 1x1 convolution to the detector; the adapter of the term behind it stays that term’s own. Masks multiply the maps before that adapter, so a convolution sees zeros at their rim. No ReLU stands before the sigmoid, where the code tree has one, which keeps every heat above ½.',
    'Boxes are whole pixels, so the term gives the detector no gradient; it learns by L_D alone, which equal answers everywhere satisfy too. The regions of a run show whether that has happened.',
    'Validation uses the same masks. Pairs of vectors have no regions and stay as they are.',
    'It changes layers alone: beside dkd or another term that compares answers stands a term that compares layers, such as fitnet, with dam before it.',
    'Terms that normalise a map, such as at, relate its regions to one another.',
  ],
  fixtures: [],
  refine(ops, context) {
    const { student, teacher, variables, parameters } = context;
    const losses: tf.Scalar[] = [];
    const masked = student.maps.map((map, pair) => {
      const target = teacher.maps[pair] as tf.Tensor;
      if (map.rank !== 4 || target.rank !== 4) return [map, target] as const;
      const [own, other] = [map as tf.Tensor4D, target as tf.Tensor4D];
      const [mine, theirs] = detectBoth(ops, ofPair(variables, pair), own, other);
      losses.push(difference(ops, mine, theirs));
      const [, height, width] = other.shape;
      const mask = maskOf(ops, findBoxes(ops, mine, parameters.regions), height, width, parameters.mask);
      const [, ownHeight, ownWidth] = own.shape;
      return [ops.mul(map, resizeNearest(ops, mask, ownHeight, ownWidth)), ops.mul(target, mask)] as const;
    });
    const sides = {
      student: withMaps(
        student,
        masked.map(([map]) => map),
      ),
      teacher: withMaps(
        teacher,
        masked.map(([, map]) => map),
      ),
    };
    if (losses.length === 0) return sides;
    return {
      ...sides,
      loss: ops.mul<tf.Scalar>(parameters.detectorWeight, ops.div(ops.addN(losses), losses.length)),
    };
  },
  regions: (ops, { student, teacher, variables, parameters: { regions } }) =>
    student.maps.flatMap((map, pair) => {
      const target = teacher.maps[pair] as tf.Tensor;
      if (map.rank !== 4 || target.rank !== 4) return [];
      const [mine] = detectBoth(ops, ofPair(variables, pair), map as tf.Tensor4D, target as tf.Tensor4D);
      const [, height = 1, width = 1] = target.shape;
      return [shares(ops, findBoxes(ops, mine, regions), height, width)];
    }),
});

/** The variables of one pair's detector, by their names in it. */
function ofPair(variables: Readonly<Record<string, tf.Tensor>>, pair: number): Record<string, tf.Tensor> {
  const prefix = `pair${pair}/`;
  const own = Object.entries(variables).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(own.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}

function withMaps(side: Side, maps: readonly tf.Tensor[]): Side {
  return { ...side, maps };
}

/** Boxes as shares of the map, with the far edge of their last pixel. */
function shares(ops: Ops, { places, scores }: Boxes, height: number, width: number): Regions {
  const far = ops.tensor3d([[[0, 0, 1, 1]]]);
  const size = ops.tensor3d([[[height, width, height, width]]]);
  return { boxes: ops.div(ops.add(places, far), size), scores };
}
