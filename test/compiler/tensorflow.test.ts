import { BinaryReader } from '@bufbuild/protobuf/wire';
import { describe, expect, test } from 'vitest';
import type { GraphNode, StepGraph } from '../../src/compiler/graph.ts';
import { shapeRules } from '../../src/compiler/kernels/index.ts';
import { EMITTERS, INITIALIZE, lowerToTensorFlow, READ } from '../../src/compiler/tensorflow/lower.ts';
import { encodeSavedModel } from '../../src/compiler/tensorflow/wire.ts';
import { trace } from '../../src/compiler/trace.ts';
import { sharedState } from '../../src/executors/state.ts';
import { UserError } from '../../src/protocol/errors.ts';
import { of } from './input.ts';
import { spec } from '../executors/contract.ts';

const step = trace(
  'step',
  (ops, inputs) => ({ w: ops.sub(of(inputs, 'w'), of(inputs, 'x')), loss: ops.sum(of(inputs, 'w')) }),
  { w: spec([3], 'state'), frozen: spec([3], 'state'), x: spec([3], 'batch') },
);
const lowered = (graphs: Record<string, StepGraph>) => lowerToTensorFlow(graphs, sharedState(graphs));

describe('the TensorFlow lowering', () => {
  test.each(Object.keys(shapeRules))('knows how to write %s', (kernel) => {
    expect(EMITTERS[kernel]).toBeTypeOf('function');
  });

  test('makes each graph a signature without its state, beside those that set and read the state', () => {
    const { signatures } = lowered({ train: step, trainLast: step });
    const keys = Object.fromEntries(
      signatures.map(({ name, inputs, outputs }) => [
        name,
        [inputs, outputs].map((list) => list.map(({ key }) => key)),
      ]),
    );
    expect(keys).toEqual({
      [INITIALIZE]: [['w', 'frozen'], ['#done']],
      [READ]: [[], ['w', 'frozen']],
      train: [['x'], ['loss']],
      trainLast: [['x'], ['loss']],
    });
  });

  test('keeps a state tensor in one variable, reads it once a step, and changes it after that', () => {
    const { nodes } = lowered({ train: step });
    expect(nodes.filter(({ op }) => op === 'VarHandleOp')).toHaveLength(2);
    const own = nodes.filter(({ name }) => name.startsWith('graph_0/'));
    const reads = own.filter(({ op, inputs }) => op === 'ReadVariableOp' && inputs[0] === 'variable_0');
    const [write, ...others] = own.filter(({ op }) => op === 'AssignVariableOp');
    expect([reads.length, others.length]).toEqual([1, 0]);
    expect(write?.inputs).toEqual(['variable_0', expect.any(String), `^${reads[0]?.name ?? ''}`]);
    const [output] = own.filter(({ op }) => op === 'Identity');
    expect(output?.inputs).toContain(`^${write?.name ?? ''}`);
  });

  test('names no node twice and no input that is not there', () => {
    const { nodes } = lowered({ train: step, other: step });
    const names = new Set(nodes.map(({ name }) => name));
    expect(names.size).toBe(nodes.length);
    for (const { inputs } of nodes)
      for (const input of inputs) expect(names).toContain(input.replace(/^\^|:\d+$/g, ''));
  });

  test('writes the same bytes for the same graphs, as one protobuf message', () => {
    const bytes = encodeSavedModel(lowered({ train: step }));
    expect(bytes).toEqual(encodeSavedModel(lowered({ train: step })));
    const reader = new BinaryReader(bytes);
    const fields: number[] = [];
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag();
      fields.push(field);
      reader.skip(wireType, field);
    }
    expect(fields).toEqual([1, 2]);
  });

  test.each([
    [
      'a kernel without a form',
      { kernel: 'Unheard' },
      /Unheard cannot run on TensorFlow: it has no TensorFlow form/,
    ],
    ['depthwise strides that differ', depthwise([1, 2]), /strides 1 and 2 differ/],
  ])('refuses %s by name', (_what, node, message) => {
    const value = { id: 0, shape: [1, 4, 4, 1], dtype: 'float32' } as const;
    const filter = { id: 1, shape: [2, 2, 1, 1], dtype: 'float32' } as const;
    const graph: StepGraph = {
      name: 'broken',
      inputs: [value, filter].map((one, at) => ({ name: `${at}`, role: 'batch', value: one })),
      constants: [],
      nodes: [
        {
          inputs: [value, filter],
          inputNames: ['x', 'filter'],
          attributes: {},
          outputs: [{ id: 2, shape: [1, 3, 2, 1], dtype: 'float32' }],
          site: null,
          ...node,
        },
      ],
      outputs: [],
    };
    expect(() => lowered({ graph })).toThrow(UserError);
    expect(() => lowered({ graph })).toThrow(message);
  });
});

function depthwise(strides: readonly number[]): Pick<GraphNode, 'kernel' | 'attributes'> {
  return { kernel: 'DepthwiseConv2dNative', attributes: { strides, pad: 'valid' } };
}
