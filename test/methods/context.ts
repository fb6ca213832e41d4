import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tf } from '../../src/compiler/tfjs.ts';
import { findMethod } from '../../src/methods/index.ts';
import { toChannelsLast } from '../../src/training/layout.ts';
import { required } from '../../src/training/step-function.ts';
import { initialValue } from '../../src/training/initial-value.ts';
import {
  NO_GROUP_SIZES,
  type LossContext,
  type Member,
  type Method,
  type MethodSizes,
  type VariableSpec,
} from '../../src/methods/method.ts';

type Context = LossContext<Method['parameters']['fields']>;

/** What a loss reads, with empty parts for what a test does not care about. */
export function context(parts: {
  readonly logits?: readonly [student: tf.Tensor, teacher: tf.Tensor];
  /** What an ensemble says, `[passes, batch, classes]`. */
  readonly passes?: tf.Tensor;
  /** One layer of each side, or several. */
  readonly maps?: readonly [
    student: tf.Tensor | readonly tf.Tensor[],
    teacher: tf.Tensor | readonly tf.Tensor[],
  ];
  /** Layers of the student alone. */
  readonly layers?: readonly tf.Tensor[];
  readonly group?: readonly Member[];
  readonly trunk?: tf.Tensor;
  readonly strong?: readonly [student: tf.Tensor, teacher: tf.Tensor];
  readonly labels?: readonly number[];
  readonly teacherWeights?: Readonly<Record<string, tf.Tensor>>;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly variables?: Readonly<Record<string, tf.Tensor>>;
  readonly draws?: Readonly<Record<string, tf.Tensor2D>>;
  readonly training?: boolean;
  readonly adapters?: Context['adapters'];
  readonly update?: Context['update'];
}): Context & { readonly searching: boolean } {
  const side = (at: 0 | 1, logits = parts.logits) => {
    const layers = at === 0 ? (parts.layers ?? []) : [];
    const maps = parts.maps === undefined ? layers : [parts.maps[at]].flat();
    return {
      logits: (logits?.[at] ?? tf.zeros([1, 1])) as tf.Tensor2D,
      maps,
      layers: maps.map((_, layer) => `layer${layer}`),
    };
  };
  return {
    student: side(0),
    teacher: {
      ...side(1),
      ...(parts.passes === undefined ? {} : { passes: parts.passes as tf.Tensor3D }),
    },
    group: parts.group ?? [],
    trunk: (parts.trunk as tf.Tensor4D | undefined) ?? null,
    strong:
      parts.strong === undefined ? null : { student: side(0, parts.strong), teacher: side(1, parts.strong) },
    labels: tf.tensor1d([...(parts.labels ?? [])], 'int32'),
    indices: tf.tensor1d([], 'int32'),
    parameters: parts.parameters ?? {},
    variables: parts.variables ?? {},
    ...(parts.adapters === undefined ? {} : { adapters: parts.adapters }),
    teacherWeights: parts.teacherWeights ?? {},
    draws: parts.draws ?? {},
    training: parts.training ?? true,
    searching: false,
    update: parts.update ?? (() => undefined),
  };
}

/** Seeded values that look drawn. */
export function drawn(shape: number[], seed: number): tf.Tensor {
  return tf.randomNormal(shape, 0, 1, 'float32', seed);
}

export function value(tensor: tf.Tensor): number {
  return tensor.dataSync()[0] ?? NaN;
}

export function values(tensor: tf.Tensor): number[] {
  return Array.from(tensor.dataSync());
}

/** A method of the catalogue, its parameters untyped as in the list. */
export function methodOf(name: string): Method {
  const method = findMethod(name);
  if (method === undefined) throw new Error(`there is no ${name}`);
  return method;
}

/** Its loss with the defaults of its parameters. */
export function lossOf(name: string) {
  const method = methodOf(name);
  return (parts: Parameters<typeof context>[0]): tf.Scalar =>
    method.loss(tf, context({ ...parts, parameters: { ...defaultsOf(method), ...parts.parameters } }));
}

/** Default of every parameter, as a loss takes it. */
function defaultsOf({ parameters }: Pick<Method, 'parameters'>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(parameters.fields).map(([name, field]) => [
      name,
      field.kind === 'number' && field.schedulable ? tf.scalar(field.default ?? NaN) : field.default,
    ]),
  );
}

/** What the cases of a golden file hold beside what `kd verify` compares; a name that is not there is an error. */
export function goldenCases(name: string): readonly GoldenCase[] {
  const file = join(import.meta.dirname, '../golden/losses', `${name}.json`);
  const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { readonly cases: readonly GoldenJson[] };
  return cases.map(({ id, inputs, weights, components, outputs }) => ({
    id,
    tensor: (from) => tensorOf(required({ ...inputs, ...weights }, from)),
    component: (from) => required(components ?? {}, from),
    output: (from) => required(outputs ?? {}, from).data,
  }));
}

interface GoldenCase {
  readonly id: string;
  /** An input or a weight, in TensorFlow.js' layout. */
  readonly tensor: (from: string) => tf.Tensor;
  readonly component: (from: string) => number;
  readonly output: (from: string) => readonly number[];
}

interface GoldenTensor {
  readonly shape: readonly number[];
  readonly layout: string;
  readonly data: readonly number[];
}

interface GoldenJson {
  readonly id: string;
  readonly inputs: Readonly<Record<string, GoldenTensor>>;
  readonly weights?: Readonly<Record<string, GoldenTensor>>;
  readonly components?: Readonly<Record<string, number>>;
  readonly outputs?: Readonly<Record<string, GoldenTensor>>;
}

function tensorOf({ shape, layout, data }: GoldenTensor): tf.Tensor {
  const laid = toChannelsLast(layout, { shape, data: Float32Array.from(data) });
  return tf.tensor(laid.data, [...laid.shape]);
}

/** The cross-entropy with the labels, mean over the batch. */
export function crossEntropy(logits: tf.Tensor, labels: readonly number[]): number {
  const logs = tf.logSoftmax(logits).arraySync() as number[][];
  return -labels.reduce((sum, label, n) => sum + (logs[n]?.[label] ?? NaN), 0) / labels.length;
}

/** Variables at their first values. */
export function started(specs: readonly VariableSpec[]): Record<string, tf.Tensor> {
  return Object.fromEntries(
    specs.map((spec) => [spec.name, tf.tensor(initialValue(spec, 1, spec.name), [...spec.shape])]),
  );
}

/** The same, all of them zero. */
export function zeros(specs: readonly VariableSpec[]): Record<string, tf.Tensor> {
  return Object.fromEntries(specs.map(({ name, shape }) => [name, tf.zeros([...shape])]));
}

/** Sizes in which only what a test names is there. */
export function sizes(parts: Partial<MethodSizes>): MethodSizes {
  return { pairs: [], ...NO_GROUP_SIZES, classes: 5, samples: 12, batch: 4, ...parts };
}

/** The loss of the network beside the student, likewise. */
export function besideLossOf(name: string) {
  const method = methodOf(name);
  return (parts: Parameters<typeof context>[0]): tf.Scalar => {
    const parameters = { ...defaultsOf(method), ...parts.parameters };
    return method.opponent?.loss(tf, context({ ...parts, parameters })) ?? tf.scalar(NaN);
  };
}

/** Variables of a method and of the network beside its student, for settings that a test gives or the defaults. */
export function variablesOf(
  name: string,
  size: MethodSizes,
  given: Readonly<Record<string, unknown>> = {},
): readonly VariableSpec[] {
  const method = methodOf(name);
  const settings = Object.entries(method.parameters.fields).map(
    ([key, field]) => [key, field.default] as const,
  );
  const plain = { ...Object.fromEntries(settings), ...given };
  return [...(method.variables?.(size, plain) ?? []), ...(method.opponent?.variables(size, plain) ?? [])];
}
