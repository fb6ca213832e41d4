import { ab } from './feature/ab.ts';
import { at } from './feature/at.ts';
import { correlation } from './feature/correlation.ts';
import { cosine } from './feature/cosine.ts';
import { crd } from './feature/crd.ts';
import { earthMover } from './feature/earth-mover.ts';
import { fitnet } from './feature/fitnet.ts';
import { huber } from './feature/huber.ts';
import { l1 } from './feature/l1.ts';
import { l2 } from './feature/l2.ts';
import { mmd } from './feature/mmd.ts';
import { nst } from './feature/nst.ts';
import { ofd, ofdOfficial } from './feature/ofd.ts';
import { reviewkd, reviewkdHcl } from './feature/reviewkd.ts';
import { semckd } from './feature/semckd.ts';
import { srrl } from './feature/srrl.ts';
import { vid } from './feature/vid.ts';
import type { Method } from './method.ts';
import { angleWise } from './relation/angle-wise.ts';
import { cc, ccKernel } from './relation/cc.ts';
import { darkrank } from './relation/darkrank.ts';
import { frobenius } from './relation/frobenius.ts';
import { fsp } from './relation/fsp.ts';
import { irg } from './relation/irg.ts';
import { kdsvd } from './relation/kdsvd.ts';
import { pkt } from './relation/pkt.ts';
import { rkd, rkdAngle, rkdDistance } from './relation/rkd.ts';
import { sp } from './relation/sp.ts';
import { ctkd } from './response/ctkd.ts';
import { dist } from './response/dist.ts';
import { dkd } from './response/dkd.ts';
import { kd } from './response/kd.ts';
import { logitsMse } from './response/logits-mse.ts';
import { nkd } from './response/nkd.ts';
import { skdSpherical } from './response/spherical.ts';
import { skdStreamlined } from './response/streamlined.ts';
import { wsld } from './response/wsld.ts';

/** Every method of the catalogue, grouped by the knowledge it transfers. */
export const methods: readonly Method[] = [
  kd,
  logitsMse,
  dkd,
  nkd,
  wsld,
  dist,
  skdSpherical,
  skdStreamlined,
  ctkd,
  fitnet,
  at,
  nst,
  ab,
  vid,
  reviewkd,
  reviewkdHcl,
  semckd,
  crd,
  ofd,
  ofdOfficial,
  srrl,
  l1,
  l2,
  huber,
  cosine,
  correlation,
  mmd,
  earthMover,
  fsp,
  rkd,
  rkdDistance,
  rkdAngle,
  sp,
  cc,
  ccKernel,
  pkt,
  irg,
  darkrank,
  kdsvd,
  frobenius,
  angleWise,
];

export function findMethod(name: string): Method | undefined {
  return methods.find((method) => method.name === name);
}
