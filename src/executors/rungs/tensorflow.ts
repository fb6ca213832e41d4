import type { TensorFlowExecutor } from '../tensorflow.ts';
import { findPackages, PACKAGES, type Found } from '../tensorflow/package.ts';
import { tensorFlowFolders } from '../tensorflow/places.ts';
import { reasonOf, type Refusal, type Rung } from './rung.ts';

/** The TensorFlow graph on the processor, by either official package. */
export const tensorflowRung: Rung = {
  device: 'tensorflow',
  name: 'tensorflow',
  async open({ threads }) {
    const found = findPackages(tensorFlowFolders());
    if (found.length === 0)
      return {
        reason: `neither ${PACKAGES.join(' nor ')} is installed`,
        help: 'install one with `kd install tensorflow`',
      };
    const opened = await openTensorFlow(found, threads);
    if ('reason' in opened || !opened.usesGpu) return opened;
    return { reason: 'its library uses the graphics card, as the rung tensorflow-gpu' };
  },
};

/** The first package that can be loaded, or what each said. */
export async function openTensorFlow(
  found: readonly Found[],
  threads: number | undefined,
): Promise<TensorFlowExecutor | Refusal> {
  const { tensorFlow } = await import('../tensorflow.ts');
  const reasons: string[] = [];
  for (const one of found) {
    try {
      return tensorFlow({ found: one, ...(threads === undefined ? {} : { threads }) });
    } catch (error) {
      reasons.push(reasonOf(error));
    }
  }
  return { reason: reasons.join('; '), help: 'install it again with `kd install tensorflow`' };
}
