import { localised, translationsOfPage } from '../localise.ts';

/** What the report of the gap says, in English; see `webview/strings.ts`. */
export const gapEnglish = {
  report: 'Teacher and student, sample by sample',
  student: 'Student',
  measureNow: 'Measure now',
  measureAgain: 'Measure again',
  measuring: 'Measuring: both answer every validation sample. This takes seconds to minutes.',
  noReport:
    'Classes, samples and pictures are kept when a student has finished, or measured now from its weights.',
  noReportOf: (student: string) => `${student} has not been measured yet.`,
  basis: (student: string, teachers: string, samples: string) =>
    `${student} against ${teachers}, on ${samples} validation samples.`,
  samplesOf: (samples: string, all: string) => `${samples} of ${all}`,
  soFar: 'These are its best weights so far: it still trains.',
  cost: (seconds: string, share: string) =>
    `Measuring the gap took ${seconds}, ${share} of the time of this training.`,
  costOnce: (seconds: string) => `This measurement took ${seconds}.`,

  numbers: 'In numbers',
  measure: 'Measure',
  teacher: 'Teacher',
  studentValue: 'Student',
  gap: 'Gap',
  how: 'How it is reckoned',
  accuracy: 'Accuracy',
  accuracyHow:
    'Share of samples whose largest logit is their label; the gap is student − teacher, in points.',
  ece: 'Calibration error (ECE)',
  eceHow:
    'Σ |B| / N · |accuracy(B) − confidence(B)| over 15 bins B of the largest probability (Guo 2017): 0 means as often right as sure.',
  kl: 'KL divergence',
  klHow: 'Mean of Σ p · log(p / q), p of the teacher, q of the student, at temperature 1.',
  js: 'Jensen-Shannon divergence',
  jsHow: 'Mean of ½ KL(p ‖ m) + ½ KL(q ‖ m), m = (p + q) / 2: the same both ways, from 0 to 0.693.',
  klSoft: (temperature: string) => `KL at temperature ${temperature}`,
  klSoftHow: (temperature: string) =>
    `As KL, with all logits divided by ${temperature} first: what the soft targets still differ by. No factor T².`,
  jsSoft: (temperature: string) => `Jensen-Shannon at temperature ${temperature}`,
  jsSoftHow: (temperature: string) => `As Jensen-Shannon, with all logits divided by ${temperature} first.`,
  agreement: 'Top-1 agreement',
  agreementHow: 'Share of samples on which both name the same class, right or wrong.',

  confusion: 'Who is taken for whom',
  confusionHelp:
    'Rows are the true classes, columns the class that is named. Shaded by the share of the row; the difference is student − teacher.',
  shownMatrix: 'Show',
  confusionOf: {
    teacher: 'teacher',
    student: 'student',
    difference: 'difference',
  },
  confusionCell: (of: string, named: string, teacher: string, student: string) =>
    `class ${of} named ${named}: teacher ${teacher}, student ${student}`,
  countOf: (count: string, all: string, share: string) => `${count} of ${all} (${share})`,
  largestCells: 'The largest cells as a table',
  largestMistakes: 'The widest differences as a table',
  trueClass: 'Class',
  namedClass: 'Named',
  logit: 'Logit of',
  matrixHint: 'Point at a cell, or move to it with the arrow keys.',
  matrixSummary: (title: string, rows: string, columns: string) =>
    `${title}: ${rows} rows, ${columns} columns. Arrow keys move from cell to cell.`,
  noMatrix: 'With more than 100 classes this is not drawn; the table by class above has all.',

  outputs: 'Where the outputs differ',
  outputsHelp:
    'Mean of |student logit − teacher logit| over the samples of a class (row), for each logit (column). The stronger the colour, the further apart.',
  outputsBy: { class: 'by class', sample: 'by sample' },
  outputsSampleHelp:
    '|student logit − teacher logit| of single samples (rows, by class), for each logit (column).',
  outputCell: (of: string, logit: string, value: string) => `${of}, logit of ${logit}: differs by ${value}`,
  ofClass: (name: string) => `class ${name}`,
  ofSample: (index: string, label: string) => `sample ${index} (class ${label})`,
  sample: 'Sample',
  label: 'Label',
  value: 'Difference',

  reliability: 'Calibration',
  reliabilityHelp:
    'For each bin of confidence (largest probability): how often the answer is right. On the diagonal it is as often right as sure; below, too sure.',
  reliabilityOf: (who: string, ece: string) => `${who}: calibration error ${ece}`,
  reliabilityTable: 'Both as a table',
  confidence: 'Confidence',
  rightShare: 'Right',
  samples: 'Samples',
  confidenceAxis: 'confidence',
  accuracyAxis: 'accuracy',

  disagreed: 'Samples on which they disagree most',
  disagreedHelp:
    'By Jensen-Shannon divergence at temperature 1, the largest first. Bars: probabilities of both at the temperature chosen here.',
  disagreedItem: (index: string, label: string) => `Sample ${index}, labelled ${label}`,
  picture: (index: string, label: string) => `Picture of sample ${index}, class ${label}`,
  jsValue: (value: string) => `JS ${value} nats`,
  more: (count: string) => `Show ${count} more`,

  temperature: 'Temperature',
  temperatureAt: (value: string) => `temperature ${value}`,
  explorer: 'How soft are the targets',
  explorerHelp:
    'softmax(logits / T) of one sample. The higher T, the more the student hears of the classes that the teacher finds unlikely; too high, and all sound alike.',
  chooseSample: 'Sample',
  entropy: 'Entropy',
  entropyHow: '−Σ p · log p in nats; log of the number of classes at most.',
  targetEntropy: 'Entropy of the targets',
  studentEntropy: 'Entropy of the student',
  effective: 'Classes that share the target',
  effectiveHow: 'exp(entropy): 1 where one class has everything.',
  klAt: 'KL at this temperature',
  gradientScale: 'KL · T²',
  gradientScaleHow: 'What the KD loss counts, so that its gradient keeps its size (Hinton 2015).',
  trainedAt: (value: string) => `The run taught at temperature ${value}.`,
  distribution: (who: string) => `Probabilities of ${who}`,
  className: 'Class',

  attention: 'Where both look',
  attentionHelp:
    'Σ F² over the channels of a layer at each place (Zagoruyko 2017), brighter where it is stronger. Framed: the fewest places that hold half of it, the crucial region. For images only.',
  attentionNone:
    'Attention needs maps of places in both networks; at least one of the two has none (an mlp, for instance).',
  layers: 'Layers',
  pairOf: (teacher: string, student: string) => `${teacher} · ${student}`,
  epoch: 'Epoch of the student',
  epochAt: (epoch: string) => `after epoch ${epoch}`,
  keptWeights: 'the weights kept',
  overlapNow: (share: string) => `Overlap of the crucial regions, mean: ${share}`,
  overlapHow: 'Places in both regions, of the places in either (Jaccard).',
  looks: (who: string, place: string, share: string) =>
    `${who} looks most at the ${place}; its crucial region is ${share} of the picture`,
  overlap: 'Overlap',
  strongest: (who: string) => `${who}, strongest at`,
  lookTable: 'The same as a table',
  places: {
    vertical: ['top', 'middle', 'bottom'],
    horizontal: ['left', 'centre', 'right'],
  },
  place: (vertical: string, horizontal: string) => `${vertical} ${horizontal}`,
} as const;

/** The same in the language of the editor. */
export const gapStrings = localised(gapEnglish, translationsOfPage());
