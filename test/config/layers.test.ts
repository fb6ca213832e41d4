import type * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { trace } from '../../src/compiler/trace.ts';
import { adapterOf } from '../../src/config/layers/adapter.ts';
import { describeMeeting, type MeetingInput } from '../../src/config/layers/meeting.ts';
import { defaultOf } from '../../src/config/schema/defaults.ts';
import { findMethod } from '../../src/methods/index.ts';
import { NO_GROUP_SIZES, type Method, type PairShapes } from '../../src/methods/method.ts';
import { buildArchitecture } from '../../src/models/zoo/zoo.ts';
import type { StepFunction } from '../../src/training/step-function.ts';

const SIZES = { classes: 10, samples: 100, batch: 8 };

function methodOf(name: string): Method {
  const method = findMethod(name);
  if (method === undefined) throw new Error(`there is no ${name}`);
  return method;
}

const settingsOf = (method: Method) => defaultOf(method.parameters) as Readonly<Record<string, unknown>>;

/** Multiply-adds by which a method's own kernels enter its loss on one sample, counted in the traced graph. */
function countedMultiplyAdds(method: Method, pair: PairShapes): number {
  const settings = settingsOf(method);
  const variables = method.variables?.({ ...NO_GROUP_SIZES, ...SIZES, pairs: [pair] }, settings) ?? [];
  const side = (name: string, map: tf.Tensor) => ({
    logits: map as tf.Tensor2D,
    maps: [map],
    layers: [name],
  });
  const step: StepFunction = (ops, inputs) => {
    const [student, teacher] = [inputs['student'] as tf.Tensor, inputs['teacher'] as tf.Tensor];
    const loss = method.loss(ops, {
      ...{ student: side('s', student), teacher: side('t', teacher), group: [], trunk: null, strong: null },
      ...{ labels: ops.zeros([1], 'int32'), indices: ops.zeros([1], 'int32'), draws: {}, teacherWeights: {} },
      ...{ parameters: settings, training: true, update: () => undefined },
      variables: Object.fromEntries(variables.map(({ name }) => [name, inputs[name] as tf.Tensor])),
    });
    return { loss };
  };
  const spec = (shape: readonly number[]) => ({ shape, dtype: 'float32', role: 'batch' }) as const;
  const graph = trace('adapter', step, {
    student: spec([1, ...pair.student]),
    teacher: spec([1, ...pair.teacher]),
    ...Object.fromEntries(variables.map(({ name, shape }) => [name, spec(shape)])),
  });
  const kernels = new Set(
    graph.inputs
      .filter(({ name }) => variables.some((one) => one.name === name))
      .map(({ value }) => value.id),
  );
  let counted = 0;
  for (const { kernel, inputs, outputs } of graph.nodes) {
    const own = inputs.find(({ id }) => kernels.has(id));
    const [output] = outputs;
    if (own === undefined || output === undefined) continue;
    const size = own.shape.reduce((product, axis) => product * axis, 1);
    const other = inputs.find((one) => one !== own)?.shape ?? [];
    const places = (shape: readonly number[]) => (shape[1] ?? 0) * (shape[2] ?? 0);
    if (kernel === 'Conv2D') counted += size * places(output.shape);
    else if (kernel === 'Conv2DBackpropInput') counted += size * places(other);
    else if (kernel === 'BatchMatMul') counted += size;
    else if (kernel === 'Reshape') kernels.add(output.id);
  }
  return counted;
}

describe('the adapter of a pair', () => {
  it.each([
    ['fitnet', [8, 8, 16], [16, 16, 4], '3x3x4x16'],
    ['fitnet', [8, 8, 16], [4, 4, 4], '4x4x16x4'],
    ['fitnet', [8, 8, 16], [8, 8, 4], '1x1x4x16'],
    ['fitnet', [7, 7, 6], [10, 9, 4], '4x3x4x6'],
    ['vid', [8, 8, 6], [16, 16, 4], '1x1x4x6, 1x1x6x6, 1x1x6x6'],
    ['vid', [8, 8, 6], [4, 4, 4], '1x1x4x6, 1x1x6x6, 1x1x6x6'],
    ['l2', [8, 8, 16], [8, 8, 4], '1x1x4x16'],
    ['l2', [12], [5], '5x12'],
    ['l2', [8, 8, 4], [8, 8, 4], ''],
    ['at', [8, 8, 16], [16, 16, 4], ''],
  ])('of %s from %j and %j costs what its traced loss multiplies', (name, teacher, student, kernels) => {
    const method = methodOf(name);
    const pair = { teacher, student };
    const adapter = adapterOf(method, pair, SIZES, settingsOf(method));
    expect(adapter?.multiplyAdds).toBe(countedMultiplyAdds(method, pair));
    expect(adapter?.kernels.join(', ')).toBe(kernels);
    const trained =
      method.variables?.({ ...NO_GROUP_SIZES, ...SIZES, pairs: [pair] }, settingsOf(method)) ?? [];
    const sizes = trained
      .filter(({ trainable }) => trainable)
      .map(({ shape }) => shape.reduce((a, b) => a * b, 1));
    expect(adapter?.parameters).toBe(sizes.reduce((sum, size) => sum + size, 0));
  });

  it('is none where the method cannot match the layers', () => {
    const fitnet = methodOf('fitnet');
    expect(adapterOf(fitnet, { teacher: [8, 8, 16], student: [3, 3, 4] }, SIZES, {})).toBeNull();
    expect(adapterOf(fitnet, { teacher: [64], student: [16] }, SIZES, {})).toBeNull();
  });
});

describe('who meets whom', () => {
  const graph = (name: string) => buildArchitecture(name, [32, 32, 3], 10);
  const input: MeetingInput = {
    phase: 'student',
    teacher: { model: 'teacher', graph: graph('resnet20') },
    student: { model: 'student', graph: graph('resnet8') },
    terms: [
      { method: 'kd', pairs: [], parameters: {} },
      {
        method: 'fitnet',
        pairs: [{ teacher: 'stage2.block0', student: 'stage2.block0.conv1' }],
        parameters: {},
      },
    ],
    sizes: { samples: 100, batch: 8 },
  };
  const meeting = describeMeeting(input);
  const names = (side: 'teacher' | 'student') => meeting[side].layers.map(({ name }) => name);

  it('has every layer with a name once, by its shortest, in order, and the layers that are matched', () => {
    expect(names('student')).toEqual([
      'stem',
      'stage1',
      'stage2.block0.conv1',
      'stage2',
      'stage3',
      'embedding',
      'logits',
    ]);
    expect(names('teacher').filter((name) => name.startsWith('stage2'))).toEqual([
      'stage2.block0',
      'stage2.block1',
      'stage2',
    ]);
    expect(meeting.matched).toEqual([{ teacher: 'stage2.block0', student: 'stage2.block0.conv1' }]);
    const main = meeting.teacher.layers.filter(({ main: isMain }) => isMain).map(({ name }) => name);
    expect(main).toEqual(['stem', 'stage1', 'stage2', 'stage3', 'embedding', 'logits']);
  });

  it('sizes the adapters of the first term that matches layers, or of the method that is asked for', () => {
    const at = (found: typeof meeting, teacher: string, student: string) =>
      found.adapters[found.teacher.layers.findIndex(({ name }) => name === teacher)]?.[
        found.student.layers.findIndex(({ name }) => name === student)
      ];
    expect(meeting.method).toBe('fitnet');
    expect(at(meeting, 'stage1', 'stage2')?.kernels).toHaveLength(1);
    expect(at(meeting, 'embedding', 'stage2')).toBeNull();
    const other = describeMeeting({ ...input, method: 'at' });
    expect(other.method).toBe('at');
    expect(at(other, 'stage1', 'stage2')).toEqual({ parameters: 0, multiplyAdds: 0, kernels: [] });
    expect(describeMeeting({ ...input, terms: [] }).method).toBe('at');
  });
});
