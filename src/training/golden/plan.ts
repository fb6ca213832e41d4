import type { FixtureMapping } from '../../methods/fixture-mapping.ts';
import type { Method, MethodSizes, VariableSpec } from '../../methods/method.ts';
import type { Field } from '../../schema/field.ts';
import type { Fixture } from '../fixture.ts';
import { withGradients } from '../gradients.ts';
import { required, type StepFunction } from '../step-function.ts';
import type { Checked } from './checked.ts';
import { CaseInputs } from './inputs.ts';
import { generatorObjective, termObjective, type LayerPair, type Objective } from './objective.ts';

/** A golden case as a step: inputs, and outputs `loss` and `gradient/<input>`. */
export interface CasePlan {
  readonly inputs: CaseInputs;
  readonly step: StepFunction;
  /** Steps as right as this one, and the choice in which they differ. */
  readonly alternatives: { readonly choice: string; readonly steps: Iterable<StepFunction> } | null;
}

export function planCase(fixture: Fixture, checked: Checked): CasePlan {
  return checked.kind === 'term' ? planTerm(fixture, checked) : planGenerator(fixture, checked);
}

function planTerm(
  fixture: Fixture,
  { method, refiner, mapping }: Extract<Checked, { kind: 'term' }>,
): CasePlan {
  const inputs = new CaseInputs(fixture);
  const teachers = inputs.addSide('teacher', mapping.teacher);
  const students = inputs.addSide('student', mapping.student);
  if (mapping.strong !== undefined) {
    inputs.addSide('strong/teacher', mapping.strong.teacher);
    inputs.addSide('strong/student', mapping.strong.student);
  }
  const group = addGroup(inputs, mapping);
  const peers = mapping.peers === undefined ? [] : inputs.listed(mapping.peers);
  peers.forEach((name, i) => inputs.addTensor(`peers/${i}`, name));
  if (mapping.labels !== undefined) inputs.addTensor('labels', mapping.labels);
  if (mapping.indices !== undefined) inputs.addTensor('indices', mapping.indices);
  for (const [name, from] of Object.entries(mapping.teacherWeights?.(teachers) ?? {}))
    inputs.addTensor(`teacherWeights/${name}`, from);
  addDraws(inputs, fixture, mapping);
  const plain = addParameters(inputs, method.parameters.fields, (name, field) => {
    const from = mapping.parameters?.[name] ?? '';
    const given = typeof from === 'string' ? fixture.parameters[from] : from(fixture.parameters);
    return given ?? field.default;
  });
  const layers = method.needs.layers !== undefined;
  const pairs = layers ? aloneLayers(students) : pairedLayers(teachers, students);
  const sizes: MethodSizes = {
    pairs: layers
      ? []
      : pairs.map((pair) => ({
          teacher: inputs.shapeOf(pair.teacher),
          student: inputs.shapeOf(pair.student),
          layers: pair,
        })),
    layers: layers ? pairs.map(({ student }) => inputs.shapeOf(student)) : [],
    group: {
      features: Array.from({ length: group }, (_, i) => inputs.shapeOf(`group/${i}/embedding`)[0] ?? 0),
      trunkChannels: inputs.shapeOf('trunk').at(-1) ?? 0,
    },
    classes: [...inputs.shapeOf('student/logits'), ...inputs.shapeOf('teacher/logits')][0] ?? 0,
    samples: Number(fixture.parameters[mapping.samples ?? ''] ?? 0),
    batch: inputs.batch,
  };
  addVariables(inputs, fixture, method, mapping, { sizes, plain, students, teachers });
  const { weight, hardLabelWeight } = mapping;
  const stepOf = (tried: Method) =>
    stepWith(
      inputs,
      termObjective({
        method: tried,
        refiner,
        plain,
        pairs,
        group,
        peers: peers.length,
        weight:
          weight === undefined
            ? 1
            : typeof weight === 'string'
              ? Number(fixture.parameters[weight])
              : weight(fixture.parameters),
        hardLabelWeight: hardLabelWeight?.(fixture.parameters) ?? 0,
      }),
    );
  const losses = mapping.alternatives?.losses(sizes.batch, pairs.length) ?? [];
  return {
    inputs,
    step: stepOf(method),
    alternatives:
      mapping.alternatives === undefined
        ? null
        : { choice: mapping.alternatives.choice, steps: losses.map((loss) => stepOf({ ...method, loss })) },
  };
}

function planGenerator(
  fixture: Fixture,
  { generator, method, mapping }: Extract<Checked, { kind: 'generator' }>,
): CasePlan {
  const inputs = new CaseInputs(fixture);
  inputs.addTensor('student/logits', mapping.student);
  inputs.addTensor('teacher/logits', mapping.teacher.logits);
  inputs.addTensor('teacher/embedding', mapping.teacher.embedding);
  const given = addParameters(
    inputs,
    generator.parameters.fields,
    (name, field) => fixture.parameters[mapping.parameters[name] ?? ''] ?? field.default,
    'generator/',
  );
  const plain = addParameters(
    inputs,
    method.parameters.fields,
    (name, field) => generator.studentLoss.parameters[name] ?? field.default,
  );
  const objective = generatorObjective({ generator, given, method, plain });
  return { inputs, step: stepWith(inputs, objective), alternatives: null };
}

function addGroup(inputs: CaseInputs, { group }: FixtureMapping): number {
  if (group === undefined) return 0;
  const members = group.members(inputs.listed(group.list).length);
  members.forEach((member, i) => inputs.addMember(`group/${i}`, member));
  if (group.trunk !== undefined) {
    inputs.addTensor('trunk', group.trunk, ([batch = 0, ...rest]) =>
      rest.length === 1 ? [batch, 1, 1, ...rest] : [batch, ...rest],
    );
  }
  return members.length;
}

function addDraws(inputs: CaseInputs, fixture: Fixture, mapping: FixtureMapping): void {
  for (const [name, { table, from }] of Object.entries(mapping.draws ?? {})) {
    const { shape, data } = required(fixture.tensors, table);
    const [rows = 0, columns = 0] = shape;
    const kept = Int32Array.from(data).filter((_, i) => i % columns >= from);
    inputs.add(`draws/${name}`, [rows, columns - from], kept, 'int32');
  }
}

/** Parameters that may follow a schedule become inputs; the plain values of all others. */
function addParameters(
  inputs: CaseInputs,
  fields: Readonly<Record<string, Field>>,
  valueOf: (name: string, field: Field) => unknown,
  prefix = '',
): Record<string, unknown> {
  const plain: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    const value = valueOf(name, field);
    if (field.kind === 'number' && field.schedulable)
      inputs.add(`${prefix}parameters/${name}`, [], Float32Array.of(Number(value)));
    else plain[name] = value;
  }
  return plain;
}

/** The method's own variables and those of the network beside the student. */
function addVariables(
  inputs: CaseInputs,
  fixture: Fixture,
  method: Method,
  mapping: FixtureMapping,
  { sizes, plain, students, teachers }: { sizes: MethodSizes; plain: Record<string, unknown>; students: number; teachers: number }, // prettier-ignore
): void {
  const names =
    typeof mapping.variables === 'function' ? mapping.variables(students, teachers) : mapping.variables;
  const variables = [
    ...(method.variables?.(sizes, plain) ?? []),
    ...(method.opponent?.variables(sizes, plain) ?? []),
  ];
  for (const variable of variables) {
    const from = names?.[variable.name];
    const value = fixture.parameters[from ?? ''];
    const name = `variables/${variable.name}`;
    if (from === undefined) inputs.add(name, variable.shape, initialValue(variable));
    else if (typeof value === 'number') inputs.add(name, [], Float32Array.of(value));
    else inputs.addTensor(name, from);
  }
}

function initialValue(variable: VariableSpec): Float32Array {
  if (variable.initial.kind !== 'constant')
    throw new Error(`the fixture gives no value for "${variable.name}"`);
  return new Float32Array(variable.shape.reduce((product, size) => product * size, 1)).fill(
    variable.initial.value,
  );
}

/** Inputs of the step that make a pair; the last of the shorter side stands for all further ones. */
function pairedLayers(teachers: number, students: number): readonly LayerPair[] {
  if ((teachers === 0) !== (students === 0)) throw new Error('only one side has maps');
  return Array.from({ length: Math.max(teachers, students) }, (_, i) => ({
    teacher: `teacher/maps/${Math.min(i, teachers - 1)}`,
    student: `student/maps/${Math.min(i, students - 1)}`,
  }));
}

/** Layers of the student alone: no teacher stands on the other side. */
function aloneLayers(students: number): readonly LayerPair[] {
  return Array.from({ length: students }, (_, i) => ({ teacher: '', student: `student/maps/${i}` }));
}

function stepWith(inputs: CaseInputs, objective: Objective): StepFunction {
  return (ops, tensors) => {
    const variables = Object.fromEntries(inputs.wanted.map((name) => [name, required(tensors, name)]));
    const { loss, gradients } = withGradients(ops, variables, () => ({
      loss: objective(ops, tensors),
      aside: {},
    }));
    const named = Object.entries(gradients).map(
      ([name, gradient]) => [`gradient/${name}`, gradient] as const,
    );
    return { loss, ...Object.fromEntries(named) };
  };
}
