import type { Device } from './devices.ts';
import type { RunRecord } from './records.ts';

/** What runs on one machine share, so that two of them at once slow each other down. */
export type Hardware = 'processor' | 'graphics';

const HARDWARE: Readonly<Record<Device, Hardware>> = {
  cpu: 'processor',
  wasm: 'processor',
  tensorflow: 'processor',
  eager: 'processor',
  cuda: 'graphics',
  webgpu: 'graphics',
  directml: 'graphics',
  coreml: 'graphics',
};

/** What a run computes on; null where that is the engine's to find out (`auto`). */
export function hardwareOf(
  { device, environment, resumedWith = [] }: Pick<RunRecord, 'device' | 'environment' | 'resumedWith'>,
  changes: readonly string[] = resumedWith,
): Hardware | null {
  const moved = changes.map((change) => /^\s*engine\.device\s*=\s*"?(\w+)"?\s*$/.exec(change)?.[1]).at(-1);
  return named(moved) ?? ofExecutor(environment?.executor) ?? named(device);
}

/** Executors are called `onnx-<device>`, or as their device. */
function ofExecutor(name: string | undefined): Hardware | null {
  return name === 'tensorflow-gpu' ? 'graphics' : named(name?.replace(/^onnx-/, ''));
}

function named(device: string | undefined): Hardware | null {
  return device !== undefined && Object.hasOwn(HARDWARE, device) ? HARDWARE[device as Device] : null;
}
