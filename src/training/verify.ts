import type * as tf from '@tensorflow/tfjs-core';
import type { DType, InputRole, NumericArray, TensorSpec } from '../compiler/graph.ts';
import type { FixtureMapping, FixtureSide } from '../methods/fixture-mapping.ts';
import { methods } from '../methods/index.ts';
import {
  NO_GROUP_SIZES,
  ONE_STUDENT,
  type LossContext,
  type Method,
  type VariableSpec,
} from '../methods/method.ts';
import type { VerifyCase, VerifyReport } from '../protocol/records.ts';
import type { Fixture, FixtureTensor } from './fixture.ts';
import { withGradients } from './gradients.ts';
import { fromChannelsLast } from './layout.ts';
import { required, withPrefix, type StepFunction } from './step-function.ts';
import type { StepRunner } from './step-runner.ts';

/** Recomputes golden cases, value and gradients; those of methods the catalogue lacks are listed as unknown. */
export async function verifyFixtures(
  fixtures: readonly Fixture[],
  runner: StepRunner,
): Promise<VerifyReport> {
  const cases: VerifyCase[] = [];
  const unknown = new Set<string>();
  for (const fixture of fixtures) {
    const known = findMapping(fixture.method);
    if (known === undefined) unknown.add(fixture.method);
    else cases.push(await verifyFixture(fixture, known.method, known.mapping, runner));
  }
  const passed = cases.filter((one) => one.passed).length;
  return { cases, passed, failed: cases.length - passed, unknown: [...unknown] };
}

function findMapping(name: string): { method: Method; mapping: FixtureMapping } | undefined {
  for (const method of methods) {
    const mapping = method.fixtures.find((one) => one.method === name);
    if (mapping !== undefined) return { method, mapping };
  }
  return undefined;
}

async function verifyFixture(
  fixture: Fixture,
  method: Method,
  mapping: FixtureMapping,
  runner: StepRunner,
): Promise<VerifyCase> {
  const head = { method: fixture.method, id: fixture.id };
  try {
    const attempt = async (tried: Method) => {
      const plan = planOf(fixture, tried, mapping);
      const got = await runner(`verify/${fixture.id}`, plan.step, plan.specs, plan.feeds);
      return { plan, compared: compare(fixture, plan.names, got) };
    };
    const { plan, compared } = await attempt(method);
    if (compared.passed || mapping.alternatives === undefined) return { ...head, ...compared };
    const { choice, losses } = mapping.alternatives;
    for (const loss of losses(plan.batch, plan.pairs)) {
      const other = (await attempt({ ...method, loss })).compared;
      if (other.passed) return { ...head, ...other, message: choice };
    }
    return { ...head, ...compared };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const loss = { want: fixture.loss, got: NaN, error: NaN };
    return { ...head, passed: false, loss, gradients: [], message };
  }
}

interface Plan {
  readonly step: StepFunction;
  readonly specs: Record<string, TensorSpec>;
  readonly feeds: Record<string, NumericArray>;
  /** Name of an input of the step to the fixture's name of it. */
  readonly names: ReadonlyMap<string, string>;
  readonly batch: number;
  readonly pairs: number;
}

/** The loss of one case as a step: inputs by role, outputs `loss` and `gradient/<input>`. */
function planOf(fixture: Fixture, method: Method, mapping: FixtureMapping): Plan {
  const names = new Map<string, string>();
  const specs: Record<string, TensorSpec> = {};
  const feeds: Record<string, NumericArray> = {};
  const add = (name: string, shape: readonly number[], data: NumericArray, dtype: DType = 'float32') => {
    const role: InputRole = 'batch';
    specs[name] = { shape, dtype, role };
    feeds[name] = data;
  };
  const addTensor = (name: string, from: string) => {
    const tensor = required(fixture.tensors, from);
    names.set(name, from);
    add(
      name,
      tensor.shape,
      tensor.dtype === 'int32' ? Int32Array.from(tensor.data) : tensor.data,
      tensor.dtype,
    );
  };
  const layers = {
    teacher: addSide('teacher', mapping.teacher),
    student: addSide('student', mapping.student),
  };
  function addSide(side: string, inputs: FixtureSide): number {
    if (inputs.logits !== undefined) addTensor(`${side}/logits`, inputs.logits);
    const maps = [inputs.maps ?? []].flat().flatMap((name) => listed(fixture.tensors, name));
    maps.forEach((name, i) => addTensor(`${side}/maps/${i}`, name));
    return maps.length;
  }
  if (mapping.labels !== undefined) addTensor('labels', mapping.labels);
  if (mapping.indices !== undefined) addTensor('indices', mapping.indices);
  for (const [name, from] of Object.entries(mapping.teacherWeights?.(layers.teacher) ?? {}))
    addTensor(`teacherWeights/${name}`, from);
  for (const [name, { table, from }] of Object.entries(mapping.draws ?? {})) {
    const { shape, data } = required(fixture.tensors, table);
    const [rows = 0, columns = 0] = shape;
    const kept = Int32Array.from(data).filter((_, i) => i % columns >= from);
    add(`draws/${name}`, [rows, columns - from], kept, 'int32');
  }

  const plain: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(method.parameters.fields)) {
    const from = mapping.parameters?.[name] ?? '';
    const value =
      (typeof from === 'string' ? fixture.parameters[from] : from(fixture.parameters)) ?? field.default;
    if (field.kind === 'number' && field.schedulable)
      add(`parameters/${name}`, [], Float32Array.of(Number(value)));
    else plain[name] = value;
  }
  const pairs = pairedLayers(layers.teacher, layers.student);
  const shapeOf = (layer: string) => specs[layer]?.shape.slice(1) ?? [];
  const sizes = {
    pairs: pairs.map((pair) => ({
      teacher: shapeOf(pair.teacher),
      student: shapeOf(pair.student),
      layers: pair,
    })),
    ...NO_GROUP_SIZES,
    classes: specs['student/logits']?.shape[1] ?? 0,
    samples: Number(fixture.parameters[mapping.samples ?? ''] ?? 0),
    batch: Object.values(specs)[0]?.shape[0] ?? 0,
  };
  const variableNames =
    typeof mapping.variables === 'function'
      ? mapping.variables(layers.student, layers.teacher)
      : mapping.variables;
  for (const variable of method.variables?.(sizes, plain) ?? []) {
    const from = variableNames?.[variable.name];
    const value = fixture.parameters[from ?? ''];
    if (from === undefined) add(`variables/${variable.name}`, variable.shape, initialValue(variable));
    else if (typeof value === 'number') add(`variables/${variable.name}`, [], Float32Array.of(value));
    else addTensor(`variables/${variable.name}`, from);
  }
  const wanted = [...names].filter(([, from]) => from in fixture.gradients).map(([name]) => name);
  const weight = mapping.weight === undefined ? 1 : Number(fixture.parameters[mapping.weight]);
  return {
    step: lossAndGradients(method, plain, pairs, wanted, weight),
    specs,
    feeds,
    names,
    batch: sizes.batch,
    pairs: pairs.length,
  };
}

interface LayerPair {
  readonly teacher: string;
  readonly student: string;
}

/** Inputs of the step that make a pair; the last of the shorter side stands for all further ones. */
function pairedLayers(teachers: number, students: number): readonly LayerPair[] {
  if ((teachers === 0) !== (students === 0)) throw new Error('only one side has maps');
  return Array.from({ length: Math.max(teachers, students) }, (_, i) => ({
    teacher: `teacher/maps/${Math.min(i, teachers - 1)}`,
    student: `student/maps/${Math.min(i, students - 1)}`,
  }));
}

/** The list `name.0`, `name.1`, ... or the one tensor `name`. */
function listed(tensors: Readonly<Record<string, FixtureTensor>>, name: string): readonly string[] {
  if (name in tensors) return [name];
  const found: string[] = [];
  while (`${name}.${found.length}` in tensors) found.push(`${name}.${found.length}`);
  if (found.length === 0) throw new Error(`the fixture has no input "${name}"`);
  return found;
}

function initialValue(variable: VariableSpec): Float32Array {
  if (variable.initial.kind !== 'constant')
    throw new Error(`the fixture gives no value for "${variable.name}"`);
  return new Float32Array(variable.shape.reduce((product, size) => product * size, 1)).fill(
    variable.initial.value,
  );
}

function lossAndGradients(
  method: Method,
  plain: Readonly<Record<string, unknown>>,
  pairs: readonly LayerPair[],
  wanted: readonly string[],
  weight: number,
): StepFunction {
  return (ops, inputs) => {
    const first = required(inputs, Object.keys(inputs)[0] ?? '');
    const batch = first.shape[0];
    const side = (name: 'teacher' | 'student') => ({
      logits: (inputs[`${name}/logits`] ?? ops.zeros([batch, 1])) as tf.Tensor2D,
      maps: pairs.map((pair) => required(inputs, pair[name])),
      layers: pairs.map((pair) => pair[name]),
    });
    const context: LossContext<Method['parameters']['fields']> = {
      student: side('student'),
      teacher: side('teacher'),
      ...ONE_STUDENT,
      labels: (inputs['labels'] ?? ops.zeros([batch], 'int32')) as tf.Tensor1D,
      indices: (inputs['indices'] ?? ops.range(0, batch, 1, 'int32')) as tf.Tensor1D,
      parameters: { ...plain, ...withPrefix(inputs, 'parameters/') },
      variables: withPrefix(inputs, 'variables/'),
      teacherWeights: withPrefix(inputs, 'teacherWeights/'),
      draws: withPrefix(inputs, 'draws/') as Record<string, tf.Tensor2D>,
      training: true,
      update: () => undefined,
    };
    const variables = Object.fromEntries(wanted.map((name) => [name, required(inputs, name)]));
    const { loss, gradients } = withGradients(ops, variables, () => ({
      loss: ops.mul(method.loss(ops, context), weight),
      aside: {},
    }));
    const named = Object.entries(gradients).map(
      ([name, gradient]) => [`gradient/${name}`, gradient] as const,
    );
    return { loss, ...Object.fromEntries(named) };
  };
}

/** Accepts `|got − want| ≤ absolute + relative·|want|`, element by element. */
function compare(
  fixture: Fixture,
  names: ReadonlyMap<string, string>,
  got: Readonly<Record<string, NumericArray>>,
): Pick<VerifyCase, 'passed' | 'loss' | 'gradients'> {
  const { lossAbsolute, lossRelative, gradientRelative } = fixture.tolerance;
  const value = got['loss']?.[0] ?? NaN;
  const lossPassed = accepted(value, fixture.loss, lossAbsolute, lossRelative);
  const ourName = new Map([...names].map(([name, from]) => [from, name]));
  const gradients = Object.entries(fixture.gradients).map(([from, { data: want, absolute }]) => {
    const tensor = required(fixture.tensors, from);
    const data = got[`gradient/${ourName.get(from) ?? ''}`];
    if (data?.length !== want.length) return { name: from, maxError: NaN, passed: false };
    const ours = fromChannelsLast(tensor.layout, { shape: tensor.shape, data: Float32Array.from(data) }).data;
    let maxError = 0;
    let passed = true;
    want.forEach((expected, i) => {
      const actual = ours[i] ?? NaN;
      if (actual !== expected) maxError = Math.max(maxError, Math.abs(actual - expected));
      passed &&= accepted(actual, expected, absolute, gradientRelative);
    });
    return { name: from, maxError, passed };
  });
  return {
    passed: lossPassed && gradients.every((gradient) => gradient.passed),
    loss: {
      want: fixture.loss,
      got: value,
      error: value === fixture.loss ? 0 : Math.abs(value - fixture.loss),
    },
    gradients,
  };
}

function accepted(got: number, want: number, absolute: number, relative: number): boolean {
  if (Object.is(got, want) || got === want) return true;
  return Math.abs(got - want) <= absolute + relative * Math.abs(want);
}
