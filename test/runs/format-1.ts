import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeSafetensors } from '../../src/runs/safetensors.ts';
import type { Checkpoint } from '../../src/runs/writer.ts';

/** Writes a checkpoint as the first format had it: the best weights among its tensors, what they reached in the loop's memory. */
export function writeFormat1(directory: string, number: number, { meta, tensors, best }: Checkpoint): void {
  const folder = join(directory, 'checkpoints', String(number).padStart(6, '0'));
  mkdirSync(folder, { recursive: true });
  const all = { ...tensors };
  const reached: Record<string, object> = {};
  for (const [instance, { epoch, score, values, tensors: own }] of Object.entries(best)) {
    reached[instance] = { epoch, score, values };
    for (const [name, tensor] of Object.entries(own)) all[`best:${instance}|${name}`] = tensor;
  }
  const sha256 = writeSafetensors(join(folder, 'state.safetensors'), all);
  const { progress, ...loop } = meta.loop as { readonly progress: object };
  const stored = {
    formatVersion: 1,
    ...{ ...meta, loop: { ...loop, progress: { ...progress, best: reached } } },
    records: { gap: 0, similarity: 0 },
    sha256,
  };
  writeFileSync(join(folder, 'meta.json'), JSON.stringify(stored, null, 2));
}
