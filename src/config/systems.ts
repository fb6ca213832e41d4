/**
 * A system of a paper: where it is explained, run and judged. Names are those of pages, templates of the sample project and rows
 * of the results.
 */
export interface System {
  readonly title: string;
  /** Methods, refiners, modules, schemes, architectures, recipes. */
  readonly pages: readonly string[];
  /** Keys of the experiment file that are part of it and have no page of their own. */
  readonly keys?: readonly string[];
  readonly templates: readonly string[];
  readonly rows: readonly string[];
  /** What its formula and values come from, and what of it is inferred. */
  readonly known: string;
}

const ABSTRACT = 'the abstract';

export const SYSTEMS: readonly System[] = [
  {
    title: 'Student-friendly distillation (SKD)',
    pages: ['simplifier'],
    templates: ['skd'],
    rows: ['refine/simplifier', 'refine/simplifier-dkd', 'refine/simplifier-dkd-crd-at'],
    known: `${ABSTRACT}; wiring and values inferred`,
  },
  {
    title: 'Student-oriented refinement (SoKD: DAFA and DAM)',
    pages: ['dafa', 'dam'],
    templates: ['sokd'],
    rows: [
      ...['refine/sokd-fitnet', 'refine/sokd-at', 'refine/sokd-reviewkd', 'refine/sokd-dkd'],
      'refine/dam',
    ],
    known: 'a code tree that is probably the authors’, and a summary; the search’s objective inferred',
  },
  {
    title: 'BookKD',
    pages: ['book', 'bookKd'],
    keys: ['distill.book'],
    templates: ['book'],
    rows: ['response/bookKd'],
    known: `${ABSTRACT}; every equation inferred`,
  },
  {
    title: 'PESF-KD',
    pages: ['pesfkd'],
    templates: ['pesf-kd'],
    rows: ['response/pesfkd'],
    known: 'the authors’ code; which of its two losses is the paper’s inferred',
  },
  {
    title: 'Student-friendly teacher (SFTN)',
    pages: ['studentAware', 'sftn'],
    templates: ['student-aware'],
    rows: ['online/sftn'],
    known: 'summaries; equations and weights inferred',
  },
  {
    title: 'SFT-KD-Recon',
    pages: ['studentAware', 'sftn', 'dccnn'],
    templates: ['sft-kd', 'sft-kd-recon'],
    rows: ['reconstruction/sft-kd-recon'],
    known: 'the authors’ code',
  },
  {
    title: 'KDExplainer and virtual attention (VAM)',
    pages: ['experts', 'vam', 'kdexplainerMidcls', 'kdexplainerHier'],
    templates: ['experts', 'attention'],
    rows: ['explain/experts', 'modules/vam', 'self/kdexplainerMidcls', 'self/kdexplainerHier'],
    known: 'the authors’ code; conflicts and the module’s equation inferred',
  },
  {
    title: 'Teacher-free distillation (Tf-KD), reversed and defective teachers',
    pages: ['tfkdSelf', 'tfkdReg'],
    templates: ['tf-kd-self', 'tf-kd-regularised', 'tf-kd-reversed', 'tf-kd-defective'],
    rows: ['self/tfkdSelf', 'self/tfkdReg', 'self/reversed', 'self/defective'],
    known: 'the authors’ code; nothing inferred',
  },
  {
    title: 'Adaptive label smoothing with self-knowledge',
    pages: ['adaptiveSmoothing'],
    templates: ['adaptive-smoothing'],
    rows: ['self/adaptiveSmoothing'],
    known: `${ABSTRACT}; scale of the entropy and temperature inferred`,
  },
  {
    title: 'Leak-safe pipeline for liver fibrosis',
    pages: ['leakSafe'],
    keys: ['data.groupBy', 'train.classWeights', 'train.mixup'],
    templates: ['leak-safe'],
    rows: ['response/leakSafe'],
    known: 'a list of its parts; how they join and most values inferred',
  },
  {
    title: 'Dynamic pruning (KDDP)',
    pages: ['prune'],
    templates: ['pruned'],
    rows: ['modules/prune'],
    known: `${ABSTRACT}; formula, threshold and weight inferred`,
  },
  {
    title: 'Quantised students by gradual soft loss reducing (GSLR)',
    pages: ['quantize'],
    templates: ['quantized'],
    rows: ['modules/quantize'],
    known: `${ABSTRACT}, its quantiser from earlier work; the schedule’s shape inferred`,
  },
  {
    title: 'Distillation by uncertainty for Bayesian networks',
    pages: ['uncertainty', 'bayesian'],
    keys: ['measure.uncertainty'],
    templates: ['uncertainty'],
    rows: ['response/uncertainty', 'modules/bayesian'],
    known: `${ABSTRACT}; the formula inferred`,
  },
  {
    title: 'Joint augmentation and cosine confidence (JDA and CCD)',
    pages: ['ccd'],
    keys: ['data.teacherView', 'data.strongAugment'],
    templates: [
      ...['augmentation-none', 'augmentation-student', 'augmentation-separate', 'augmentation-joint'],
      ...['augmentation-two-views', 'augmentation-confidence'],
    ],
    rows: ['response/ccd', 'response/jointAugmentation'],
    known: 'the code of the earlier paper; that the journal’s is the same inferred',
  },
  {
    title: 'Extractive distillation',
    pages: ['extractive'],
    templates: ['extractive'],
    rows: ['refine/extractive'],
    known: 'two re-implementations; the norm inferred',
  },
  {
    title: 'Network grafting (NetGraft) and merged soft targets',
    pages: ['grafting', 'netgraft', 'joints'],
    templates: ['grafting'],
    rows: ['few-shot/grafting', 'modules/joints'],
    known: 'the authors’ code; how several teachers are merged inferred',
  },
  {
    title: 'CCSKD',
    pages: ['ccskd', 'selective'],
    templates: ['ccskd'],
    rows: ['feature/ccskd', 'response/selective'],
    known: 'the authors’ code; the second form of `selective` inferred',
  },
  {
    title: 'Class specialisation (CSKD)',
    pages: ['cskd'],
    keys: ['models.<name>.classes'],
    templates: ['class-subset', 'tight-classes'],
    rows: ['modules/class-subset', 'self/cskd'],
    known: 'the authors’ code; variance over samples inferred',
  },
  {
    title: 'Channel-spatial correlation and adaptive cross-entropy (CSC and ACE)',
    pages: ['csc', 'ace'],
    templates: ['csc-ace'],
    rows: ['feature/csc', 'response/ace'],
    known: `${ABSTRACT} and a patent; the rest inferred`,
  },
  {
    title: 'Consistency-regularised distillation (Cons-KD)',
    pages: ['consKd', 'consKdCtc', 'ctc'],
    templates: ['consistency', 'words'],
    rows: ['response/consKd', 'words/consKdCtc', 'words/ctc'],
    known: 'its name and error rates; the loss inferred',
  },
  {
    title: 'Deep interactive learning (DIL)',
    pages: ['interactive'],
    templates: ['interactive'],
    rows: ['online/interactive'],
    known: 'the paper; its task is another one here',
  },
];
