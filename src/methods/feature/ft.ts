import type * as tf from '@tensorflow/tfjs-core';
import { integer, number, object } from '../../schema/field.ts';
import { aheadEpochs } from '../ahead-epochs.ts';
import { conv, convTranspose, convTransposeVariables, convVariables } from '../conv-layer.ts';
import { flatten, power, unit } from '../math.ts';
import {
  defineMethod,
  type LossContext,
  type Method,
  type MethodSizes,
  type Ops,
  type VariableSpec,
} from '../method.ts';
import { adaptiveAveragePool } from './adaptive-pooling.ts';
import { batchNorm, batchNormVariables } from './batch-norm.ts';

const PAPERS = [
  {
    title: 'Paraphrasing Complex Network: Network Compression via Factor Transfer',
    authors: 'Kim, Park, Kwak',
    where: 'NeurIPS 2018',
    arxiv: '1802.04977',
  },
] as const;
/** Slope below zero of every activation. */
const LEAK = 0.1;
const STEPS = [0, 1, 2] as const;
const NEEDS: Method['needs'] = { pairs: { minimum: 1, maximum: 1, rank: 'map' } };
const MISMATCH =
  'The translator brings channels to those of the factor; of two sizes the larger factor is average-pooled to the smaller.';
const NOTES = [
  'The layers are the last maps of both networks.',
  'The paraphraser is trained before the student, as in the paper; trained alongside (`aheadEpochs: 0`), the factor moves while the student learns it.',
] as const;

const ahead = aheadEpochs(30, 'Kim et al. 2018, section 4; both codes');
const factorShare = number({
  doc: 'Channels of the factor as a share k of the teacher’s.',
  default: 0.5,
  exclusiveMinimum: 0,
  maximum: 4,
  source: 'Kim et al. 2018, section 4; both codes',
});

/**
 * Factor transfer: the student learns a paraphrase of the teacher's last map, which an autoencoder makes.
 *
 *     F_T = paraphraser's encoder of the teacher's map, F_S = translator of the student's        F: [batch, height, width, k·C_t]
 *     q(F) = unit(vec(mean_c F^p₁)),  L = mean |q(F_S) − q(F_T)|^p₂
 *     paraphraser: mean (decoder(encoder(F_t)) − F_t)²
 *
 * Encoder, decoder (transposed) and translator: three 3×3 convolutions with leaky ReLU; the translator with batch norm. Source:
 * Kim et al. 2018, in the form of RepDistiller, whose q looks at where the factor is active; the paper's loss is ftOfficial.
 */
export const ft = defineMethod({
  name: 'ft',
  title: 'Factor transfer',
  knowledge: 'feature',
  summary: 'Learn where a paraphrase of the teacher’s last map is active (Kim 2018).',
  formula: [
    'q(F) = unit(vec(mean_c F^p₁)),  L = mean |q(translator(F_student)) − q(encoder(F_teacher))|^p₂',
    'paraphraser: mean (decoder(encoder(F_teacher)) − F_teacher)²',
  ].join('\n'),
  papers: PAPERS,
  parameters: object(
    {
      factorShare,
      innerPower: integer({
        doc: 'Exponent p₁ of the factor before the mean over its channels.',
        default: 2,
        minimum: 1,
        maximum: 8,
        source: 'RepDistiller',
      }),
      outerPower: integer({
        doc: 'Exponent p₂ of the differences: 1 for absolute ones, 2 for squares.',
        default: 1,
        minimum: 1,
        maximum: 2,
        source: 'RepDistiller',
      }),
      aheadEpochs: ahead,
    },
    { doc: 'Settings of factor transfer.' },
  ),
  defaultWeight: { value: 200, source: 'RepDistiller' },
  needs: NEEDS,
  mismatch: MISMATCH,
  notes: NOTES,
  variables: (sizes, { factorShare }) =>
    translatorSteps(sizes, factorShare).flatMap(([inputs, outputs], step) => [
      ...convVariables(`translator/${step}`, 3, inputs, outputs),
      ...batchNormVariables(`translator/${step}`, outputs),
    ]),
  fixtures: [
    {
      method: 'ft',
      student: { maps: 'feat_student' },
      teacher: { maps: 'feat_teacher' },
      parameters: { factorShare: 'k', innerPower: 'p1', outerPower: 'p2' },
      variables: {
        ...eachStep((step) => ({
          [`translator/${step}/kernel`]: `translator.encoder.${3 * step}.weight`,
          [`translator/${step}/bias`]: `translator.encoder.${3 * step}.bias`,
          [`translator/${step}/scale`]: `translator.encoder.${3 * step + 1}.weight`,
          [`translator/${step}/offset`]: `translator.encoder.${3 * step + 1}.bias`,
        })),
        ...paraphraserNames((part, step) => `paraphraser.${part}.${3 * step}`),
      },
    },
  ],
  opponent: paraphraser((ops, rebuilt, map) => ops.mean(ops.squaredDifference(rebuilt, map))),
  loss(ops, context) {
    const { innerPower, outerPower } = context.parameters;
    const translated = translate(ops, context, (x, step) => batchNorm(ops, context, `translator/${step}`, x));
    const [own, target] = sameSize(ops, translated, encode(ops, context));
    const attention = (factor: tf.Tensor4D) =>
      unit(ops, flatten(ops, ops.mean(power(ops, factor, innerPower), 3)), 1);
    const off = ops.sub(attention(own), attention(target));
    return ops.mean(outerPower === 1 ? ops.abs(off) : ops.square(off));
  },
});

/**
 * Factor transfer with the paper's distance.
 *
 *     L = mean |F_S / ‖F_S‖ − F_T / ‖F_T‖|                        F: a sample's whole factor as one vector
 *     paraphraser: mean |decoder(encoder(F_t)) − F_t|
 *
 * No batch norm. Source: Kim et al. 2018, equations 2 and 4, in the form of the authors' code.
 */
export const ftOfficial = defineMethod({
  name: 'ftOfficial',
  title: 'Factor transfer, the paper’s distance',
  knowledge: 'feature',
  summary: 'Learn a paraphrase of the teacher’s last map, as one vector (Kim 2018).',
  formula: [
    'L = mean |F_S / ‖F_S‖ − F_T / ‖F_T‖|,  F_S = translator(F_student), F_T = encoder(F_teacher)',
    'paraphraser: mean |decoder(encoder(F_teacher)) − F_teacher|',
  ].join('\n'),
  papers: PAPERS,
  parameters: object({ factorShare, aheadEpochs: ahead }, { doc: 'Settings of factor transfer.' }),
  defaultWeight: { value: 500, source: 'Kim et al. 2018, section 4; the authors’ code (beta)' },
  needs: NEEDS,
  mismatch: MISMATCH,
  notes: NOTES,
  variables: (sizes, { factorShare }) =>
    translatorSteps(sizes, factorShare).flatMap(([inputs, outputs], step) =>
      convVariables(`translator/${step}`, 3, inputs, outputs),
    ),
  fixtures: [
    {
      method: 'ft_official',
      student: { maps: 'feat_student' },
      teacher: { maps: 'feat_teacher' },
      parameters: { factorShare: 'k' },
      variables: {
        ...eachStep((step) => ({
          [`translator/${step}/kernel`]: `translator.conv${step}.weight`,
          [`translator/${step}/bias`]: `translator.conv${step}.bias`,
        })),
        ...paraphraserNames((part, step) => `paraphraser.${part === 'encoder' ? 'conv' : 'deconv'}${step}`),
      },
      weight: 'beta',
    },
  ],
  opponent: paraphraser((ops, rebuilt, map) => ops.mean(ops.abs(ops.sub(rebuilt, map)))),
  loss(ops, context) {
    const [own, target] = sameSize(
      ops,
      translate(ops, context, (x) => x),
      encode(ops, context),
    );
    const vector = (factor: tf.Tensor4D) => unit(ops, flatten(ops, factor), 1);
    return ops.mean(ops.abs(ops.sub(vector(own), vector(target))));
  },
});

type Context = Pick<LossContext<unknown>, 'student' | 'teacher' | 'variables'>;

/** The autoencoder of the teacher's map. */
function paraphraser(difference: (ops: Ops, rebuilt: tf.Tensor4D, map: tf.Tensor4D) => tf.Scalar) {
  return {
    doc: 'The paraphraser: an autoencoder of the teacher’s map, three convolutions and three transposed ones.',
    ahead: true,
    variables: (
      { pairs: [pair] }: MethodSizes,
      { factorShare }: { readonly factorShare: number },
    ): readonly VariableSpec[] => {
      const channels = pair?.teacher[2] ?? 1;
      const factor = factorChannels(channels, factorShare);
      return [
        ...encoderSteps(channels, factor).flatMap(([inputs, outputs], step) =>
          convVariables(`encoder/${step}`, 3, inputs, outputs),
        ),
        ...encoderSteps(channels, factor)
          .toReversed()
          .flatMap(([outputs, inputs], step) =>
            convTransposeVariables(`decoder/${step}`, 3, inputs, outputs),
          ),
      ];
    },
    loss(ops: Ops, context: Context): tf.Scalar {
      let rebuilt = encode(ops, context);
      for (const step of STEPS)
        rebuilt = ops.leakyRelu(convTranspose(ops, context.variables, `decoder/${step}`, rebuilt), LEAK);
      return difference(ops, rebuilt, context.teacher.maps[0] as tf.Tensor4D);
    },
  };
}

/** Channels in and out of the three convolutions of an encoder. */
function encoderSteps(channels: number, factor: number): readonly (readonly [number, number])[] {
  return [
    [channels, channels],
    [channels, factor],
    [factor, factor],
  ];
}

function translatorSteps({ pairs: [pair] }: MethodSizes, share: number) {
  return encoderSteps(pair?.student[2] ?? 1, factorChannels(pair?.teacher[2] ?? 1, share));
}

function factorChannels(channels: number, share: number): number {
  return Math.max(1, Math.floor(channels * share));
}

/** The teacher's factor. */
function encode(ops: Ops, { teacher, variables }: Context): tf.Tensor4D {
  let x = teacher.maps[0] as tf.Tensor4D;
  for (const step of STEPS) x = ops.leakyRelu(conv(ops, variables, `encoder/${step}`, x), LEAK);
  return x;
}

/** The student's factor, before it is resized. */
function translate(
  ops: Ops,
  { student, variables }: Context,
  normalized: (x: tf.Tensor4D, step: number) => tf.Tensor4D,
): tf.Tensor4D {
  let x = student.maps[0] as tf.Tensor4D;
  for (const step of STEPS)
    x = ops.leakyRelu(normalized(conv(ops, variables, `translator/${step}`, x), step), LEAK);
  return x;
}

function sameSize(ops: Ops, a: tf.Tensor4D, b: tf.Tensor4D): readonly [tf.Tensor4D, tf.Tensor4D] {
  const size = [Math.min(a.shape[1], b.shape[1]), Math.min(a.shape[2], b.shape[2])] as const;
  return [adaptiveAveragePool(ops, a, ...size), adaptiveAveragePool(ops, b, ...size)];
}

function eachStep(
  names: (step: number) => Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.assign({}, ...STEPS.map(names)) as Record<string, string>;
}

function paraphraserNames(
  module: (part: 'encoder' | 'decoder', step: number) => string,
): Readonly<Record<string, string>> {
  return eachStep((step) =>
    Object.fromEntries(
      (['encoder', 'decoder'] as const).flatMap((part) => [
        [`${part}/${step}/kernel`, `${module(part, step)}.weight`],
        [`${part}/${step}/bias`, `${module(part, step)}.bias`],
      ]),
    ),
  );
}
