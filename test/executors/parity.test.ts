import { beforeAll, describe, expect, test } from 'vitest';
import { interpreter } from '../../src/executors/interpreter.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { onnxWasm } from '../../src/executors/onnx-wasm.ts';
import { apart, trained, type Trained } from './parity.ts';

/** Of the largest number in a tensor, after three steps. (WebGPU has its own file, in a process of its own.) */
const TOLERANCE = 5e-6;

let expected: Trained;
beforeAll(async () => {
  expected = await trained(interpreter);
});

describe('the same training step on every form of ONNX Runtime that is here', () => {
  test.each([
    ['the processor, plain', onnxCpu({ threads: 1, spinning: false, blocked: false })],
    ['the processor, on blocks where they are known to be right', onnxCpu({ threads: 1, spinning: false })],
    ['the processor with two threads', onnxCpu({ threads: 2, spinning: false })],
    ['WebAssembly', onnxWasm({ threads: 2 })],
  ])('%s has the losses and every tensor of the state of the reference', async (_name, executor) => {
    const { loss, state } = apart(await trained(executor), expected);
    expect(loss).toBeLessThanOrEqual(TOLERANCE);
    expect(state).toBeLessThanOrEqual(TOLERANCE);
  });
});
