import { UserError } from '../../protocol/errors.ts';
import type { GraphNode, StepGraph } from '../graph.ts';
import { arrayEmitters } from './arrays.ts';
import { NodeList, TensorFlowBuilder } from './builder.ts';
import { convolutionEmitters } from './convolution.ts';
import { elementwiseEmitters } from './elementwise.ts';
import type { Emitter } from './emit.ts';
import { linearEmitters } from './linear.ts';
import { type, type SavedModel, type Signature, type SignatureTensor } from './model.ts';
import { ownEmitters } from './own.ts';
import { poolingEmitters } from './pooling.ts';
import { reductionEmitters } from './reductions.ts';

/** How every kernel that a step may hold is written for TensorFlow. */
export const EMITTERS: Readonly<Record<string, Emitter>> = {
  ...elementwiseEmitters,
  ...reductionEmitters,
  ...arrayEmitters,
  ...linearEmitters,
  ...convolutionEmitters,
  ...poolingEmitters,
  ...ownEmitters,
};

/** Signatures beside those of the steps. The mark keeps them apart from graphs' names. */
export const INITIALIZE = '#initialize';
export const READ = '#read';
/** What a signature yields that has nothing else to fetch. */
export const DONE = '#done';

/** Protobuf messages end at two gigabytes. */
const LARGEST_BYTES = 2 ** 31 - 1;

type State = ReadonlyMap<string, Omit<SignatureTensor, 'key' | 'tensor'>>;

/**
 * All graphs of a program as one model: state in resource variables that its signatures share. Each graph is a signature
 * that is fed everything but the state and yields everything but the state; `INITIALIZE` is fed all state, `READ` yields it.
 *
 * @throws UserError KD6050 for a kernel that has no TensorFlow form
 */
export function lowerToTensorFlow(graphs: Readonly<Record<string, StepGraph>>, state: State): SavedModel {
  const nodes = new NodeList();
  const variables = new Map(
    [...state].map(([name, { dtype, shape }], at): [string, string] => [
      name,
      nodes.add(`variable_${at}`, 'VarHandleOp', [], {
        dtype: type(dtype),
        shape: { shape },
        shared_name: { text: `variable_${at}` },
      }),
    ]),
  );
  const signatures = [
    initialize(nodes, variables, state),
    read(nodes, variables, state),
    ...Object.entries(graphs).map(([name, graph], at) =>
      lowerGraph(nodes, variables, name, graph, `graph_${at}`),
    ),
  ];
  return checkedSize({ nodes: nodes.nodes, signatures });
}

type Variables = ReadonlyMap<string, string>;

function initialize(nodes: NodeList, variables: Variables, state: State): Signature {
  const inputs = [...state].map(([key, { dtype, shape }], at) => ({
    key,
    tensor: placeholder(nodes, `initialize/${at}`, dtype, shape),
    dtype,
    shape,
  }));
  const assigned = inputs.map(({ key, tensor, dtype }) => assign(nodes, variables, key, dtype, tensor, []));
  return {
    name: INITIALIZE,
    inputs: inputs.map(asFirstOutput),
    outputs: [done(nodes, 'initialize', assigned)],
  };
}

function read(nodes: NodeList, variables: Variables, state: State): Signature {
  const outputs = [...state].map(([key, { dtype, shape }], at) => ({
    key,
    tensor: readVariable(nodes, `read/${at}`, variables.get(key) ?? '', dtype),
    dtype,
    shape,
  }));
  return {
    name: READ,
    inputs: [],
    outputs: outputs.length === 0 ? [done(nodes, 'read', [])] : outputs.map(asFirstOutput),
  };
}

/** State is read once, and changed after it was read; whatever is fetched waits for all changes. */
function lowerGraph(
  nodes: NodeList,
  variables: Variables,
  name: string,
  graph: StepGraph,
  scope: string,
): Signature {
  const builder = new TensorFlowBuilder(nodes, scope);
  const inputs: SignatureTensor[] = [];
  const reads = new Map<string, string>();
  for (const [at, input] of graph.inputs.entries()) {
    const { dtype, shape } = input.value;
    const variable = input.role === 'state' ? variables.get(input.name) : undefined;
    const tensor =
      variable === undefined
        ? placeholder(nodes, `${scope}/input_${at}`, dtype, shape)
        : readVariable(nodes, `${scope}/read_${at}`, variable, dtype);
    builder.define(input.value, tensor);
    if (variable === undefined) inputs.push({ key: input.name, tensor, dtype, shape });
    else reads.set(input.name, tensor);
  }
  for (const { value, data } of graph.constants) builder.declareConstant(value, data);
  for (const node of graph.nodes) emit(builder, node);

  const assigned = graph.outputs.flatMap(({ name: key, value }) => {
    const before = reads.get(key);
    const after = builder.of(value);
    if (!variables.has(key) || before === after) return [];
    return [
      assign(nodes, variables, key, value.dtype, after, before === undefined ? [] : [`^${before}`], scope),
    ];
  });
  const fetched = graph.outputs.filter(({ name: key }) => !variables.has(key));
  const outputs = fetched.map(({ name: key, value }, at) => ({
    key,
    tensor: nodes.add(
      `${scope}/output_${at}`,
      'Identity',
      [builder.of(value), ...assigned.map((node) => `^${node}`)],
      {
        T: type(value.dtype),
      },
    ),
    dtype: value.dtype,
    shape: value.shape,
  }));
  return {
    name,
    inputs: inputs.map(asFirstOutput),
    outputs: outputs.length === 0 ? [done(nodes, scope, assigned)] : outputs.map(asFirstOutput),
  };
}

function placeholder(
  nodes: NodeList,
  name: string,
  dtype: SignatureTensor['dtype'],
  shape: readonly number[],
): string {
  return nodes.add(name, 'Placeholder', [], { dtype: type(dtype), shape: { shape } });
}

function readVariable(
  nodes: NodeList,
  name: string,
  variable: string,
  dtype: SignatureTensor['dtype'],
): string {
  return nodes.add(name, 'ReadVariableOp', [variable], { dtype: type(dtype) });
}

function assign(
  nodes: NodeList,
  variables: Variables,
  key: string,
  dtype: SignatureTensor['dtype'],
  value: string,
  after: readonly string[],
  scope = 'initialize',
): string {
  const variable = variables.get(key) ?? '';
  return nodes.add(`${scope}/assign_${variable}`, 'AssignVariableOp', [variable, value, ...after], {
    dtype: type(dtype),
  });
}

function done(nodes: NodeList, scope: string, after: readonly string[]): SignatureTensor {
  const inputs = [nodes.shared([], 'int32', [0]), ...after.map((node) => `^${node}`)];
  const tensor = nodes.add(`${scope}/done`, 'Identity', inputs, { T: type('int32') });
  return asFirstOutput({ key: DONE, tensor, dtype: 'int32', shape: [] });
}

/** Signatures name an output with its place. */
function asFirstOutput(one: SignatureTensor): SignatureTensor {
  return { ...one, tensor: `${one.tensor}:0` };
}

function emit(builder: TensorFlowBuilder, node: GraphNode): void {
  const emitter = EMITTERS[node.kernel];
  if (emitter === undefined) throw unloweredKernel(node, 'it has no TensorFlow form');
  try {
    emitter(builder, node);
  } catch (error) {
    if (error instanceof UserError || !(error instanceof Error)) throw error;
    throw unloweredKernel(node, error.message, error);
  }
}

function unloweredKernel(node: GraphNode, reason: string, cause?: Error): UserError {
  const site = node.site?.describe() ?? null;
  const problem = {
    code: 'KD6050',
    message: `${node.kernel}${site === null ? '' : ` (${site})`} cannot run on TensorFlow: ${reason}`,
    help: 'Choose another engine.device, for instance cpu; `kd doctor` shows what runs here.',
  };
  return new UserError(problem, { cause });
}

function checkedSize(model: SavedModel): SavedModel {
  const bytes = model.nodes
    .map(({ attributes }) => attributes.value)
    .reduce(
      (sum, value) => sum + (value !== undefined && 'tensor' in value ? value.tensor.data.byteLength : 0),
      0,
    );
  if (bytes < LARGEST_BYTES) return model;
  throw new UserError({
    code: 'KD6051',
    message: `the constants of the step take ${(bytes / 2 ** 30).toFixed(1)} GB, a TensorFlow graph holds less than 2`,
    help: 'Make large fixed tensors (teacher weights, tables) state or inputs of the step, or choose another engine.device.',
  });
}
