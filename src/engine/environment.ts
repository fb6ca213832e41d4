import { arch, cpus, platform, release, totalmem } from 'node:os';
import { createRequire } from 'node:module';
import { tf } from '../compiler/tfjs.ts';
import type { RunRecord } from '../protocol/records.ts';
import { PRODUCT_VERSION } from '../protocol/version.ts';

type Environment = NonNullable<RunRecord['environment']>;

const BYTES_PER_GIGABYTE = 2 ** 30;

/** The machine and the versions that a run's numbers come from. */
export function describeEnvironment(): Omit<Environment, 'executor' | 'refused' | 'fallen' | 'next'> {
  const processors = cpus();
  return {
    product: PRODUCT_VERSION,
    node: process.versions.node,
    platform: `${platform()}-${arch()} ${release()}`,
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGigabytes: Math.round((totalmem() / BYTES_PER_GIGABYTE) * 10) / 10,
    packages: { '@tensorflow/tfjs-core': tf.version_core, 'onnxruntime-node': versionOf('onnxruntime-node') },
  };
}

/** Version of a package that lies beside the engine instead of in its bundle. */
function versionOf(name: string): string {
  try {
    const manifest = createRequire(import.meta.url)(`${name}/package.json`) as { version?: unknown };
    return String(manifest.version);
  } catch {
    return 'not installed';
  }
}
