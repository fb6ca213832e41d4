import type { Device } from '../protocol/devices.ts';
import { UserError } from '../protocol/errors.ts';
import type { RefusedExecutor } from '../protocol/records.ts';
import type { Executor } from './executor.ts';
import { eagerRung } from './rungs/eager.ts';
import { onnxCoremlRung } from './rungs/onnx-coreml.ts';
import { onnxCpuRung } from './rungs/onnx-cpu.ts';
import { onnxCudaRung } from './rungs/onnx-cuda.ts';
import { onnxDirectmlRung } from './rungs/onnx-directml.ts';
import { onnxWasmRung } from './rungs/onnx-wasm.ts';
import { onnxWebgpuRung } from './rungs/onnx-webgpu.ts';
import { isRefusal, reasonOf, type Refusal, type Rung } from './rungs/rung.ts';
import { tensorflowGpuRung } from './rungs/tensorflow-gpu.ts';
import { tensorflowRung } from './rungs/tensorflow.ts';
import { selfTest } from './self-test.ts';

/** From the fastest on a machine that has everything to the one that is there always. */
export const RUNGS: readonly Rung[] = [
  tensorflowGpuRung,
  onnxCudaRung,
  onnxWebgpuRung,
  onnxDirectmlRung,
  onnxCoremlRung,
  tensorflowRung,
  onnxCpuRung,
  onnxWasmRung,
  eagerRung,
];

export interface ExecutorRequest {
  /** `auto` climbs the whole ladder; the others stand for the rungs of that device alone. */
  readonly device: 'auto' | Device;
  readonly threads?: number;
  /** See `RungRequest.spinning`. */
  readonly spinning?: boolean;
  /** See `RungRequest.isBusy`. */
  readonly isBusy?: () => boolean;
}

export interface Climb {
  /** Those that passed their self-test, in the order of the ladder; never empty. */
  readonly serving: readonly [Executor, ...Executor[]];
  readonly refused: readonly RefusedExecutor[];
}

/**
 * Every rung that may train here. A device that was asked for by name is never replaced by another.
 *
 * @param rungs for tests: what to try, in order
 * @throws UserError KD6040 where none may
 */
export async function climb(request: ExecutorRequest, rungs: readonly Rung[] = RUNGS): Promise<Climb> {
  const { device, threads, spinning, isBusy } = request;
  const byName = device !== 'auto';
  const serving: Executor[] = [];
  const refusals: RefusedExecutor[] = [];
  for (const rung of rungs) {
    if (byName ? rung.device !== device : rung.lastResort === true && serving.length > 0) continue;
    const opened = await tryRung(rung, {
      byName,
      ...(threads === undefined ? {} : { threads }),
      ...(spinning === undefined ? {} : { spinning }),
      ...(isBusy === undefined ? {} : { isBusy }),
    });
    if (isRefusal(opened)) refusals.push(refused(rung, opened));
    else serving.push(opened);
  }
  const [first, ...others] = serving;
  if (first === undefined) throw noneServes(device, refusals);
  return { serving: [first, ...others], refused: refusals };
}

/** The executor of a rung, or why it may not train: absent, unable to start, or wrong. */
export async function tryRung(rung: Rung, request: Parameters<Rung['open']>[0]): Promise<Executor | Refusal> {
  try {
    const opened = await rung.open(request);
    if (isRefusal(opened)) return opened;
    const reason = await selfTest(opened);
    return reason === null ? opened : { reason, failed: true };
  } catch (error) {
    return { reason: reasonOf(error), failed: true };
  }
}

export function refused({ name }: Rung, { reason, help, failed }: Refusal): RefusedExecutor {
  return {
    ...{ name, reason },
    ...(help === undefined ? {} : { help }),
    ...(failed === undefined ? {} : { failed }),
  };
}

function noneServes(device: string, refusals: readonly RefusedExecutor[]): UserError {
  const reasons = refusals.map(({ name, reason }) => `${name}: ${reason}`).join('; ');
  const helps = refusals.flatMap(({ help }) => (help === undefined ? [] : [help]));
  return new UserError({
    code: 'KD6040',
    message: `the device "${device}" cannot train on this machine (${reasons})`,
    help: [
      ...helps,
      'choose `engine: { device: auto }` for the fastest that works here; `kd doctor` lists all',
    ].join('; '),
    key: 'engine.device',
  });
}
