/** Runs on a software adapter in a process of its own, whose environment names the driver; prints what came of it as JSON. */
import { trace } from '../../../src/compiler/trace.ts';
import { largestDifference } from '../../../src/executors/compare.ts';
import { interpreter } from '../../../src/executors/interpreter.ts';
import { kernelTest } from '../../../src/executors/kernel-test.ts';
import { onnxCpu } from '../../../src/executors/onnx-cpu.ts';
import { onnxExecutor } from '../../../src/executors/onnx-provider.ts';
import { nativeRuntime } from '../../../src/executors/onnx-runtime.ts';
import { onnxWebGpu } from '../../../src/executors/onnx-webgpu.ts';
import { selfTest } from '../../../src/executors/self-test.ts';
import { LIMIT_CASES, outcome } from '../limit-cases.ts';
import { apart, trained } from '../parity.ts';

export interface WebGpuReport {
  /** Why there is no adapter, else null. */
  readonly refused: string | null;
  /** The largest difference from the reference, by case. */
  readonly cases: Readonly<Record<string, number>>;
  readonly training: { readonly loss: number; readonly state: number };
  /** What was read after writes and steps in turn. */
  readonly state: Readonly<Record<string, readonly number[]>>;
  /** What the test of the kernels says of the provider without, and with, the ways around its limits. */
  readonly naive: string | null;
  readonly kernels: string | null;
}

const webgpu = onnxWebGpu();

/** As if its kernels could do all that ONNX defines. */
const naive = onnxExecutor({
  name: 'naive',
  place: 'WebGPU',
  session: { executionProviders: ['webgpu'], logSeverityLevel: 4 },
  runtime: nativeRuntime,
});

async function casesApart(): Promise<Record<string, number>> {
  const cases: Record<string, number> = {};
  for (const [name, given] of LIMIT_CASES) {
    const [expected, actual] = [await outcome(interpreter, given), await outcome(webgpu, given)];
    const differences = Object.entries(expected).map(([output, values]) =>
      largestDifference(actual[output], values),
    );
    cases[name] = Math.max(...differences);
  }
  return cases;
}

/** Steps and writes in turn: `w` grows by `x` with each step, `frozen` is never changed by one. */
async function stateRead(): Promise<Record<string, number[]>> {
  const graph = trace(
    'grow',
    (ops, { w, x, frozen }) => {
      if (w === undefined || x === undefined || frozen === undefined) throw new Error('an input is missing');
      return { w: ops.add(w, ops.mul(x, frozen)), sum: ops.sum(w) };
    },
    {
      w: { shape: [2], dtype: 'float32', role: 'state' },
      frozen: { shape: [2], dtype: 'float32', role: 'state' },
      x: { shape: [2], dtype: 'float32', role: 'batch' },
    },
  );
  const program = await webgpu.load({ graph }, { w: Float32Array.of(1, 2), frozen: Float32Array.of(1, 10) });
  const step = (): Promise<unknown> => program.run('graph', { x: Float32Array.of(1, 1) });
  await step();
  await step();
  const { w, frozen } = await program.readState();
  await program.writeState({ frozen: Float32Array.of(2, 2) });
  await step();
  const after = await program.readState(['w']);
  await program.dispose();
  return { w: [...(w ?? [])], frozen: [...(frozen ?? [])], after: [...(after.w ?? [])] };
}

/** The weight gradient of a 3 by 3 convolution, which stands on a grouped convolution with nine outputs a group. */
async function convolutionTest(executor: typeof webgpu): Promise<string | null> {
  const given = new Map(LIMIT_CASES).get('gradients of a convolution of 3 by 3 pixels at stride 1');
  if (given === undefined) throw new Error('the case has another name');
  return kernelTest(executor, [given.graph], onnxCpu({ threads: 1, spinning: false, blocked: false }));
}

async function report(): Promise<WebGpuReport> {
  const refused = await selfTest(webgpu);
  if (refused !== null)
    return { refused, cases: {}, training: { loss: NaN, state: NaN }, state: {}, naive: null, kernels: null };
  return {
    refused,
    cases: await casesApart(),
    training: apart(await trained(webgpu), await trained(interpreter)),
    state: await stateRead(),
    naive: await convolutionTest(naive),
    kernels: await convolutionTest(webgpu),
  };
}

void report().then((made) => process.stdout.write(`${JSON.stringify(made)}\n`));
