const FLATTENED =
  'Each sample’s map is flattened and compared with other samples of its own side alone, so the two sizes never meet.';
const EMBEDDED =
  'A map is flattened before its linear embedding, so any size fits; the paper embeds the layer after the pooling.';
const ADAPTED =
  'The adapter halves, doubles or crops the student’s map to the teacher’s size, as the regressor of FitNets does.';
const CHANNEL_VECTORS =
  'Singular vectors of a map have one entry a channel, so heights and widths never meet.';

/**
 * What the paper of a method does where height and width of a pair's maps differ, and what is done here where that is another.
 * Apart from the methods' own files: nothing is computed from it.
 */
const SPATIAL: Readonly<Record<string, string>> = {
  fitnet:
    'The paper gives the regressor a kernel that turns the student’s size into the teacher’s without padding; the codes halve or double it by stride 2.',
  ab: 'The paper’s connector is 1×1 and wants equal sizes; the codes take the regressor of FitNets, which halves, doubles or crops.',
  simkd:
    'As in the authors’ code the larger of the two maps is average-pooled to the smaller, also where that is the teacher’s.',
  vid: 'The paper pairs maps of equal size; as in RepDistiller the larger map is average-pooled to the smaller.',
  ofd: 'The paper pairs the ends of stages of equal size; as in mdistiller the teacher’s map is average-pooled to the student’s.',
  ofdOfficial: 'The authors’ code resizes nothing: height, width and channels must be equal.',
  at: 'The paper interpolates attention maps of unlike size; as in the codes the larger map is average-pooled to the smaller.',
  ccskd: 'Nothing is resized: each map is averaged over space, so their sizes never meet.',
  ft: 'The paper’s networks end in maps of one size; as in RepDistiller the larger factor is average-pooled to the smaller.',
  ftOfficial:
    'The paper’s networks end in maps of one size; as in RepDistiller the larger factor is average-pooled to the smaller.',
  semckd:
    'As in the authors’ code the larger of the two maps is average-pooled to the smaller before they are compared.',
  reviewkd:
    'The paper interpolates (nearest neighbour): fused maps are enlarged to the next shallower level and brought to the teacher’s size.',
  reviewkdHcl: 'Both maps are pooled to 4, 2 and 1 on a side, and their whole sizes must be equal.',
  nst: 'The paper leaves it open; as in RepDistiller the larger map is average-pooled to the smaller.',
  csc: 'Pixels are compared, so the larger map is average-pooled to the smaller (inferred: the sources do not say).',
  mhgd: CHANNEL_VECTORS,
  kdsvd: CHANNEL_VECTORS,
  fsp: 'Within a network the paper halves the larger of the two maps by maximum pooling; here, as in RepDistiller, by average pooling.',
  afd: 'The discriminator takes the mean over space, so it judges maps of any size.',
  gemd: 'Layers are averaged over space before they are compared, so sizes never meet.',
  pesfkd: 'The teacher’s layer is averaged over space, and the student’s is not read.',
  consKdCtc: 'Frames are compared one by one, so both readings have as many.',
  crd: EMBEDDED,
  cc: EMBEDDED,
  ccKernel: FLATTENED,
  irg: FLATTENED,
  sp: FLATTENED,
  darkrank: FLATTENED,
  pkt: FLATTENED,
  rkd: FLATTENED,
  rkdDistance: FLATTENED,
  rkdAngle: FLATTENED,
  frobenius: FLATTENED,
  angleWise: FLATTENED,
  l1: ADAPTED,
  l2: ADAPTED,
  huber: ADAPTED,
  cosine: ADAPTED,
  correlation: ADAPTED,
  mmd: ADAPTED,
  earthMover: ADAPTED,
};

/** How a method meets maps of unlike height and width, in a sentence; null for one that matches no maps. */
export function spatialOf(method: string): string | null {
  return Object.hasOwn(SPATIAL, method) ? (SPATIAL[method] ?? null) : null;
}
