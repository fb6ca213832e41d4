import { tf } from '../../src/compiler/tfjs.ts';

export { tf };

/** The reference backend. */
export async function useCpu(): Promise<void> {
  await tf.setBackend('cpu');
}
