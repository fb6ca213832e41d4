import { at } from './feature/at.ts';
import { fitnet } from './feature/fitnet.ts';
import type { Method } from './method.ts';
import { dist } from './response/dist.ts';
import { dkd } from './response/dkd.ts';
import { kd } from './response/kd.ts';
import { logitsMse } from './response/logits-mse.ts';
import { nkd } from './response/nkd.ts';
import { wsld } from './response/wsld.ts';

/** Every method of the catalogue, grouped by the knowledge it transfers. */
export const methods: readonly Method[] = [kd, logitsMse, dkd, nkd, wsld, dist, fitnet, at];

export function findMethod(name: string): Method | undefined {
  return methods.find((method) => method.name === name);
}
