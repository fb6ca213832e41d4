import type * as tf from '@tensorflow/tfjs-core';
import { boolean, choice, integer, object } from '../../schema/field.ts';
import type { MethodSizes, Ops, VariableSpec } from '../method.ts';
import { defineRefiner, type RefineContext } from '../refiner.ts';
import { temperature } from '../response/temperature.ts';

/**
 * Student-friendly refinement: the teacher's answers are softened, then rewritten by a small attention that learns with the
 * student, so that the target moves towards what this student can fit.
 *
 *     u = z_t / T                                               z_t: [batch, classes], softening
 *     Q = X W_Q,  H = X W_H,  V = X W_V                         heads of `width` columns each
 *     Δ = softmax(Q Hᵀ / √width) V W_O,   ẑ = u + Δ             learning simplifier
 *     z_t ← T · ẑ
 *
 * Tokens `batch`: X = u, one row a sample. Tokens `class`: one row a class of each sample, X = u_k w + e_k with an embedding e_k
 * learned for each class. Multiplied by T again, the refined logits stand where the teacher's were: a term with temperature T reads
 * ẑ, softened once, and with W_O = 0 every term is what it was. No part is detached: the simplifier learns by the gradient of the
 * terms behind it alone, the teacher by none. Source: Yuan, Lang, Quan 2023 for the two stages, the joint training and the
 * unchanged form of the loss; how the attention is wired is *inferred*.
 */
export const simplifier = defineRefiner({
  name: 'simplifier',
  title: 'Student-friendly refinement',
  summary:
    "Soften the teacher's answers, then simplify them by an attention that learns with the student (SKD, Yuan 2023).",
  formula: [
    'u = z_teacher / T                                      softening',
    'Δ = softmax((X W_Q)(X W_H)ᵀ / √width) · X W_V · W_O    learning simplifier',
    'z_teacher ← T · (u + Δ)',
    'X = u, one row a sample (tokens: batch), or X_k = u_k w + e_k, one row a class (tokens: class)',
  ].join('\n'),
  papers: [
    {
      title: 'Student-friendly Knowledge Distillation',
      authors: 'Yuan, Lang, Quan',
      where: 'Knowledge-Based Systems 296, 2024',
      arxiv: '2305.10893',
    },
  ],
  parameters: object(
    {
      temperature: temperature(
        4,
        'inferred: that of kd; give the terms behind it the same',
        'Softens the teacher before the attention reads it.',
      ),
      tokens: choice(
        { batch: 'The samples of a batch.', class: 'The classes of each sample.' },
        {
          doc: 'What attends to what: the samples of a batch, or the classes of each sample.',
          default: 'batch',
          source: 'inferred',
        },
      ),
      heads: integer({
        doc: 'Heads of the attention.',
        default: 1,
        minimum: 1,
        maximum: 64,
        source: 'inferred',
      }),
      width: integer({
        doc: 'Columns of each head.',
        default: 32,
        minimum: 1,
        maximum: 4096,
        source: 'inferred',
      }),
      residual: boolean({
        doc: 'Whether the attention adds to the softened answers, instead of taking their place.',
        default: true,
        source: 'inferred: without it nothing holds the target to the teacher',
      }),
    },
    { doc: 'Settings of the softening and of the attention.' },
  ),
  changes: 'logits',
  notes: [
    'Inferred: the wiring of the attention, its tokens, the residual, heads, width and the start at W_O = 0. The paper’s abstract names the two stages, the joint training and that the form of the loss does not change; its code is not public.',
    'It refines terms that compare answers (kd, dkd, dist and their kin); terms that compare layers, such as crd or at, stand beside it as they are. Each refined term has a simplifier of its own, in the student’s optimizer and checkpoints.',
    'The target can follow the student until nothing is left to learn, and soon does where the hard labels weigh as little as beside plain kd (0.1): keep them at 1, and the residual.',
    'With tokens `batch` the target of a sample depends on those beside it; a single sample attends to itself.',
  ],
  fixtures: [],
  variables: variablesOf,
  refine(ops, context) {
    const { teacher, parameters } = context;
    const softened: tf.Tensor2D = ops.div(teacher.logits, parameters.temperature);
    const change =
      parameters.tokens === 'batch'
        ? changeOfSamples(ops, context, softened)
        : changeOfClasses(ops, context, softened);
    const simplified = parameters.residual ? ops.add(softened, change) : change;
    return {
      student: context.student,
      teacher: { ...teacher, logits: ops.mul<tf.Tensor2D>(simplified, parameters.temperature) },
    };
  },
});

interface Plain {
  readonly tokens: 'batch' | 'class';
  readonly heads: number;
  readonly width: number;
  readonly residual: boolean;
}

type Context = Pick<RefineContext<Record<string, never>>, 'variables'> & {
  readonly parameters: { readonly heads: number; readonly width: number };
};

/** Projections `[columns, heads·width]`, `output` `[heads·width, classes or 1]`, and what embeds a class. */
function variablesOf({ classes }: MethodSizes, { tokens, heads, width, residual }: Plain): VariableSpec[] {
  const inner = heads * width;
  const columns = tokens === 'batch' ? classes : inner;
  const outputs = tokens === 'batch' ? classes : 1;
  const matrix = (name: string, rows: number, to: number, inputs = rows): VariableSpec => ({
    name,
    shape: [rows, to],
    trainable: true,
    initial: { kind: 'uniform', bound: 1 / Math.sqrt(inputs) },
  });
  const output = matrix('output', inner, outputs);
  return [
    ...(tokens === 'batch' ? [] : [matrix('token', 1, inner), matrix('embedding', classes, inner, 1)]),
    ...['query', 'key', 'value'].map((name) => matrix(name, columns, inner)),
    // Nothing changes at first, where there is something to change.
    residual ? { ...output, initial: { kind: 'constant', value: 0 } } : output,
  ];
}

function changeOfSamples(ops: Ops, { variables, parameters }: Context, u: tf.Tensor2D): tf.Tensor2D {
  const [batch, classes] = u.shape;
  const { heads, width } = parameters;
  const side = (name: string): tf.Tensor3D => {
    const rows = ops.matMul(u, variables[name] as tf.Tensor2D);
    return ops.transpose(ops.reshape(rows, [batch, heads, width]), [1, 0, 2]);
  };
  const seen = attended(ops, side, width); // [heads, batch, width]
  const joined: tf.Tensor2D = ops.reshape(ops.transpose(seen, [1, 0, 2]), [batch, heads * width]);
  return ops.reshape(ops.matMul(joined, variables['output'] as tf.Tensor2D), [batch, classes]);
}

function changeOfClasses(ops: Ops, { variables, parameters }: Context, u: tf.Tensor2D): tf.Tensor2D {
  const [batch, classes] = u.shape;
  const { heads, width } = parameters;
  const inner = heads * width;
  const scaled = ops.mul(ops.reshape(u, [batch, classes, 1]), ops.reshape(variables['token'] as tf.Tensor, [1, 1, inner])); // prettier-ignore
  const embedded = ops.add(scaled, ops.reshape(variables['embedding'] as tf.Tensor, [1, classes, inner]));
  const rows: tf.Tensor2D = ops.reshape(embedded, [batch * classes, inner]);
  const side = (name: string): tf.Tensor3D => {
    const projected = ops.reshape(ops.matMul(rows, variables[name] as tf.Tensor2D), [batch, classes, heads, width]); // prettier-ignore
    return ops.reshape(ops.transpose(projected, [0, 2, 1, 3]), [batch * heads, classes, width]);
  };
  const seen = ops.reshape(attended(ops, side, width), [batch, heads, classes, width]);
  const joined: tf.Tensor2D = ops.reshape(ops.transpose(seen, [0, 2, 1, 3]), [batch * classes, inner]);
  return ops.reshape(ops.matMul(joined, variables['output'] as tf.Tensor2D), [batch, classes]);
}

/** `softmax(Q Hᵀ / √width) V` of `[groups, tokens, width]`. */
function attended(ops: Ops, side: (name: string) => tf.Tensor3D, width: number): tf.Tensor3D {
  const products: tf.Tensor3D = ops.matMul(side('query'), side('key'), false, true);
  const attention = ops.softmax(ops.div<tf.Tensor3D>(products, Math.sqrt(width)));
  return ops.matMul(attention, side('value'));
}
