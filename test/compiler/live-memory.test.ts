import { describe, expect, it } from 'vitest';
import type { GraphNode, StepGraph, Value } from '../../src/compiler/graph.ts';
import { liveMemory } from '../../src/compiler/live-memory.ts';

/** Ten numbers each. */
const value = (id: number, dtype: Value['dtype'] = 'float32'): Value => ({ id, shape: [2, 5], dtype });
const node = (kernel: string, inputs: readonly Value[], ...outputs: readonly Value[]): GraphNode => ({
  kernel,
  inputs,
  inputNames: inputs.map((_, at) => String(at)),
  attributes: {},
  outputs,
  site: null,
});
const x = value(0);
const graph = (nodes: readonly GraphNode[], ...outputs: readonly Value[]): StepGraph => ({
  name: 'graph',
  inputs: [{ name: 'x', role: 'batch', value: x }],
  constants: [],
  nodes,
  outputs: outputs.map((output) => ({ name: `output${output.id}`, value: output })),
});

describe('the memory that the values of a graph need', () => {
  it('counts a value from where it is made to where it is read last, and inputs not at all', () => {
    const [a, b, c] = [value(1), value(2), value(3)];
    const chain = graph([node('Exp', [x], a), node('Neg', [a], b), node('Abs', [b], c)], c);
    expect(liveMemory(chain)).toEqual({
      peak: 80,
      kernels: [
        { kernel: 'Exp', bytes: 40 },
        { kernel: 'Neg', bytes: 40 },
      ],
    });
  });

  it('keeps what a later node still reads, and what is fetched, to the end', () => {
    const [a, b, c] = [value(1), value(2), value(3)];
    const kept = graph([node('Exp', [x], a), node('Neg', [a], b), node('Add', [a, b], c)], c, b);
    expect(liveMemory(kept).peak).toBe(120);
  });

  it('gives another shape no memory of its own, and lets the value live as long as its other shape', () => {
    const [a, flat, b] = [value(1), value(2), value(3)];
    const shaped = graph([node('Exp', [x], a), node('Reshape', [a], flat), node('Neg', [flat], b)], b);
    expect(liveMemory(shaped)).toEqual({
      peak: 80,
      kernels: [
        { kernel: 'Exp', bytes: 40 },
        { kernel: 'Neg', bytes: 40 },
      ],
    });
  });

  it('takes a byte for a truth value, and frees outputs that nobody reads', () => {
    const [unread, mask] = [value(1), value(2, 'bool')];
    const two = graph([node('Exp', [x], unread), node('Greater', [x], mask)], mask);
    expect(liveMemory(two).peak).toBe(40);
    expect(liveMemory(graph([node('Greater', [x], mask)], mask)).peak).toBe(10);
  });
});
