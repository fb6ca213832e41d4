/** Words that people bring from other frameworks or from shorthand, and what they are called here. */
const SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  lr: ['learningRate'],
  learning_rate: ['learningRate'],
  schedule: ['learningRate'],
  lrSchedule: ['learningRate'],
  scheduler: ['learningRate'],
  wd: ['weightDecay'],
  l2: ['weightDecay'],
  decay: ['weightDecay'],
  batch: ['batchSize'],
  batch_size: ['batchSize'],
  bs: ['batchSize'],
  epoch: ['epochs'],
  iterations: ['epochs'],
  T: ['temperature'],
  tau: ['temperature'],
  temp: ['temperature'],
  alpha: ['weight', 'hardLabelWeight'],
  beta: ['weight', 'beta1'],
  lambda: ['weight'],
  coefficient: ['weight'],
  gamma: ['factor', 'hardLabelWeight'],
  ceWeight: ['hardLabelWeight'],
  layers: ['pairs', 'architecture'],
  layerPairs: ['pairs'],
  hints: ['pairs'],
  arch: ['architecture'],
  network: ['architecture'],
  backbone: ['architecture'],
  type: ['architecture', 'format'],
  terms: ['match'],
  losses: ['match'],
  methods: ['match'],
  distillation: ['distill'],
  distiller: ['distill'],
  dataset: ['data'],
  optim: ['optimizer'],
  optimiser: ['optimizer'],
  gpu: ['device'],
  images: ['inputs', 'folder'],
  path: ['folder', 'inputs', 'file'],
  dir: ['folder'],
  val: ['validation'],
  valid: ['validation'],
  augmentation: ['augment'],
  transforms: ['augment'],
  randomSeed: ['seed'],
  base: ['extends'],
  include: ['extends'],
  inherits: ['extends'],
};

/** What the foreign word means among these keys, with a word on how it is written here. */
export function insteadOf(
  word: string,
  keys: readonly string[],
): { readonly key: string; readonly help: string } | undefined {
  const key = (Object.hasOwn(SYNONYMS, word) ? SYNONYMS[word] : undefined)?.find((name) =>
    keys.includes(name),
  );
  if (key === undefined) return undefined;
  const how = key === 'learningRate' && /sched/i.test(word) ? ' It takes a number or a schedule.' : '';
  return { key, help: `It is called "${key}" here.${how}` };
}
