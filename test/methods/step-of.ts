import { initialValue } from '../../src/training/initial-value.ts';
import { withGradients } from '../../src/training/gradients.ts';
import { withPrefix, type StepFunction } from '../../src/training/step-function.ts';
import type { NumericArray, TensorSpec } from '../../src/compiler/graph.ts';
import { NO_GROUP_SIZES, ONE_STUDENT, type Method, type MethodSizes } from '../../src/methods/method.ts';
import { tf } from '../../src/compiler/tfjs.ts';

export interface Arrangement {
  readonly batch: number;
  /** Shapes of both sides' maps where a method wants maps; their last number is that of its vectors. */
  readonly student: readonly number[];
  readonly teacher: readonly number[];
  /** What student and teacher say. */
  readonly values: 'drawn' | 'identical' | 'zero';
}

const CLASSES = 5;
const SAMPLES = 12;

/** A method's loss as a step with all its inputs: outputs `loss`, `gradient/student/...` and `gradient/variables/...`. */
export function stepOf(method: Method, { batch, student, teacher, values }: Arrangement) {
  const specs: Record<string, TensorSpec> = {};
  const feeds: Record<string, NumericArray> = {};
  const add = (name: string, shape: readonly number[], data: NumericArray) => {
    const dtype = data instanceof Int32Array ? 'int32' : 'float32';
    specs[name] = { shape, dtype, role: 'batch' };
    feeds[name] = data;
  };
  const count = method.needs.pairs?.minimum ?? 0;
  const pairs = count === 0 ? 0 : Math.max(2, count);
  const named = method.needs.pairs?.rank === 'vector';
  const shapeOf = (side: readonly number[]) => (named ? side.slice(-1) : side);
  const sides = { student: shapeOf(student), teacher: shapeOf(teacher) };
  const speak = (name: string, shape: readonly number[], seed: number) => {
    const size = shape.reduce((product, axis) => product * axis, 1);
    const drawn = tf.randomNormal([size], 0, 1, 'float32', seed).dataSync() as Float32Array;
    add(name, shape, values === 'zero' ? new Float32Array(size) : drawn);
  };
  for (const [offset, side] of (['student', 'teacher'] as const).entries()) {
    const seed = values === 'identical' ? 1 : 1 + 100 * offset;
    speak(`${side}/logits`, [batch, CLASSES], seed);
    for (let pair = 0; pair < pairs; pair++)
      speak(`${side}/maps/${pair}`, [batch, ...sides[side]], seed + 1 + pair);
  }
  add(
    'labels',
    [batch],
    Int32Array.from({ length: batch }, (_, n) => (2 * n) % CLASSES),
  );
  add(
    'indices',
    [batch],
    Int32Array.from({ length: batch }, (_, n) => (5 * n + 1) % SAMPLES),
  );

  const plain: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(method.parameters.fields)) {
    if (field.kind === 'number' && field.schedulable)
      add(`parameters/${name}`, [], Float32Array.of(field.default ?? 1));
    else plain[name] = SMALL[name] ?? field.default;
  }
  for (const { name, count: columns } of method.draws?.(plain) ?? []) {
    const size = batch * columns;
    add(
      `draws/${name}`,
      [batch, columns],
      Int32Array.from({ length: size }, (_, i) => (7 * i + 3) % SAMPLES),
    );
  }
  const sizes: MethodSizes = {
    pairs: Array.from({ length: pairs }, (_, pair) => ({
      ...sides,
      layers: { student: `layer${pair}`, teacher: `layer${pair}` },
    })),
    ...NO_GROUP_SIZES,
    classes: CLASSES,
    samples: SAMPLES,
    batch,
  };
  const trainable: string[] = [];
  for (const variable of method.variables?.(sizes, plain) ?? []) {
    if (variable.trainable) trainable.push(`variables/${variable.name}`);
    add(`variables/${variable.name}`, variable.shape, initialValue(variable, 1, variable.name));
  }
  const features = teacher.at(-1) ?? 1;
  if (method.needs.teacherWeights === 'classifier') {
    add('teacherWeights/classifier/kernel', [features, CLASSES], ramp(features * CLASSES));
    add('teacherWeights/classifier/bias', [CLASSES], ramp(CLASSES));
  } else if (method.needs.teacherWeights === 'batchNorm') {
    for (let pair = 0; pair < pairs; pair++) {
      add(`teacherWeights/pair${pair}/scale`, [features], ramp(features));
      add(`teacherWeights/pair${pair}/offset`, [features], ramp(features));
    }
  }
  const wanted = [...Object.keys(specs).filter((name) => name.startsWith('student/')), ...trainable];
  const layers = sizes.pairs.map((_, pair) => `layer${pair}`);
  const step: StepFunction = (ops, inputs) => {
    const side = (name: string) => ({
      logits: inputs[`${name}/logits`] as tf.Tensor2D,
      maps: Object.values(withPrefix(inputs, `${name}/maps/`)),
      layers,
    });
    const updates: Record<string, tf.Tensor> = {};
    const { loss, gradients, aside } = withGradients(
      ops,
      Object.fromEntries(wanted.map((name) => [name, inputs[name] as tf.Tensor])),
      () => {
        const value = method.loss(ops, {
          student: side('student'),
          teacher: side('teacher'),
          ...ONE_STUDENT,
          labels: inputs['labels'] as tf.Tensor1D,
          indices: inputs['indices'] as tf.Tensor1D,
          parameters: { ...plain, ...withPrefix(inputs, 'parameters/') },
          variables: withPrefix(inputs, 'variables/'),
          teacherWeights: withPrefix(inputs, 'teacherWeights/'),
          draws: withPrefix(inputs, 'draws/') as Record<string, tf.Tensor2D>,
          training: true,
          update: (name, tensor) => (updates[`update/${name}`] = tensor),
        });
        return { loss: value, aside: updates };
      },
    );
    const slopes = Object.entries(gradients).map(([name, slope]) => [`gradient/${name}`, slope] as const);
    return { loss, ...Object.fromEntries(slopes), ...aside };
  };
  return { step, specs, feeds };
}

/** Numbers from −0.5 upwards, zero among them where the size is even. */
function ramp(size: number): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => i / size - 0.5);
}

/** Sizes that keep a test cheap, and a temperature at which the gradient does not cancel to rounding. */
const SMALL: Readonly<Record<string, number>> = {
  negatives: 6,
  dimensions: 4,
  width: 8,
  reduction: 2,
  iterations: 10,
  span: 2,
};
