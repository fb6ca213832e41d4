import type { AblationKind } from '../src/protocol/ablation.ts';
import { REASON_WORDS } from '../src/protocol/layer-matching/reason-text.ts';
import type { RunStatus, SimilarityMeasure, Split, VerdictWord } from '../src/protocol/records.ts';
import { compareEnglish } from './compare/english.ts';
import { localised, translationsOfPage } from './localise.ts';
import { picturesEnglish } from './pictures/english.ts';
import { runEnglish } from './run/english.ts';

/**
 * Every word that the panel shows, in English. What is given a value only puts it in its place: translations are found by the
 * text with `{0}`, `{1}`, ... (`localise.ts`). Names of phases, metrics, layers and classes are the experiment's own and stay
 * as they are.
 */
export const english = {
  appName: 'KD Workbench',
  chooseRun: 'Run',
  noRunChosen: 'No run chosen',
  seeds: 'Seeds',
  allSeeds: 'All, with their mean',
  seed: (seed: number) => `Seed ${seed}`,
  phase: 'Phase',
  epoch: 'Epoch',
  latestEpoch: (epoch: string) => `Latest (${epoch})`,
  views: 'Views of the run',
  curves: 'Curves',
  gap: 'Gap',
  layers: 'Layers',
  verdict: 'Verdict',
  stop: 'Stop',
  pause: 'Pause',
  resume: 'Resume',
  run: 'Run',
  log: 'Log',
  config: 'Config',
  exportCsv: 'Export CSV',
  saveAs: 'Save this as',
  saveAsFormat: (format: string) => `Save as ${format}`,
  fileTooLarge: (format: string) =>
    `This cannot be saved as ${format}: it is too large or the browser cannot make it.`,
  runControls: 'Run controls',
  details: 'Details',
  dash: '–',
  notANumber: 'NaN',

  status: {
    queued: 'Starting',
    running: 'Running',
    pausing: 'Pausing',
    paused: 'Paused',
    stopping: 'Stopping',
    stopped: 'Stopped',
    completed: 'Completed',
    failed: 'Failed',
    interrupted: 'Interrupted',
  } satisfies Record<RunStatus, string>,
  progress: 'Progress of the run',
  took: (time: string) => `took ${time}`,
  epochOf: (epoch: string, epochs: string) => `epoch ${epoch} of ${epochs}`,
  timeLeft: (time: string) => `${time} left`,
  started: 'Started',
  finished: 'Finished',
  device: 'Executor',
  machine: 'Machine',
  directory: 'Run directory',
  overrides: 'Changed values',
  refused: 'Not used',
  fellBack: (phase: string, executor: string) => `${phase} runs on ${executor}`,
  notCompiled: (phases: string, executor: string) =>
    `${phases}: the step cannot be compiled and runs on ${executor}, much slower. Details say why.`,
  moved: 'Not bit-exact',
  movedTo: (phase: string, seed: string, step: string, to: string, from: string) =>
    `from ${phase}, seed ${seed}, step ${step} on ${to}, before on ${from}`,
  recentEvents: 'Latest events',
  ignored: (count: string) =>
    `Damaged or unknown records that were left out: ${count}. See the files in the run directory.`,

  noRunTitle: 'No run yet',
  noRunOf: (config: string) => `Run ${config} to see its curves here while it trains.`,
  noRunAtAll: 'Open an experiment (*.kd.yaml) and run it: its curves appear here while it trains.',
  chooseOne: 'Choose one of the runs above, or start a new one.',
  startRun: 'Run experiment',
  untrusted:
    'Nothing is started in Restricted Mode. Trust this workspace first (command “Workspaces: Manage Workspace Trust”).',
  connecting: 'Waiting for the extension',
  connectingHelp: 'If this stays, close the panel and open it again.',
  otherVersion: 'The panel and the extension are of different versions',
  otherVersionHelp: 'Reload the window (command “Developer: Reload Window”).',
  unreadTitle: 'Something that the extension sent cannot be read',
  unreadHelp:
    'A file of the run is damaged, or of a later version. What is shown may lack a part or be out of date.',
  unreadNext:
    'The output “KD Workbench” says more; a reload of the window (command “Developer: Reload Window”) asks for everything anew.',
  waitingTitle: 'Waiting for the first records',
  waitingHelp: 'Data are read and the first step is compiled; curves appear with the first steps.',
  nothingRecorded: 'No records',
  nothingRecordedHelp: 'This run ended before it wrote any. Its log says why.',
  neverBegan: 'This run was taken out of the queue before it began. Resume starts it.',
  interruptedTitle: 'The training process is gone',
  interruptedHelp: 'Nothing is lost up to the last checkpoint: Resume goes on exactly from there.',
  nextStep: (help: string) => `Next: ${help}`,
  failedTitle: (code: string) => `The run failed (${code})`,
  noAnswer: 'The extension did not answer. Reload the window if this happens again.',
  done: 'Done',

  metric: 'Metric',
  scale: 'Scale',
  linear: 'Linear',
  logarithmic: 'Logarithmic',
  lossTerms: (phase: string) => `loss and its terms, ${phase}`,
  gradientShares: (phase: string) => `gradient shares, ${phase}`,
  lossWeights: (phase: string) => `weights of the loss, ${phase}`,
  neurons: (phase: string) => `neurons that are left, ${phase}`,
  total: 'total',
  split: { train: 'train', validation: 'validation', test: 'test' } satisfies Record<Split, string>,
  step: 'Step',
  meanOf: (count: number) => `mean of ${count} seeds`,
  ofSeed: (seed: number) => `seed ${seed}`,
  meanWithBand: (count: number, kind: string) => `mean of ${count} seeds, ${kind}`,
  bandKind: { range: 'lowest to highest', deviation: '± standard deviation' },
  best: (name: string) => `${name}, best on validation`,
  legend: (chart: string) => `Lines of ${chart}`,
  legendOfRuns: (chart: string) => `Runs in ${chart}`,
  chartTitle: (metric: string) => `Curve of ${metric}`,
  chartHelp:
    'Arrow keys move from point to point; + and - zoom, * and / zoom the values, Shift with arrows moves, 0 shows all.',
  mouseHelp:
    'Drag a box to zoom into it, drag with Shift to move, turn the wheel with Ctrl to zoom; a double click shows all. By keys: arrows, + - * / 0.',
  zoom: 'Zoom',
  zoomIn: '+',
  zoomInSpoken: 'Zoom in',
  zoomOut: '−',
  zoomOutSpoken: 'Zoom out',
  zoomReset: 'All',
  zoomResetSpoken: 'Show all of the chart',
  partShown: (axis: string, from: string, to: string) => `${axis} from ${from} to ${to}`,
  moreLines: (count: string) => `and ${count} more`,
  smoothedPointText: (line: string, value: string, smoothed: string) =>
    `${line}: ${value} (smoothed ${smoothed})`,
  xAxis: 'Horizontal axis',
  xAxes: { step: 'Step', epoch: 'Epoch', phaseTime: 'Time in the phase', runTime: 'Time of the run' },
  atEpochs: (epochs: string) => `after ${epochs} epochs`,
  atTime: (time: string, epoch: string) => `${time}, epoch ${epoch}`,
  smoothing: 'Smoothing',
  spread: 'Seeds as',
  spreads: {
    range: 'mean, lowest to highest',
    deviation: 'mean ± standard deviation',
    seeds: 'mean and each seed',
  },
  marks: 'Marks of checkpoints, phases and guards',
  markKind: {
    phase: 'Phase',
    checkpoint: 'Checkpoint',
    guard: 'Guard',
    warning: 'Warning',
    resume: 'Resumed',
  },
  markAndMore: (text: string, count: string) => `${text} (and ${count} more here)`,
  markText: (kind: string, text: string) => `${kind}: ${text}`,
  addChart: 'Add a chart',
  removeChart: 'Remove',
  removeChartSpoken: (chart: string) => `Remove the ${chart}`,
  overlays: 'Other runs in the same charts',
  overlaysChosen: (count: string) => `Other runs in the same charts (${count})`,
  overlaysNone: 'There are no other runs.',
  overlaysFilter: 'Filter runs',
  overlaysAll: 'Choose all that are listed',
  overlaysClear: 'Choose none',
  overlaysMost: (count: string) => `At most ${count} runs can be laid over this one.`,
  epochUnknown: 'Where a step lies in the epochs is known once the first epoch of its phase has ended.',
  withBand: (mean: string, low: string, high: string) => `${mean} (${low} to ${high})`,
  tableOfFirst: (shown: string, all: string) => `The first ${shown} of ${all} lines.`,
  lineSummary: (name: string, first: string, last: string, low: string, high: string) =>
    `${name}: from ${first} to ${last}, lowest ${low}, highest ${high}`,
  emptyChart: 'No values of this metric yet.',
  asTable: 'Values as a table',
  asTableOf: (chart: string) => `${chart}, values as a table`,
  tableOfLast: (shown: string, all: string) => `The last ${shown} of ${all} steps; Export CSV has all.`,
  notFinite: (count: string, step: string, line: string) =>
    `${line}: values that are no finite numbers: ${count}, the first at step ${step}.`,
  notOnLogAxis: (count: string, line: string) =>
    `${line}: values not above zero, without a place on this scale: ${count}.`,
  pointText: (line: string, value: string) => `${line}: ${value}`,
  atStep: (step: string, epoch: string) => `step ${step}, epoch ${epoch}`,

  gapEmpty: 'No gap measured yet',
  gapWaiting: 'Teacher and student are compared on the validation split after each epoch of the student.',
  gapNever:
    'This run did not compare teacher and student. Set measure.gap in the experiment and run it again; `kd gap` measures what it has trained.',
  kl: 'KL divergence',
  klShort: 'KL',
  klHelp:
    'Mean over the validation samples of Σ p · log(p / q): p of the teacher, q of the student, temperature 1.',
  js: 'Jensen-Shannon divergence',
  jsHelp:
    'Mean of ½ Σ p · log(p / m) + ½ Σ q · log(q / m), m = (p + q) / 2: the same both ways, 0 to 0.693 nats.',
  agreementShort: 'Agreement',
  agreement: 'Top-1 agreement',
  agreementHelp: 'Share of the validation samples on which both name the same class.',
  accuracyGap: 'Accuracy difference',
  accuracyGapHelp: 'Accuracy of the student minus that of the teacher, in percentage points.',
  calibrationGap: 'Calibration difference',
  calibrationGapHelp:
    'Calibration error (ECE, 15 bins of the largest probability) of the student minus that of the teacher, in points.',
  gapNow: (epoch: string) => `After epoch ${epoch}`,
  nats: (value: string) => `${value} nats`,
  decibels: (value: string) => `${value} dB`,
  points: (value: string) => `${value} points`,
  perClass: 'By class',
  perClassHelp: 'Widest gap first. Choose a class to see it over the epochs.',
  className: 'Class',
  samples: 'Samples',
  teacher: 'Teacher',
  student: 'Student',
  baseline: 'Baseline',
  difference: 'Difference',
  classOverEpochs: (name: string) => `Accuracy difference of class ${name}`,
  showAll: (count: string) => `Show all ${count} classes`,
  showFewer: 'Show fewer classes',

  layersEmpty: 'No layer similarity yet',
  layersWaiting:
    'Every layer of the teacher is compared with every layer of the student on a probe batch after each epoch.',
  layersNever: 'This run did not compare layers. Set measure.similarity in the experiment and run it again.',
  heatMap: 'Similarity of layers',
  measure: 'Measure',
  measures: {
    linearCka: 'Linear CKA',
    rbfCka: 'CKA, RBF kernel',
    distanceCorrelation: 'Distance correlation',
  } satisfies Record<SimilarityMeasure, string>,
  measureHelp: {
    linearCka: 'Σ HSIC₁(K, L) / √(Σ HSIC₁(K, K) · Σ HSIC₁(L, L)), K = X Xᵀ.',
    rbfCka: 'The same with K = exp(−‖x − y‖² / 2σ²), σ the median distance: it sees what lies near.',
    distanceCorrelation:
      'The same with K = −‖x − y‖: an estimate of the squared distance correlation, which is 0 only where the layers are independent.',
  } satisfies Record<SimilarityMeasure, string>,
  heatMapHelp: (samples: string, batches: string) =>
    `On ${samples} validation samples in ${batches} batches, without bias: 1 means the same representation up to rotation and scale, about 0 unrelated. Maps are averaged to at most 8 × 8 places.`,
  heatMapBiased: (samples: string) =>
    `On ${samples} samples, by an older version: small samples and wide layers look too much alike.`,
  gates: 'Gates and subtasks',
  gatesHelp:
    'Which expert serves whom, and whose gradients point against one another. With a teacher gates become sparser where the method does what its paper says.',
  gatesOf: (layer: string, entropy: string, overlap: string) =>
    `${layer}: shares of its experts; entropy ${entropy} nats, overlap ${overlap}`,
  expert: (number: string) => `expert ${number}`,
  conflictsOf: (against: string) =>
    `Cosine of the gradients of two classes on the experts; ${against} pairs are below 0`,
  regions: 'Regions that matter',
  regionsHelp:
    'Where the detector looks in the first validation images. Equal boxes everywhere mean that it has not learned to look.',
  regionsOf: (term: string, layer: string) => `${term}, ${layer}`,
  regionWords: (covered: string, across: string, down: string) =>
    `${covered} covered, surest at ${across} across, ${down} down`,
  imageNumber: (number: string) => `image ${number}`,
  heatHint:
    'Point at a cell, or move to it with the arrow keys; Space chooses its pair or takes it back, Enter inserts it.',
  heatHintAlone: 'Point at a cell, or move to it with the arrow keys; Enter inserts its pair.',
  heatCell: (teacher: string, student: string, value: string) => `${teacher} with ${student}: ${value}`,
  heatChosen: 'chosen',
  withError: (value: string, error: string) => `${value} ± ${error}`,
  keptWeights: 'Kept weights',
  pairsToMatch: 'Pairs to match',
  pairsToMatchHelp: (method: string) =>
    `The pairs most alike in all that ${method} can match. Alike is not the same as worth matching: an ablation tells.`,
  choice: 'Choice',
  orders: {
    kept: 'in order, one to one',
    shared: 'in order, one to many',
    free: 'any order',
    own: 'by hand',
  },
  howMany: 'Pairs',
  shapes: (teacher: string, student: string) => `${teacher} from ${student}`,
  noAdapter: 'no adapter',
  adapter: (kernels: string, parameters: string, multiplyAdds: string) =>
    `adapter ${kernels}: ${parameters} parameters, ${multiplyAdds} multiply-adds a step`,
  insertAll: 'Insert all',
  remove: 'Remove',
  removePair: (teacher: string, student: string) =>
    `Remove the pair ${teacher}, ${student} from the chosen ones`,
  noPairs: 'No pair is chosen. Choose one in the map or between the networks.',
  crossing: (one: string, other: string) =>
    `${one} and ${other} cross: what is early in the teacher would be taught late in the student.`,
  pairName: (teacher: string, student: string) => `${teacher} → ${student}`,
  pairReason: REASON_WORDS,
  networks: 'Networks',
  networksHelp:
    'Choose a layer of the teacher and one of the student to match them, or to take their pair back. Arrow keys move.',
  layerAlone: (name: string, shape: string) => `${name}, ${shape}`,
  layerMatched: (name: string, shape: string, others: string) => `${name}, ${shape}, matched with ${others}`,
  pairChosen: (pair: string) => `${pair} is chosen`,
  pairTakenBack: (pair: string) => `${pair} is taken back`,
  cannotMatch: (method: string, pair: string) => `${method} cannot match ${pair}`,
  pairsOverTraining: 'Chosen pairs over training',
  compareCost: (count: string, seconds: string, share: string) =>
    `Comparing layers ${count} times took ${seconds} s, ${share} of the time of the steps.`,
  teacherLayers: 'Teacher layers',
  studentLayers: 'Student layers',
  rankedPairs: 'Ranked pairs',
  rankBy: 'Show',
  bestPerStudent: 'best for each student layer',
  bestOfAll: 'most similar of all',
  similarity: 'CKA',
  insert: 'Insert',
  insertPair: (teacher: string, student: string) =>
    `Insert the pair ${teacher}, ${student} into the experiment`,
  action: 'Action',
  rank: 'Rank',

  ablation: 'Is it worth it?',
  ablationHelp:
    'Four experiments beside yours, the same but for the pairs: the chosen ones, teacher layers of the same depth, random ones, and none. Same seeds, so that differences are paired.',
  writeAblation: 'Write the experiments',
  queueAblation: 'Write and queue them',
  ablationKinds: {
    best: 'chosen pairs',
    sameDepth: 'same depth',
    random: 'random pairs',
    none: 'no pairs',
  } satisfies Record<AblationKind, string>,
  ablationVariant: 'Experiment',
  ablationState: 'State',
  notRun: 'not run yet',
  testAccuracy: 'Test accuracy',
  testValue: (metric: string) => `Test ${metric}`,
  againstNone: 'Difference from no pairs',
  ablationDifference: (mean: string, interval: string) => `${mean} (${interval})`,
  ablationNoInterval: 'no interval below three seeds',
  ablationWaiting: 'The answer is given when these experiments have finished with at least three seeds.',
  ablationHelped: (of: string, to: string, difference: string) =>
    `Better with ${of} than with ${to}: ${difference}.`,
  ablationHurt: (of: string, to: string, difference: string) =>
    `Worse with ${of} than with ${to}: ${difference}.`,
  ablationOpen: (of: string, to: string, difference: string) =>
    `No difference is shown between ${of} and ${to}: ${difference}. The interval reaches to both sides of 0.`,

  verdictEmpty: 'No verdict yet',
  verdictWaiting: 'It is reached when student and baseline have finished with every seed.',
  verdictNoBaseline:
    'This run has no baseline to compare with. Set compare.baseline: true in the experiment and run it again.',
  verdictStopped: 'The run ended before student and baseline had finished. Resume it to reach a verdict.',
  verdictTitle: {
    BEATS: 'Distillation helped',
    'NO BEATS': 'Distillation did not help',
    INCONCLUSIVE: 'No conclusion',
  } satisfies Record<VerdictWord, string>,
  verdictSentence: {
    BEATS: (metric: string, difference: string) =>
      `The student that was taught is better than the same student alone: ${difference} of ${metric}.`,
    'NO BEATS': (metric: string, difference: string) =>
      `The student that was taught is not better than the same student alone: ${difference} of ${metric}.`,
    INCONCLUSIVE: (metric: string, difference: string) =>
      `These runs cannot tell whether teaching helps: ${difference} of ${metric} on average.`,
  } satisfies Record<VerdictWord, (metric: string, difference: string) => string>,
  interval: (level: string) => `${level} interval`,
  noInterval: 'none: fewer than 3 pairs',
  intervalText: (low: string, high: string) => `${low} to ${high}`,
  intervalPicture: (difference: string, low: string, high: string) =>
    `Difference ${difference}, interval from ${low} to ${high}, beside zero`,
  pairs: 'Pairs of seeds',
  test: 'Test',
  meanDifference: 'Mean difference',
  lastEpoch: 'Last epoch',
  lastInterval: 'Its interval',
  verdictOf: (student: string, verdict: string) => `${student}: ${verdict}`,
  results: 'Results',
  resultsHelp:
    'Mean over the seeds, ± standard deviation. Models are chosen on validation; the test split is read once, at the end, with the best weights and with those of the last epoch.',
  model: 'Model',
  validation: 'Validation',
  testSplit: 'Test',
  bestEpoch: 'Best epoch',
  parameters: 'Parameters',
  multiplyAdds: 'Multiply-adds',
  perStep: 'ms a step',
  imagesPerSecond: 'Images a second',
  bySeed: 'By seed',
  bySeedHelp: 'Student and baseline of one seed share initialisation and data order.',
  seedHead: 'Seed',

  diagnosis: 'Diagnosis',
  diagnosisEmpty: 'Nothing to look at yet',
  diagnosisHelp:
    'Rules that look at the records of this run. A finding is a reason to look, not a proof; each names where it comes from.',
  diagnosisQuiet: (rules: string) => `Nothing found by ${rules} rules.`,
  diagnosisWaiting: 'Looking at the records.',
  likelyCause: 'Likely cause',
  whatToTry: 'To try',
  insertChange: (title: string) => `Insert into the config: ${title}`,
  insertThis: 'Insert into the config',
  ruleSource: (source: string) => `Source: ${source}.`,
  notLookedAt: 'Not looked at',
  findings: (count: string) => `Findings: ${count}`,

  spokenStatus: (name: string, status: string) => `${name}: ${status}`,
  spokenPhase: (phase: string) => `Now training ${phase}`,

  compare: compareEnglish,
  pictures: picturesEnglish,
  runView: runEnglish,
} as const;

/** The same in the language of the editor. */
export const strings = localised(english, translationsOfPage());
