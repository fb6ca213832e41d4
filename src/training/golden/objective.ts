import type * as tf from '@tensorflow/tfjs-core';
import type { GeneratorLoss } from '../../methods/data-free/generator-loss.ts';
import { linear } from '../../methods/linear-layer.ts';
import { crossEntropies, detached } from '../../methods/math.ts';
import { ONE_STUDENT, type LossContext, type Member, type Method, type Ops } from '../../methods/method.ts';
import type { Refiner } from '../../methods/refiner.ts';
import { required, withPrefix, type Tensors } from '../step-function.ts';

/** What a golden case expects the value and the gradients of. */
export type Objective = (ops: Ops, inputs: Tensors) => tf.Scalar;

/** Inputs of the step that are compared; without a teacher's where the student is alone. */
export interface LayerPair {
  readonly teacher: string;
  readonly student: string;
}

type Context = LossContext<Method['parameters']['fields']>;

export interface TermCase {
  readonly method: Method;
  readonly refiner: Refiner | null;
  readonly plain: Readonly<Record<string, unknown>>;
  readonly pairs: readonly LayerPair[];
  /** How many members and peers there are. */
  readonly group: number;
  readonly peers: number;
  readonly weight: number;
  readonly hardLabelWeight: number;
}

/** `weight · loss + hardLabelWeight · Σ cross-entropy of everyone who learns`. */
export function termObjective(term: TermCase): Objective {
  const { method, refiner, weight, hardLabelWeight } = term;
  return (ops, inputs) => {
    const context = contextOf(ops, inputs, term);
    const peers = Array.from({ length: term.peers }, (_, i) => required(inputs, `peers/${i}`) as tf.Tensor2D);
    const refined =
      refiner === null
        ? context
        : { ...context, ...refiner.refine(ops, { ...context, parameters: {}, searching: false }) };
    const loss = peers.length === 0 ? method.loss(ops, refined) : mutual(ops, method, context, peers);
    const learners = [
      ...peers,
      ...context.group.map((member) => member.logits),
      ...(peers.length + term.group === 0 ? [context.student.logits] : []),
    ];
    const weighted = ops.mul<tf.Scalar>(loss, weight);
    if (hardLabelWeight === 0) return weighted;
    const labels = learners.map((logits) => ops.mean<tf.Scalar>(crossEntropies(ops, logits, context.labels)));
    return ops.add(weighted, ops.mul(hardLabelWeight, ops.addN(labels)));
  };
}

/** The generator's loss and that of the student it teaches, whose teacher is a constant. */
export function generatorObjective(parts: {
  readonly generator: GeneratorLoss;
  readonly given: Readonly<Record<string, unknown>>;
  readonly method: Method;
  readonly plain: Readonly<Record<string, unknown>>;
}): Objective {
  return (ops, inputs) => {
    const side = (name: string) => ({
      logits: required(inputs, `${name}/logits`) as tf.Tensor2D,
      embedding: inputs[`${name}/embedding`] as tf.Tensor2D,
    });
    const [student, teacher] = [side('student'), side('teacher')];
    const generated = parts.generator.loss(ops, {
      student,
      teacher,
      parameters: { ...parts.given, ...withPrefix(inputs, 'generator/parameters/') },
    });
    const taught = parts.method.loss(
      ops,
      contextOf(ops, { ...inputs, 'teacher/logits': constant(ops, teacher.logits) }, { plain: parts.plain, pairs: [], group: 0 }), // prettier-ignore
    );
    return ops.add(generated, taught);
  };
}

/** Everyone learns from everyone else, whose answers are constants: the mean over those who teach. */
function mutual(ops: Ops, method: Method, context: Context, peers: readonly tf.Tensor2D[]): tf.Scalar {
  const losses = peers.flatMap((student, i) =>
    peers
      .filter((_, j) => j !== i)
      .map((teacher) =>
        method.loss(ops, {
          ...context,
          student: { ...context.student, logits: student },
          teacher: { ...context.teacher, logits: constant(ops, teacher) },
        }),
      ),
  );
  return ops.div(ops.addN(losses), peers.length - 1);
}

function constant(ops: Ops, logits: tf.Tensor2D): tf.Tensor2D {
  return detached(ops, [logits], (held) => ops.clone(held as tf.Tensor2D));
}

function contextOf(
  ops: Ops,
  inputs: Tensors,
  { plain, pairs, group }: Pick<TermCase, 'plain' | 'pairs' | 'group'>,
): Context {
  const [batch = 0]: readonly number[] = required(inputs, Object.keys(inputs)[0] ?? '').shape;
  const side = (prefix: string, name: 'teacher' | 'student') => ({
    logits: (inputs[`${prefix}${name}/logits`] ?? ops.zeros([batch, 1])) as tf.Tensor2D,
    maps: pairs.flatMap((pair) => (pair[name] === '' ? [] : required(inputs, prefix + pair[name]))),
    layers: pairs.map((pair) => pair[name]),
  });
  return {
    student: side('', 'student'),
    teacher: side('', 'teacher'),
    ...ONE_STUDENT,
    group: Array.from({ length: group }, (_, i) => memberOf(ops, withPrefix(inputs, `group/${i}/`), batch)),
    trunk: (inputs['trunk'] ?? null) as tf.Tensor4D | null,
    strong:
      'strong/student/logits' in inputs
        ? { student: side('strong/', 'student'), teacher: side('strong/', 'teacher') }
        : null,
    labels: (inputs['labels'] ?? ops.zeros([batch], 'int32')) as tf.Tensor1D,
    indices: (inputs['indices'] ?? ops.range(0, batch, 1, 'int32')) as tf.Tensor1D,
    parameters: { ...plain, ...withPrefix(inputs, 'parameters/') },
    variables: withPrefix(inputs, 'variables/'),
    teacherWeights: withPrefix(inputs, 'teacherWeights/'),
    draws: withPrefix(inputs, 'draws/') as Record<string, tf.Tensor2D>,
    training: true,
    update: () => undefined,
  };
}

function memberOf(ops: Ops, given: Tensors, batch: number): Member {
  const embedding = (given['embedding'] ?? ops.zeros([batch, 1])) as tf.Tensor2D;
  const logits = given['logits'] ?? linear(ops, given, 'classifier', embedding);
  return { embedding, logits: logits as tf.Tensor2D };
}
