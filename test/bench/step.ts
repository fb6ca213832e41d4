import { onnxCpu, type OnnxCpuOptions } from '../../src/executors/onnx-cpu.ts';
import { trace } from '../../src/compiler/trace.ts';
import { residualStep } from '../compiler/residual-net.ts';

export interface StepRequest {
  readonly model: 'resnet8' | 'resnet20';
  readonly batch: number;
  readonly steps: number;
  readonly warmUp: number;
  readonly executor?: OnnxCpuOptions;
}

export interface StepMeasurement {
  readonly medianMs: number;
  /** From the start of tracing to the end of the first step. */
  readonly firstStepMs: number;
  readonly residentMb: number;
}

const BLOCKS = { resnet8: 1, resnet20: 3 } as const;

/** One supervised step, 32x32x3, 100 classes, width 16, SGD with momentum, in this process. */
export async function measureStep({
  model,
  batch,
  steps,
  warmUp,
  executor = {},
}: StepRequest): Promise<StepMeasurement> {
  const size = { batch, size: 32, width: 16, classes: 100, blocksPerStage: BLOCKS[model] };
  const training = residualStep(size, 'momentum');
  const feeds = { ...training.batch(0), ...training.hyper };
  const start = performance.now();
  const program = await onnxCpu(executor).load(
    { train: trace('train', training.step, training.specs) },
    training.state,
  );
  await program.run('train', feeds);
  const firstStepMs = performance.now() - start;
  for (let at = 1; at < warmUp; at++) await program.run('train', feeds);
  const times: number[] = [];
  for (let at = 0; at < steps; at++) {
    const before = performance.now();
    await program.run('train', feeds);
    times.push(performance.now() - before);
  }
  await program.dispose();
  times.sort((a, b) => a - b);
  return {
    medianMs: times[times.length >> 1] ?? NaN,
    firstStepMs,
    residentMb: process.memoryUsage.rss() / 2 ** 20,
  };
}
