/** Where one begins, by what one has. Names of methods, modules and schemes are those of the catalogue. */
export interface Situation {
  readonly have: string;
  readonly begin: string;
  readonly compare: string;
}

export const SITUATIONS: readonly Situation[] = [
  {
    have: 'a teacher and its answers alone',
    begin: '`kd` at T = 4',
    compare: '`dkd`, `dist`, the refiner `logitStandardization`',
  },
  {
    have: 'a teacher whose layers you can read',
    begin: '`at` or `fitnet` beside `kd`',
    compare: '`reviewkd`, `crd`',
  },
  {
    have: 'layers whose shapes have nothing in common',
    begin: 'relations: `rkd`, `sp`',
    compare: '`semckd`, which chooses the pairs itself',
  },
  {
    have: 'a teacher far larger than the student',
    begin: 'the scheme `chain` with an assistant',
    compare: '`dist`, a smaller teacher, one that was stopped early',
  },
  {
    have: 'no teacher',
    begin: '`labelSmoothing`, `tfkdReg`',
    compare: 'the schemes `self` and `branches`',
  },
  {
    have: 'several teachers',
    begin: 'the scheme `multiTeacher`',
    compare: 'the scheme `book`, `uncertainty`',
  },
  {
    have: 'poor images that are to be made whole',
    begin: '`task: reconstruction` with `dccnn` and the scheme `studentAware`',
    compare: '`logitsL1` beside `at` under `offline`',
  },
  { have: 'no data, only the teacher', begin: 'the scheme `dataFree`', compare: 'both of its generators' },
  {
    have: 'many students of one teacher',
    begin: '`distill.book: true`',
    compare: 'the scheme `book`, which also cleans the answers',
  },
  {
    have: 'a student of some of the classes',
    begin: '`models.<name>.classes` with `cskd`',
    compare: 'the same with `kd`',
  },
  {
    have: 'a student that must be small in bytes, or narrow',
    begin: 'the modules `quantize` and `prune`',
    compare: 'a smaller architecture',
  },
  {
    have: 'a teacher that should say what it does not know',
    begin: 'the module `bayesian` with `uncertainty`',
    compare: 'several teachers under `multiTeacher`',
  },
  {
    have: 'words in place of single classes',
    begin: 'the module `ctc` with `consKdCtc`',
    compare: '`kd` on the scores of the words',
  },
  {
    have: 'few images of patients, with copies among them and rare classes',
    begin: '`leakSafe`, which is the template `leak-safe`',
    compare: 'the same with `classWeights: none`, by macro-F1',
  },
];

/** What was found, and where. */
export interface Statement {
  readonly text: string;
  readonly source: string;
}

export interface Topic {
  readonly title: string;
  readonly statements: readonly Statement[];
  /** What to write or to look at here. */
  readonly here: string;
}

export const TOPICS: readonly Topic[] = [
  {
    title: 'The capacity gap',
    statements: [
      {
        text: 'A larger, better teacher can make a worse pupil: for a fixed student the gain grows with the teacher’s size and then falls. A teacher assistant of a size in between bridges the gap, several in steps do better still.',
        source: 'Mirzadeh et al., AAAI 2020, arXiv:1902.03393',
      },
      {
        text: 'Teachers that were stopped early can teach small students better than finished ones.',
        source: 'Cho and Hariharan, ICCV 2019, arXiv:1910.01348',
      },
      {
        text: 'Matching correlations in place of exact probabilities asks less of a student under a strong teacher.',
        source: 'Huang et al. (DIST), NeurIPS 2022, arXiv:2205.10536',
      },
      {
        text: 'In a chain the errors of one assistant pass on to the next; a student that hears all those above it is spared that.',
        source: 'Son et al., ICCV 2021, arXiv:2009.08825',
      },
    ],
    here: '`kd new --template` with `capacity-small`, `capacity-medium`, `capacity-large` and `capacity-assistant` writes one student under four teachings: queue all and lay their verdicts side by side. In a config of your own the assistant is one line, `scheme: { chain: { through: [teacher, assistant, student] } }`; fewer `models.teacher.train.epochs` is the early-stopped teacher.',
  },
  {
    title: 'Which layers to match',
    statements: [
      {
        text: 'The deeper the guided layer, the less freedom the student has, and the more likely it is over-regularised; the authors take middle layers.',
        source: 'Romero et al. (FitNets), ICLR 2015, arXiv:1412.6550',
      },
      {
        text: 'Linear CKA finds corresponding layers of networks of other initialisation and width, where canonical correlations do not.',
        source: 'Kornblith et al., ICML 2019, arXiv:1905.00414',
      },
      {
        text: 'Shallow layers of the teacher can guide deep layers of the student with profit.',
        source: 'Chen et al. (ReviewKD), CVPR 2021, arXiv:2104.09044',
      },
      {
        text: 'Pairs that are fixed by hand can mislead; attention can learn which layer teaches which.',
        source: 'Chen et al. (SemCKD), AAAI 2021, arXiv:2012.03236',
      },
      {
        text: 'Where in a block one reads matters: before the ReLU, with a margin for negative responses.',
        source: 'Heo et al. (OFD), ICCV 2019, arXiv:1904.01866',
      },
    ],
    here: 'The panel’s layer view shows linear CKA of every pair, over training; "Insert" writes a pair into the file. `reviewkd` and `semckd` take several layers, `ofd` reads before the ReLU.',
  },
  {
    title: 'Soft targets and label smoothing',
    statements: [
      {
        text: 'Distillation is a learned label smoothing: a teacher that is right with a fixed probability and uniform elsewhere is label smoothing. A weak teacher, and a badly trained one, still helped.',
        source: 'Yuan et al. (Tf-KD), CVPR 2020, arXiv:1909.11723',
      },
      {
        text: 'A teacher that was itself trained with label smoothing is better calibrated and teaches worse: smoothing erases how it ranks the wrong classes.',
        source: 'Müller, Kornblith, Hinton, NeurIPS 2019, arXiv:1906.02629',
      },
    ],
    here: 'Compare with it: where `labelSmoothing` or `tfkdReg` gains as much as the teacher, the teacher adds regularisation and no knowledge. Leave `labelSmoothing` out of `models.teacher.train`. The templates `tf-kd-reversed` and `tf-kd-defective` are the two experiments, `tf-kd-self` and `tf-kd-regularised` need no larger network; `adaptiveSmoothing` takes the amount from the network’s own entropy.',
  },
  {
    title: 'Smaller than its architecture',
    statements: [
      {
        text: 'The width of a layer can be found while the student learns: an L1 penalty silences neurons, and these are removed.',
        source: 'Şener and Akbaş, GUJSC 10(3), 2022',
      },
      {
        text: 'A pruned teacher can regularise its student better than the whole one, and suggests the student’s shape.',
        source: 'Park and No, arXiv:2109.14960',
      },
      {
        text: 'Students of low precision learn better under a teacher than alone.',
        source: 'Mishra and Marr, ICLR 2018, arXiv:1711.05852; Polino et al., ICLR 2018, arXiv:1802.05668',
      },
      {
        text: 'They depend less on temperature and teacher where the share of the soft targets is lowered gradually.',
        source: 'Shin, Boo, Sung (GSLR), SiPS 2020, arXiv:1909.01688',
      },
      {
        text: 'Low-rank factors of layers are hard to train from scratch.',
        source: 'as noted in arXiv:1905.10145',
      },
      {
        text: 'A thin and deep student can do better than its wide teacher with far fewer parameters.',
        source: 'Romero et al. (FitNets), ICLR 2015, arXiv:1412.6550',
      },
    ],
    here: 'Module `prune` and template `pruned`; module `quantize` and template `quantized`, whose phases show how one goes on from another. Compact filters are a choice of architecture: `resnet`, `vgg` and `convnet` with few filters. The zoo has no factorised layers, so a narrow student stands in for them. In stages, as is common: train the teacher, find the student’s shape, distil, quantise last.',
  },
];

/** The situations as a list, for a hover. */
export function guideMarkdown(): string {
  const lines = SITUATIONS.map(({ have, begin }) => `- ${have}: ${begin}`);
  return [
    '**Which method when**',
    '',
    ...lines,
    '',
    'Each with what to compare, findings and their sources: docs/which-method.md.',
  ].join('\n');
}
