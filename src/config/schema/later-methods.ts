/** Methods of the field that the catalogue does not have yet. */
export const laterMethods: Readonly<Record<string, string>> = {
  byot: 'Deeper parts of a network teach its earlier branches (Zhang 2019).',
  crd: 'Contrastive representation distillation (Tian 2020).',
  ctkd: 'Learned temperature against its adversary (Li 2023).',
  dafl: 'Data-free learning of students (Chen 2019).',
  darkrank: 'Ranks within a batch (Chen 2018).',
  dfad: 'Data-free adversarial distillation (Fang 2019).',
  dist: 'Relations between and within classes (Huang 2022).',
  dkd: 'Target and non-target classes apart (Zhao 2022).',
  dml: 'Deep mutual learning (Zhang 2018).',
  fsp: 'Flow between layers (Yim 2017).',
  ft: 'Factor transfer (Kim 2018).',
  irg: 'Instance relationship graph (Liu 2019).',
  kdsvd: 'Singular vectors of features (Lee 2018).',
  mlkd: 'Multi-level logit distillation (Jin 2023).',
  nst: 'Neuron selectivity (Huang 2017).',
  ofd: 'Overhaul of feature distillation (Heo 2019).',
  okddip: 'Online distillation with diverse peers (Chen 2020).',
  one: 'On-the-fly native ensemble (Lan 2018).',
  reviewkd: 'Knowledge review across stages (Chen 2021).',
  rkd: 'Relations between samples (Park 2019).',
  sad: 'Self attention distillation (Hou 2019).',
  semckd: 'Semantic calibration of layer pairs (Chen 2021).',
  simkd: "Reuse of the teacher's classifier (Chen 2022).",
  sp: 'Similarity-preserving distillation (Tung 2019).',
  srrl: 'Softmax regression representation learning (Yang 2021).',
  vid: 'Variational information (Ahn 2019).',
};

/** Refiners of the field that the catalogue does not have yet. */
export const laterRefiners: Readonly<Record<string, string>> = {
  simplifier: "A learned softening of the teacher's answers with attention (student-friendly distillation).",
};
