import { initialValue } from '../../src/training/initial-value.ts';
import { withGradients } from '../../src/training/gradients.ts';
import { required, withPrefix, type StepFunction, type Tensors } from '../../src/training/step-function.ts';
import type { NumericArray, TensorSpec } from '../../src/compiler/graph.ts';
import type { LossContext, Method, MethodSizes, VariableSpec } from '../../src/methods/method.ts';
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

/** How many layers of the student alone, and how many members of a group there are. */
const LAYERS = 2;
const MEMBERS = 3;

/**
 * A method's loss as a step with all its inputs: outputs `loss`, `gradient/<input>` for all that learns, and `update/<variable>`;
 * where a network stands beside the student, also its `opponent/loss` and `opponent/gradient/...`.
 */
export function stepOf(method: Method, { batch, student, teacher, values }: Arrangement) {
  const { needs } = method;
  const specs: Record<string, TensorSpec> = {};
  const feeds: Record<string, NumericArray> = {};
  const add = (name: string, shape: readonly number[], data: NumericArray) => {
    const dtype = data instanceof Int32Array ? 'int32' : 'float32';
    specs[name] = { shape, dtype, role: 'batch' };
    feeds[name] = data;
  };
  const count = needs.pairs?.minimum ?? 0;
  const pairs = count === 0 ? 0 : Math.min(Math.max(2, count), needs.pairs?.maximum ?? 0);
  const layers = needs.layers === undefined ? 0 : LAYERS;
  const named = needs.pairs?.rank === 'vector';
  const shapeOf = (side: readonly number[]) => (named ? side.slice(-1) : side);
  const sides = { student: shapeOf(student), teacher: shapeOf(teacher) };
  const speak = (name: string, shape: readonly number[], seed: number) => {
    const size = shape.reduce((product, axis) => product * axis, batch);
    const drawn = tf.randomNormal([size], 0, 1, 'float32', seed).dataSync() as Float32Array;
    add(name, [batch, ...shape], values === 'zero' ? new Float32Array(size) : drawn);
  };
  const apart = values === 'identical' ? 0 : 100;
  for (const [offset, side] of (['student', 'teacher'] as const).entries()) {
    const seed = 1 + apart * offset;
    speak(`${side}/logits`, [CLASSES], seed);
    for (let pair = 0; pair < pairs; pair++) speak(`${side}/maps/${pair}`, sides[side], seed + 1 + pair);
    if (needs.strongView !== true) continue;
    speak(`strong/${side}/logits`, [CLASSES], seed + 50);
    for (let pair = 0; pair < pairs; pair++)
      speak(`strong/${side}/maps/${pair}`, sides[side], seed + 51 + pair);
  }
  for (let layer = 0; layer < layers; layer++) speak(`student/maps/${layer}`, sides.student, 2 + layer);
  const features = (member: number) => (member === 0 ? teacher : student).at(-1) ?? 1;
  for (let member = 0; needs.group !== undefined && member < MEMBERS; member++) {
    speak(`group/${member}/logits`, [CLASSES], 7 + apart * member);
    speak(`group/${member}/embedding`, [features(member)], 8 + apart * member);
  }
  if (needs.group?.trunk !== undefined) speak('trunk', student, 9);
  const whole = (of: (n: number) => number) => Int32Array.from({ length: batch }, (_, n) => of(n));
  add(
    'labels',
    [batch],
    whole((n) => (2 * n) % CLASSES),
  );
  add(
    'indices',
    [batch],
    whole((n) => (5 * n + 1) % SAMPLES),
  );

  const plain: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(method.parameters.fields)) {
    if (field.kind === 'number' && field.schedulable)
      add(`parameters/${name}`, [], Float32Array.of(field.default ?? 1));
    else plain[name] = SMALL[name] ?? field.default;
  }
  for (const { name, count: columns } of method.draws?.(plain) ?? []) {
    const drawn = Int32Array.from({ length: batch * columns }, (_, i) => (7 * i + 3) % SAMPLES);
    add(`draws/${name}`, [batch, columns], drawn);
  }
  const sizes: MethodSizes = {
    pairs: Array.from({ length: pairs }, (_, pair) => ({
      ...sides,
      layers: { student: `layer${pair}`, teacher: `layer${pair}` },
    })),
    layers: Array.from({ length: layers }, () => sides.student),
    group: {
      features: needs.group === undefined ? [] : Array.from({ length: MEMBERS }, (_, m) => features(m)),
      trunkChannels: needs.group?.trunk !== undefined ? (student.at(-1) ?? 1) : 0,
    },
    classes: CLASSES,
    samples: SAMPLES,
    batch,
  };
  const addVariables = (variables: readonly VariableSpec[]) => {
    for (const variable of variables)
      add(`variables/${variable.name}`, variable.shape, initialValue(variable, 1, variable.name));
    return variables.filter(({ trainable }) => trainable).map(({ name }) => `variables/${name}`);
  };
  const own = addVariables(method.variables?.(sizes, plain) ?? []);
  const others = addVariables(method.opponent?.variables(sizes, plain) ?? []);
  const channels = teacher.at(-1) ?? 1;
  if (needs.teacherWeights === 'classifier') {
    add('teacherWeights/classifier/kernel', [channels, CLASSES], ramp(channels * CLASSES));
    add('teacherWeights/classifier/bias', [CLASSES], ramp(CLASSES));
  } else if (needs.teacherWeights === 'batchNorm') {
    for (let pair = 0; pair < pairs; pair++) {
      add(`teacherWeights/pair${pair}/scale`, [channels], ramp(channels));
      add(`teacherWeights/pair${pair}/offset`, [channels], ramp(channels));
    }
  }
  const learners = Object.keys(specs).filter((name) => LEARNER.test(name));
  const step: StepFunction = (ops, inputs) => {
    const updates: Record<string, tf.Tensor> = {};
    const context = contextOf(inputs, plain, (name, tensor) => (updates[`update/${name}`] = tensor));
    const differentiate = (names: readonly string[], loss: () => tf.Scalar) =>
      withGradients(ops, Object.fromEntries(names.map((name) => [name, required(inputs, name)])), () => ({
        loss: loss(),
        aside: updates,
      }));
    const said = (prefix: string, { loss, gradients, aside }: ReturnType<typeof differentiate>) => ({
      [`${prefix}loss`]: loss,
      ...Object.fromEntries(
        Object.entries(gradients).map(([name, slope]) => [`${prefix}gradient/${name}`, slope]),
      ),
      ...aside,
    });
    const { opponent } = method;
    return {
      ...said(
        '',
        differentiate([...learners, ...own], () => method.loss(ops, context)),
      ),
      ...(opponent === undefined
        ? {}
        : said(
            'opponent/',
            differentiate(others, () => opponent.loss(ops, context)),
          )),
    };
  };
  return { step, specs, feeds };
}

/** Inputs that the student's loss may change: what it says, and what everyone in a group says. */
export const LEARNER = /^(strong\/)?student\/|^group\/|^trunk$/;

function contextOf(
  inputs: Tensors,
  plain: Readonly<Record<string, unknown>>,
  update: (name: string, tensor: tf.Tensor) => void,
): LossContext<Method['parameters']['fields']> {
  const side = (name: string) => {
    const maps = Object.values(withPrefix(inputs, `${name}/maps/`));
    const layers = maps.map((_, layer) => `layer${layer}`);
    return { logits: inputs[`${name}/logits`] as tf.Tensor2D, maps, layers };
  };
  const members = Object.keys(withPrefix(inputs, 'group/')).filter((name) => name.endsWith('/logits'));
  return {
    student: side('student'),
    teacher: side('teacher'),
    group: members.map((_, m) => ({
      logits: inputs[`group/${m}/logits`] as tf.Tensor2D,
      embedding: inputs[`group/${m}/embedding`] as tf.Tensor2D,
    })),
    trunk: (inputs['trunk'] as tf.Tensor4D | undefined) ?? null,
    strong:
      'strong/student/logits' in inputs
        ? { student: side('strong/student'), teacher: side('strong/teacher') }
        : null,
    labels: inputs['labels'] as tf.Tensor1D,
    indices: inputs['indices'] as tf.Tensor1D,
    parameters: { ...plain, ...withPrefix(inputs, 'parameters/') },
    variables: withPrefix(inputs, 'variables/'),
    teacherWeights: withPrefix(inputs, 'teacherWeights/'),
    draws: withPrefix(inputs, 'draws/') as Record<string, tf.Tensor2D>,
    training: true,
    update,
  };
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
  heads: 2,
  reduction: 2,
  iterations: 10,
  span: 2,
};
