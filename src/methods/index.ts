import { afd } from './adversarial/afd.ts';
import { gankd } from './adversarial/gankd.ts';
import { ab } from './feature/ab.ts';
import { at } from './feature/at.ts';
import { ccskd } from './feature/ccskd.ts';
import { correlation } from './feature/correlation.ts';
import { cosine } from './feature/cosine.ts';
import { crd } from './feature/crd.ts';
import { csc } from './feature/csc.ts';
import { earthMover } from './feature/earth-mover.ts';
import { fitnet } from './feature/fitnet.ts';
import { ft, ftOfficial } from './feature/ft.ts';
import { huber } from './feature/huber.ts';
import { l1 } from './feature/l1.ts';
import { l2 } from './feature/l2.ts';
import { mmd } from './feature/mmd.ts';
import { nst } from './feature/nst.ts';
import { ofd, ofdOfficial } from './feature/ofd.ts';
import { reviewkd, reviewkdHcl } from './feature/reviewkd.ts';
import { semckd } from './feature/semckd.ts';
import { simkd } from './feature/simkd.ts';
import { srrl } from './feature/srrl.ts';
import { vid } from './feature/vid.ts';
import type { Method } from './method.ts';
import { codistillation } from './online/codistillation.ts';
import { dml } from './online/dml.ts';
import { okddip } from './online/okddip.ts';
import { one } from './online/one.ts';
import { sftn } from './online/sftn.ts';
import { angleWise } from './relation/angle-wise.ts';
import { cc, ccKernel } from './relation/cc.ts';
import { darkrank } from './relation/darkrank.ts';
import { frobenius } from './relation/frobenius.ts';
import { fsp } from './relation/fsp.ts';
import { gemd } from './relation/gemd.ts';
import { irg } from './relation/irg.ts';
import { kdsvd } from './relation/kdsvd.ts';
import { mhgd } from './relation/mhgd.ts';
import { pkt } from './relation/pkt.ts';
import { rkd, rkdAngle, rkdDistance } from './relation/rkd.ts';
import { sp } from './relation/sp.ts';
import { ace } from './response/ace.ts';
import { ccd } from './response/ccd.ts';
import { consKdCtc } from './response/cons-kd-ctc.ts';
import { consKd } from './response/cons-kd.ts';
import { bookKd } from './response/book-kd.ts';
import { ctkd } from './response/ctkd.ts';
import { dist } from './response/dist.ts';
import { dkd } from './response/dkd.ts';
import { kd } from './response/kd.ts';
import { logitsL1 } from './response/logits-l1.ts';
import { logitsMse } from './response/logits-mse.ts';
import { mlkd } from './response/mlkd.ts';
import { netgraft } from './response/netgraft.ts';
import { nkd } from './response/nkd.ts';
import { pesfkd } from './response/pesfkd.ts';
import { selective } from './response/selective.ts';
import { skdSpherical } from './response/spherical.ts';
import { skdStreamlined } from './response/streamlined.ts';
import { takd } from './response/takd.ts';
import { uncertainty } from './response/uncertainty.ts';
import { wsld } from './response/wsld.ts';
import { adaptiveSmoothing } from './self/adaptive-smoothing.ts';
import { byot } from './self/byot.ts';
import { cskd } from './self/cskd.ts';
import { kdexplainerHier, kdexplainerMidcls } from './self/kdexplainer.ts';
import { labelSmoothing } from './self/label-smoothing.ts';
import { sad } from './self/sad.ts';
import { snapshot } from './self/snapshot.ts';
import { tfkdReg, tfkdSelf } from './self/tfkd.ts';

/** Methods that a teacher, a student and their batch are enough for, grouped by the knowledge they transfer. */
export const methods: readonly Method[] = [
  kd,
  logitsMse,
  logitsL1,
  netgraft,
  dkd,
  nkd,
  wsld,
  bookKd,
  dist,
  skdSpherical,
  skdStreamlined,
  ctkd,
  takd,
  selective,
  ace,
  tfkdSelf,
  tfkdReg,
  labelSmoothing,
  snapshot,
  adaptiveSmoothing,
  dml,
  codistillation,
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
  ccskd,
  csc,
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
  gemd,
  frobenius,
  angleWise,
];

/**
 * Methods that need more: a group, layers of the student alone, a stronger view, another classifier, or a network beside the
 * student with an optimizer of its own.
 */
export const schemeMethods: readonly Method[] = [
  mlkd,
  ccd,
  consKd,
  consKdCtc,
  pesfkd,
  cskd,
  uncertainty,
  one,
  okddip,
  sftn,
  byot,
  kdexplainerMidcls,
  kdexplainerHier,
  gankd,
  simkd,
  ft,
  ftOfficial,
  sad,
  afd,
  mhgd,
];

/** Every method there is. */
export const catalogue: readonly Method[] = [...methods, ...schemeMethods];

export function findMethod(name: string): Method | undefined {
  return catalogue.find((method) => method.name === name);
}
