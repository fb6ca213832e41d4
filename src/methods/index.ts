import { at } from './feature/at.ts';
import { fitnet } from './feature/fitnet.ts';
import type { Method } from './method.ts';
import { kd } from './response/kd.ts';

/** Every method of the catalogue, grouped by the knowledge it transfers. */
export const methods: readonly Method[] = [kd, fitnet, at];

export function findMethod(name: string): Method | undefined {
  return methods.find((method) => method.name === name);
}
