import type { StepGraph, TensorSpec } from '../compiler/graph.ts';
import { UserError } from '../protocol/errors.ts';
import type { Step } from './steps.ts';

/** Executors count the bytes of a tensor, and protobuf those of a graph, in 31 bits. */
const LARGEST_BYTES = 2 ** 31 - 1;
const BYTES = { float32: 4, int32: 4, bool: 1 } as const;
const BYTES_PER_GIGABYTE = 1e9;

/** @throws UserError KD6041 where an input of a step is too large for an executor: before anything is allocated for it */
export function requireInputSizes(phase: string, steps: Readonly<Record<string, Step>>): void {
  for (const [step, { specs }] of Object.entries(steps)) {
    for (const [name, spec] of Object.entries(specs)) {
      requireSize(`"${name}" of ${phase}/${step}`, spec);
    }
  }
}

/**
 * @throws UserError KD6041 where a step computes a tensor that is too large, with the line that asks for it; KD6042 where the
 * constants of a graph are larger than a graph may be
 */
export function requireGraphSizes({ name, nodes, constants }: StepGraph): void {
  for (const { kernel, outputs, site } of nodes) {
    for (const output of outputs) {
      if (bytesOf(output) <= LARGEST_BYTES) continue;
      const place = site?.describe() ?? null;
      requireSize(`the result of ${kernel} in ${name}${place === null ? '' : ` (${place})`}`, output);
    }
  }
  const bytes = constants.reduce((sum, { value }) => sum + bytesOf(value), 0);
  if (bytes <= LARGEST_BYTES) return;
  throw new UserError({
    code: 'KD6042',
    message: `the constants of ${name} take ${gigabytes(bytes)}, and a graph may take ${gigabytes(LARGEST_BYTES)}`,
    help: 'pass large tables as inputs or as variables of the method, which are no part of the graph',
  });
}

function requireSize(what: string, spec: Pick<TensorSpec, 'shape' | 'dtype'>): void {
  const bytes = bytesOf(spec);
  if (bytes <= LARGEST_BYTES) return;
  throw new UserError({
    code: 'KD6041',
    message: `${what} is [${spec.shape.join(', ')}] and takes ${gigabytes(bytes)}; a tensor may take ${gigabytes(LARGEST_BYTES)}`,
    help: 'choose a smaller train.batchSize, smaller images (data.size) or a narrower model; nothing was allocated',
    key: 'train.batchSize',
  });
}

function bytesOf({ shape, dtype }: Pick<TensorSpec, 'shape' | 'dtype'>): number {
  return shape.reduce((product, extent) => product * extent, BYTES[dtype]);
}

function gigabytes(bytes: number): string {
  return `${(bytes / BYTES_PER_GIGABYTE).toFixed(1)} GB`;
}
