import type { Method } from '../methods/method.ts';

/**
 * A system of a paper that is no loss, scheme or module of its own but a set of settings: data for its page, beside which the
 * template of its name runs.
 */
export interface Recipe {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly formula: string;
  readonly figure: string;
  readonly papers: Method['papers'];
  readonly settings: readonly RecipeSetting[];
  /** What is inferred, and where its limits lie. */
  readonly notes: readonly string[];
  /** In the sample project. */
  readonly template: string;
  /** Its row of the results. */
  readonly row: string;
}

export interface RecipeSetting {
  /** Keys of the experiment file; a list's element is `[]`. */
  readonly path: readonly string[];
  readonly value: string | number | boolean;
  /** Where the value comes from. */
  readonly source: string;
  /** What the template has in its place, null where it has nothing, and why. */
  readonly inTemplate?: { readonly value: string | number | null; readonly because: string };
}

const ADAM_W = ['train', 'optimizer', 'adamW'];
const PLATEAU = [...ADAM_W, 'learningRate', 'plateau'];
const KD = ['distill', 'match', '[]', 'kd'];
const INFERRED = 'inferred';

/** What is known of it is a list of its parts; T and the share of the soft targets are on it. */
const leakSafe: Recipe = {
  name: 'leakSafe',
  title: 'Leak-safe training on small sets of medical images',
  summary:
    'Grouped splits, weighed classes, smoothed and mixed labels, patience, and measures that see rare classes (liver fibrosis in ultrasound, 2026).',
  formula: [
    'ω_c = N / (C · n_c)                                  n_c: samples of class c in the training split, N in all',
    'ỹ = (1 − ε) · onehot(y) + ε / C                      ε: smoothing',
    'x̃ = λ · x + (1 − λ) · x′,  λ ~ Beta(a, a)            mixup: x′ is another image of the batch, with label y′',
    'ℓ = Σₙ [λ ω_y CE(ỹ, p) + (1 − λ) ω_y′ CE(ỹ′, p)] / Σₙ [λ ω_y + (1 − λ) ω_y′]',
    'L = α · T² · KL(softmax(z_teacher / T) ‖ softmax(z_student / T)) + (1 − α) · ℓ',
    'judged by: balanced accuracy 1/C · Σ_c R_c, macro-F1 1/C · Σ_c 2 P_c R_c / (P_c + R_c)',
  ].join('\n'),
  figure: [
    'files ─► stem of the name, looks ─► groups ─┬─► training ───► counts ─► ω',
    '                                            ├─► validation ─► macro-F1 ─► rate on a plateau, early stop, best weights',
    '                                            └─► test, once, each image as it is ─► measures, parameters, latency',
    '',
    'training ─► x, x′ ─► x̃ ─┬─► teacher, still ─► softmax(· / T) ─┐',
    '                        ├─► student ─┬──────► softmax(· / T) ─┴─ divergence ─┐',
    '                        │            └─► cross-entropy with ỹ, ỹ′, ω ────────┴─► loss of the student',
    '                        └─► the same student alone ─► the same cross-entropy ──► loss of the baseline',
  ].join('\n'),
  papers: [
    {
      title: 'Liver fibrosis from ultrasound by distillation (title not to be had)',
      authors: 'Authors not to be had',
      where: 'IEEE ICIPCN 2026, doi 10.1109/icipcn67432.2026.11438428',
    },
  ],
  settings: [
    {
      path: ['data', 'groupBy'],
      value: 'stem',
      source: 'listed: a split that nothing crosses; the key is inferred',
      inTemplate: { value: null, because: 'IDX files name no samples' },
    },
    { path: ['data', 'stratify'], value: 'samples', source: INFERRED },
    { path: ['data', 'duplicates'], value: 'refuse', source: 'inferred: copies under other names' },
    { path: ['data', 'validation', 'fraction'], value: 0.2, source: INFERRED },
    { path: ['data', 'test', 'fraction'], value: 0.2, source: INFERRED },
    {
      path: ['models', '<name>', 'train', 'labelSmoothing'],
      value: 0,
      source: 'inferred, of the teacher: smoothing flattens what it says',
    },
    { path: [...KD, 'temperature'], value: 3, source: 'listed' },
    { path: [...KD, 'weight'], value: 0.6, source: 'listed: α; that it weighs the soft targets is inferred' },
    { path: ['distill', 'hardLabelWeight'], value: 0.4, source: 'inferred: 1 − α' },
    { path: ['train', 'classWeights'], value: 'balanced', source: 'listed; the formula is inferred' },
    { path: ['train', 'labelSmoothing', 'amount'], value: 0.1, source: 'listed; the amount is inferred' },
    { path: ['train', 'labelSmoothing', 'weights'], value: 'sample', source: INFERRED },
    { path: ['train', 'mixup', 'alpha'], value: 0.2, source: 'listed; a is inferred' },
    {
      path: [...PLATEAU, 'from'],
      value: 3e-4,
      source: INFERRED,
      inTemplate: { value: 2e-3, because: 'a small network and few steps' },
    },
    { path: [...PLATEAU, 'factor'], value: 0.5, source: 'listed: a plateau; the factor is inferred' },
    { path: [...PLATEAU, 'minimum'], value: 1e-6, source: INFERRED },
    { path: [...PLATEAU, 'by'], value: 'macroF1', source: INFERRED },
    { path: [...PLATEAU, 'patience'], value: 3, source: INFERRED },
    { path: [...ADAM_W, 'weightDecay'], value: 1e-4, source: 'listed: AdamW; the decay is inferred' },
    { path: [...ADAM_W, 'decayOf'], value: 'kernels', source: INFERRED },
    { path: ['train', 'selectBy'], value: 'macroF1', source: INFERRED },
    { path: ['train', 'earlyStopping', 'by'], value: 'macroF1', source: INFERRED },
    {
      path: ['train', 'earlyStopping', 'patience'],
      value: 8,
      source: 'listed: an early stop; inferred: longer than the plateau’s patience',
    },
    {
      path: ['compare', 'baseline'],
      value: true,
      source: 'inferred: the same student under the same budget',
    },
  ],
  notes: [
    'Of the paper a list of its parts is known: a leak-safe split, class weights, label smoothing, mixup, AdamW, a plateau schedule, an early stop, T = 3, α = 0.6, balanced accuracy, macro-F1, no test-time augmentation, latency and parameters. How they join, and every value marked so, is inferred. Its data set and its results were not to be had.',
    'A stem is a proxy: where a table names the patient or the examination of each file, `groupBy: { table: … }` is safer. A group with samples of two classes is an error.',
    'Copies are found by looks where they are moved, brighter or darker; two frames of one examination that look different are kept together by names alone.',
    'Class weights and normalisation come from the training split. Mixed batches see both labels; terms that read one label are told that of the larger part.',
    'No test-time augmentation: validation and test see each image once and as it is, and there is no setting that changes it.',
    'Balanced accuracy, macro-F1, calibration and confusion are measured unless `measure.metrics` says otherwise; for ordered stages there is quadratic kappa. Parameters and milliseconds an image stand in the results of each model, and beside one another in `kd compare` and reports.',
    'The template runs it on digits, which have no patients: what a grouped split is worth shows on data that have some.',
  ],
  template: 'leak-safe',
  row: 'response/leakSafe',
};

/** In the order of their pages. */
export const RECIPES: readonly Recipe[] = [leakSafe];
