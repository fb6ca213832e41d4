import { slicedFiles } from './data.mjs';

/**
 * What `npm run results` compares: one entry a row of the table. An entry is the part of an experiment file in which the row
 * differs from its base, so a new row, also with another scheme, other models or other data, is one more entry.
 *
 * Settings are the catalogue's defaults, which are the papers'. What stands here beside them is the paper's too (where the
 * weight of the hard labels belongs to the recipe), or names layers of these networks.
 */

/**
 * @typedef {{
 *   name: string,
 *   covers?: string,
 *   base?: keyof typeof BASES,
 *   teacher?: string | null,
 *   ownBaseline?: boolean,
 *   warns?: readonly string[],
 *   config: { distill: { match: unknown[] } & Record<string, unknown> } & Record<string, unknown>,
 * }} System
 *
 * - `name`: group and name; what `--only` looks for and what the config file is called after.
 * - `covers`: the method, refiner or generator's loss whose page shows the row; left out: the last part of the name.
 * - `teacher`: which of the base's teachers teaches; left out: `wide`; null: none.
 * - `ownBaseline`: the student has another budget, shape or rate than the others, so its baseline is trained in its own run.
 * - `warns`: codes of the warnings that its experiment gives on purpose.
 * - `config`: merged over the base, key by key.
 */

const TRAINING_EPOCHS = 24;
/** Where three trainings of the others' epochs take longer than 35 s: no training takes ten seconds, and the table no hour. */
const BRIEF_EPOCHS = 8;
/** Of each block and of each joint training: the student learns for seven times as many, and so does its baseline. */
const GRAFT_EPOCHS = 12;
const TEACHER_EPOCHS = 12;
const BATCH = 64;

const sgd = (epochs, from = 0.05) => ({
  sgd: {
    learningRate: { cosine: { from, to: from / 100, over: { epochs } } },
    momentum: 0.9,
    weightDecay: 5e-4,
  },
});

const adam = (epochs) => ({
  adam: { learningRate: { cosine: { from: 2e-3, to: 1e-4, over: { epochs } } } },
});

/** Where images are the answers: epochs of a student, those of them that layers teach alone where two stages do, and of a teacher. */
const IMAGE_EPOCHS = 12;
const LAYER_EPOCHS = 3;
const IMAGE_TEACHER_EPOCHS = 8;

const BRIEF_BASE = 'fashion-mnist-brief';
/** Rows of it, beside the two of plain `kd`. */
const BRIEF_ROWS = new Set([
  'response/ccd',
  'response/jointAugmentation',
  'response/uncertainty',
  'response/consKd',
  'response/mlkd',
  'feature/fitnet',
  'feature/nst',
  'feature/ab',
  'feature/ft',
  'feature/ftOfficial',
  'feature/vid',
  'feature/ofd',
  'feature/reviewkd',
  'feature/semckd',
  'feature/crd',
  'feature/ccskd',
  'relation/kdsvd',
  'relation/irg',
  'relation/gemd',
  'relation/mhgd',
  'online/dml',
  'online/codistillation',
  'online/okddip',
  'online/sftn',
  'adversarial/afd',
  'refine/simplifier-dkd-crd-at',
  'refine/sokd-fitnet',
  'refine/sokd-at',
  'refine/sokd-reviewkd',
  'refine/sokd-dkd',
  'refine/dam',
  'explain/experts',
  'data-free/dafl',
  'data-free/dfad',
]);

/** Of the 60,000 training images, which are in no order. */
const SLICES = { student: { from: 0, to: 3000 }, teacher: { from: 30_000, to: 52_000 } };
/** What students see of it. */
const STUDENT_IMAGES = {
  format: 'idx',
  train: slicedFiles('fashion-mnist', SLICES.student),
  test: {
    inputs: 'data/fashion-mnist/t10k-images-idx3-ubyte.gz',
    labels: 'data/fashion-mnist/t10k-labels-idx1-ubyte.gz',
  },
};

/** A small VGG-8 on few images of Fashion-MNIST. */
const fashion = (epochs, doc, kd) => ({
  doc,
  data: 'fashion-mnist',
  slices: SLICES,
  reference: kd.wide,
  plain: 'kd',
  teachers: {
    wide: { trainedBy: 'teachers/wide', kd: kd.wide, architecture: { vgg8: { width: 16 } } },
    // For methods that compare channel by channel and adapt nothing, or do much with every stage: each as wide as the student's.
    deep: {
      trainedBy: 'teachers/deep',
      kd: kd.deep,
      architecture: { vgg: { depth: 13, width: 2 } },
    },
  },
  config: {
    data: {
      ...STUDENT_IMAGES,
      // 2,000 images to learn from and 1,000 to choose weights by: few enough for a teacher to matter. All 10,000 test images.
      validation: { fraction: 1 / 3 },
    },
    models: { student: { architecture: { vgg8: { width: 2 } } } },
    train: { epochs, batchSize: BATCH, optimizer: sgd(epochs), seed: 1 },
    compare: { baseline: true, seeds: [1, 2, 3] },
    measure: { gap: false, similarity: false },
  },
});

/**
 * What rows have in common. `doc`: what the page says of it. `data` is where the files come from, see data.mjs. The run of the row
 * that a teacher is `trainedBy` trains it for all rows that it teaches, `kd` is plain kd with that teacher; the run of the base's
 * `reference` row trains the student alone for all rows, and teaches by the method `plain`.
 */
export const BASES = {
  'fashion-mnist': fashion(
    TRAINING_EPOCHS,
    [
      'Data: Fashion-MNIST (Xiao, Rasul, Vollgraf 2017, arXiv:1708.07747). The student has 2,000 images to learn from and 1,000 to choose weights by; all 10,000 test images judge it. Teachers were trained before, on 20,000 other images: what a teacher is for, where few samples are at hand. Student: VGG-8 with 2 filters in its first stage, 24 epochs. Teacher: VGG-8 with 16, 12 epochs; for methods that compare channel by channel and adapt nothing, and for `semckd`, `sokd-at` and `sokd-reviewkd`, whose sixteen projections to the wide one or regions on four of its maps take long, VGG-13 with 2. Teachers that a row trains itself (a student-aware, reversed or defective teacher, an assistant, a twin, peers) see the student’s images alone.',
      'The setting was chosen on other training images, none of the test split: with 4,000 images that the teacher had learned from too, plain `kd` moved a student by 0.3 points, which shows nothing of any method; with a teacher of more images it moved two sizes of student (2 and 4 filters) by 2.3 and 2.4, and the smaller was taken. No method but plain `kd` was looked at, and none was tuned, but for three rows whose students ended at chance on their validation images: `refine/simplifier-dkd`, `refine/simplifier-dkd-crd-at` and `modules/prune` learn, like their baselines, at a fifth of the rate. Each has the defaults of the catalogue, which are its paper’s or its authors’, under the scheme that it needs. They were found for larger networks, more data and longer training.',
    ],
    { wide: 'response/kd', deep: 'equal-channels/kd' },
  ),
  [BRIEF_BASE]: fashion(
    BRIEF_EPOCHS,
    [
      `The same data, teachers and student for ${BRIEF_EPOCHS} epochs: rows whose steps take so long that ${TRAINING_EPOCHS} epochs would take about ten seconds or more. They are set beside the student alone and plain \`kd\` of as many epochs, \`brief/kd\` and, taught by the VGG-13, \`brief/equal-channels-kd\`; in so few epochs accuracies are lower, and less alike from seed to seed. The setting was taken for time alone.`,
    ],
    { wide: 'brief/kd', deep: 'brief/equal-channels-kd' },
  ),
  'digit-words': {
    doc: [
      'Data: words of two MNIST digits side by side at half their resolution (01, 10, 07, 70, 17, 71), 720 training images, 180 to validate, 300 test images: the sample project holds them. Student: a convnet of 4 and 6 filters that reads words by CTC; teacher: the same with 16 and 32. Each row trains its teacher itself, as long as its student; words/ctc is plain kd on the scores of the words.',
    ],
    data: 'digit-words',
    slices: {},
    reference: 'words/ctc',
    plain: 'kd',
    teachers: {},
    config: {
      data: {
        format: 'idx',
        train: {
          inputs: 'data/digit-words/train-words-idx3-ubyte.gz',
          labels: 'data/digit-words/train-word-labels-idx1-ubyte.gz',
        },
        test: {
          inputs: 'data/digit-words/t10k-words-idx3-ubyte.gz',
          labels: 'data/digit-words/t10k-word-labels-idx1-ubyte.gz',
        },
        classes: ['01', '10', '07', '70', '17', '71'],
        validation: { fraction: 0.2 },
      },
      models: {
        teacher: { architecture: { convnet: { filters: [16, 32], hidden: [] } } },
        student: { architecture: { convnet: { filters: [4, 6], hidden: [] } } },
      },
      train: { epochs: TRAINING_EPOCHS, batchSize: BATCH, optimizer: sgd(TRAINING_EPOCHS), seed: 1 },
      compare: { baseline: true, seeds: [1, 2, 3] },
      measure: { gap: false, similarity: false },
    },
  },
  'undersampled-images': {
    doc: [
      'Data: Fashion-MNIST from a quarter of each image’s spectrum, whole images the answer, judged by PSNR: 600 of the student’s images to learn from, 300 to choose weights by, 1,000 test images. Student: a cascade of three networks of three convolutions with 4 filters and the measured part of the spectrum put back in between (DC-CNN); teacher: the same with five convolutions of 8. Sizes were chosen by time alone, so that a training takes some ten seconds. Each row trains its teacher itself, on the same images. reconstruction/logitsL1 imitates the teacher’s images and is what the others are set beside; reconstruction/at imitates a layer of each cascade too; reconstruction/two-stages first the layers alone, then the images, as reconstruction/sft-kd-recon does with a teacher that learned with the student’s cascades and leaves them as its start.',
    ],
    data: 'fashion-mnist',
    slices: { student: SLICES.student },
    reference: 'reconstruction/logitsL1',
    plain: 'logitsL1',
    teachers: {},
    config: {
      task: { reconstruction: { degradation: { undersampling: { acceleration: 4 } }, loss: 'l1' } },
      data: {
        ...STUDENT_IMAGES,
        limit: { train: 900, test: 1000 },
        validation: { fraction: 1 / 3 },
      },
      models: {
        teacher: {
          architecture: { dccnn: { cascades: 3, depth: 5, filters: 8 } },
          train: { epochs: IMAGE_TEACHER_EPOCHS, optimizer: adam(IMAGE_TEACHER_EPOCHS) },
        },
        student: { architecture: { dccnn: { cascades: 3, depth: 3, filters: 4 } } },
      },
      train: { epochs: IMAGE_EPOCHS, batchSize: 16, optimizer: adam(IMAGE_EPOCHS), seed: 1 },
      compare: { baseline: true, seeds: [1, 2, 3] },
      measure: { gap: false, similarity: false },
    },
  },
};

/** Layers of both networks that see images of the same size. */
const same = (...layers) => layers.map((layer) => [layer, layer]);
/** The maps that RepDistiller's recipes match in VGG: all stages after the first. */
const STAGES = same('stage2', 'stage3', 'stage4', 'stage5');
const HINT = same('stage3');
const LAST_MAP = same('stage5');
const EMBEDDING = same('head.pool');
/** Answers: the one layer of teacher and student with the same shape. */
const ANSWERS = same('head.fc');
/** Maps before the rectification, straight from batch norm. */
const BEFORE_RELU = same('stage2.bn1', 'stage3.bn1', 'stage4.bn1', 'stage5.bn1');

const STUDENT = BASES['fashion-mnist'].config.models.student;
/** Both networks read words. */
const READERS = { teacher: { modules: ['ctc'] }, student: { modules: ['ctc'] } };
/** A teacher beside the one of all rows: half as wide, and it has seen the student's images alone. */
const SECOND = { second: { architecture: { vgg8: { width: 8 } } } };
const taughtByBoth = (combine) => ({
  scheme: { multiTeacher: { combine } },
  from: ['teacher', 'second'],
});
/** Augmentation that is searched for an epoch, and regions. */
const SOKD = [{ dafa: { searchEpochs: 1 } }, 'dam'];
/** A fifth of the rate of the other rows, under which these students end at chance, as their validation images show. */
const slower = (epochs) => ({ optimizer: sgd(epochs, 0.01) });
/** Of an epoch. */
const STEPS = Math.ceil(2000 / BATCH);
const GENERATOR_FILTERS = 16;
/** Of each cascade, as the code of SFT-KD-Recon compares them: the third layer of the teacher, the second of the student. */
const CASCADES = ['cascade1', 'cascade2', 'cascade3'].map((name) => [`${name}.relu3`, `${name}.relu2`]);
const IMAGES = { logitsL1: { weight: 1 } };

/**
 * The term that the row is named after, taught by a frozen teacher unless `distill` says otherwise.
 *
 * @param {string} name
 * @param {Record<string, unknown>} [settings] of the term
 * @param {Record<string, unknown>} [distill]
 * @returns {System}
 */
const offline = (name, settings = {}, distill = {}) => ({
  name,
  config: { distill: { ...distill, match: [{ [name.split('/')[1]]: settings }] } },
});
/** A second view of each sample, shifted. */
const twoViews = (name, term = { [name.split('/')[1]]: {} }) => ({
  name,
  config: { data: { strongAugment: [{ randomCrop: { padding: 2 } }] }, distill: { match: [term] } },
});
/** Taught by the teacher with the student's channels. */
const equal = (name, settings = {}) => ({ ...offline(name, settings), teacher: 'deep' });
/**
 * Plain `kd` of the rows with fewer epochs.
 *
 * @returns {System}
 */
const brief = (name, teacher) => ({
  ...offline('response/kd'),
  name,
  teacher,
  covers: 'kd',
  base: BRIEF_BASE,
});
/** Peers of the student's kind, no teacher. */
const online = (name, scheme = {}) => ({
  ...offline(name, {}, { scheme: { online: { peers: 2, ...scheme } } }),
  teacher: null,
});
const self = (name, settings = {}, scheme = {}) => ({
  ...offline(name, settings, { scheme: { self: scheme } }),
  teacher: null,
});
/** Branches on the student. */
const branches = (name, scheme) => ({
  ...offline(name, {}, { scheme: { branches: scheme } }),
  teacher: null,
});

/** The student with a module, taught by plain kd. */
const withModule = (name, settings, distill = {}) => ({
  name,
  config: {
    models: { student: { modules: [{ [name.split('/')[1]]: settings }] } },
    distill: { match: [{ kd: {} }], ...distill },
  },
});
/** From one to the other over the whole training. */
const linear = (from, to) => ({ linear: { from, to, over: { epochs: TRAINING_EPOCHS } } });

/** A teacher trained before, on images that no student sees. */
const trainedBefore = (teacher) => ({
  name: `teachers/${teacher}`,
  covers: 'teacher',
  teacher,
  config: {
    data: { train: slicedFiles('fashion-mnist', SLICES.teacher), validation: { fraction: 1 / 11 } },
    distill: { match: [{ kd: {} }] },
    train: { epochs: TEACHER_EPOCHS, optimizer: sgd(TEACHER_EPOCHS) },
    phases: [{ name: 'teacher', train: ['teacher'], loss: 'task', seeds: 'once', epochs: TEACHER_EPOCHS }],
  },
});

/**
 * A student of images that learns from layers alone, then from images, after its teacher's phase.
 *
 * @returns {System}
 */
const twoStages = (name, covers, teacher, start) => ({
  name: `reconstruction/${name}`,
  covers,
  base: 'undersampled-images',
  teacher: null,
  ownBaseline: true,
  config: {
    distill: { match: [IMAGES], hardLabelWeight: 1 },
    phases: [
      {
        name: 'teacher',
        ...teacher,
        epochs: IMAGE_TEACHER_EPOCHS,
        settingsOf: 'teacher',
        seeds: 'once',
      },
      {
        name: 'student-features',
        train: [{ student: { as: 'student-features', ...start } }],
        freeze: ['teacher'],
        loss: 'distill',
        epochs: LAYER_EPOCHS,
        match: [{ at: { pairs: CASCADES } }],
        hardLabelWeight: 0,
        optimizer: adam(LAYER_EPOCHS),
      },
      {
        name: 'student',
        train: [{ student: { as: 'student', continues: 'student-features' } }],
        freeze: ['teacher'],
        loss: 'distill',
        epochs: IMAGE_EPOCHS - LAYER_EPOCHS,
        optimizer: adam(IMAGE_EPOCHS - LAYER_EPOCHS),
      },
      { name: 'baseline', train: [{ student: 'fresh' }], loss: 'task', epochs: IMAGE_EPOCHS },
    ],
  },
});

/** @type {readonly System[]} */
const ROWS = [
  trainedBefore('wide'),
  trainedBefore('deep'),

  offline('response/kd'),
  offline('response/logitsMse'),
  offline('response/logitsL1'),
  offline('response/dkd'),
  offline('response/nkd'),
  offline('response/wsld'),
  offline('response/dist'),
  offline('response/skdSpherical'),
  offline('response/skdStreamlined'),
  offline('response/ctkd'),
  offline('response/selective'),
  offline('response/ace'),
  offline('response/pesfkd', { pairs: EMBEDDING }),
  twoViews('response/ccd'),
  // Without a weight by what the teacher says of the two.
  { ...twoViews('response/jointAugmentation', { ccd: { confidence: false } }), covers: 'ccd' },
  twoViews('response/consKd'),
  {
    // The teacher answers by random passes, so the row trains one of its own.
    name: 'response/uncertainty',
    teacher: null,
    config: {
      models: { teacher: { architecture: { vgg8: { width: 16 } }, modules: [{ bayesian: {} }] } },
      distill: { match: [{ uncertainty: {} }] },
      measure: { uncertainty: true },
    },
  },
  {
    name: 'response/mlkd',
    config: {
      data: { strongAugment: [{ randomCrop: { padding: 2 } }] },
      distill: { match: [{ mlkd: {} }] },
    },
  },
  {
    name: 'response/takd',
    config: {
      models: { assistant: { architecture: { vgg8: { width: 6 } } } },
      distill: { scheme: { chain: { through: ['teacher', 'assistant', 'student'] } }, match: [{ takd: {} }] },
    },
  },
  ...['average', 'random', 'byQuality', { weights: [3, 1] }].map((combine) => ({
    name: `multi-teacher/${typeof combine === 'string' ? combine : 'weights'}`,
    covers: 'multiTeacher',
    config: { models: SECOND, distill: { ...taughtByBoth(combine), match: [{ kd: {} }] } },
  })),
  {
    // Answers of one, maps of the other.
    name: 'multi-teacher/split',
    covers: 'multiTeacher',
    config: {
      models: SECOND,
      distill: {
        ...taughtByBoth('average'),
        match: [{ kd: { from: 'teacher' } }, { at: { from: 'second', pairs: STAGES } }],
      },
    },
  },
  {
    name: 'response/bookKd',
    config: { distill: { scheme: 'book', match: [{ bookKd: {} }] } },
  },

  {
    // How the pipeline for small sets of medical images trains, its baseline too; its splits keep copies together wherever they are.
    name: 'response/leakSafe',
    covers: 'kd',
    ownBaseline: true,
    config: {
      distill: { match: [{ kd: { temperature: 3, weight: 0.6 } }], hardLabelWeight: 0.4 },
      train: {
        optimizer: {
          adamW: {
            learningRate: { plateau: { from: 2e-3, factor: 0.5, minimum: 1e-6, by: 'macroF1', patience: 3 } },
            weightDecay: 1e-4,
            decayOf: 'kernels',
          },
        },
        classWeights: 'balanced',
        labelSmoothing: { amount: 0.1, weights: 'sample' },
        mixup: { alpha: 0.2 },
        selectBy: 'macroF1',
        earlyStopping: { by: 'macroF1', patience: 8 },
      },
    },
  },

  // The same with the other teacher, for the methods that it teaches.
  equal('equal-channels/kd'),
  brief('brief/kd', 'wide'),
  brief('brief/equal-channels-kd', 'deep'),

  offline('feature/fitnet', { pairs: HINT }),
  offline('feature/at', { pairs: STAGES }),
  offline('feature/nst', { pairs: STAGES }),
  offline('feature/ab', { pairs: BEFORE_RELU }),
  offline('feature/ft', { pairs: LAST_MAP }),
  offline('feature/ftOfficial', { pairs: LAST_MAP }),
  offline('feature/vid', { pairs: STAGES }),
  offline('feature/ofd', { pairs: BEFORE_RELU }),
  equal('feature/ofdOfficial', { pairs: BEFORE_RELU }),
  offline('feature/reviewkd', { pairs: [...STAGES, ...EMBEDDING] }),
  offline('feature/reviewkdHcl', { pairs: ANSWERS }),
  equal('feature/semckd', { pairs: STAGES }),
  offline('feature/simkd', { pairs: LAST_MAP }),
  offline('feature/srrl', { pairs: EMBEDDING }),
  offline('feature/crd', { pairs: EMBEDDING }),
  offline('feature/l1', { pairs: ANSWERS }),
  offline('feature/l2', { pairs: ANSWERS }),
  offline('feature/huber', { pairs: ANSWERS }),
  offline('feature/cosine', { pairs: ANSWERS }),
  offline('feature/correlation', { pairs: ANSWERS }),
  offline('feature/mmd', { pairs: ANSWERS }),
  offline('feature/earthMover', { pairs: ANSWERS }),
  {
    // The whole recipe, its beginning at epoch 60 of 200 brought to the length of these.
    name: 'feature/ccskd',
    config: {
      distill: {
        match: [
          { ccskd: { pairs: STAGES } },
          { selective: { start: Math.round(TRAINING_EPOCHS * 0.3) } },
          { kd: { temperature: 1, weight: 0.1 } },
        ],
      },
    },
  },
  equal('feature/csc', { pairs: LAST_MAP }),

  equal('relation/fsp', { pairs: STAGES }),
  equal('relation/kdsvd', { pairs: STAGES }),
  offline('relation/rkd', { pairs: EMBEDDING }),
  offline('relation/rkdDistance', { pairs: EMBEDDING }),
  offline('relation/rkdAngle', { pairs: EMBEDDING }),
  offline('relation/sp', { pairs: LAST_MAP }),
  offline('relation/cc', { pairs: EMBEDDING }),
  offline('relation/ccKernel', { pairs: EMBEDDING }),
  offline('relation/pkt', { pairs: EMBEDDING }),
  offline('relation/irg', { pairs: [...STAGES, ...EMBEDDING] }),
  offline('relation/darkrank', { pairs: EMBEDDING }),
  equal('relation/mhgd', { pairs: STAGES }),
  offline('relation/gemd', { pairs: STAGES }),
  offline('relation/frobenius', { pairs: EMBEDDING }),
  offline('relation/angleWise', { pairs: EMBEDDING }),

  online('online/dml'),
  online('online/codistillation', { exchange: { steps: 50 } }),
  online('online/okddip', { peers: 3 }),
  {
    // The teacher learns with branches of the student's layers, then teaches.
    name: 'online/sftn',
    teacher: null,
    config: {
      models: { teacher: { architecture: { vgg8: { width: 16 } } } },
      distill: {
        scheme: {
          studentAware: {
            branches: [
              ['stage3', 'stage3'],
              ['stage4', 'stage4'],
            ],
          },
        },
        match: [{ kd: {} }],
      },
    },
  },
  {
    // As many epochs as everywhere else: half of them before the student teaches back, half after.
    name: 'online/interactive',
    teacher: null,
    config: {
      distill: {
        scheme: { interactive: { assistants: 3, rounds: 1, epochs: TRAINING_EPOCHS / 2 } },
        match: [{ kd: {} }],
      },
      train: { epochs: TRAINING_EPOCHS / 2, optimizer: sgd(TRAINING_EPOCHS / 2) },
    },
  },
  branches('online/one', { copies: { count: 3, at: 'stage3' } }),

  self('self/labelSmoothing'),
  self('self/tfkdReg'),
  {
    // The same network, trained before: self-training.
    name: 'self/tfkdSelf',
    teacher: null,
    config: {
      models: { twin: STUDENT },
      distill: { from: 'twin', match: [{ tfkdSelf: {} }] },
    },
  },
  self('self/snapshot', {}, { earlier: { epochs: TRAINING_EPOCHS / 3 } }),
  self('self/adaptiveSmoothing', {}, { bestSoFar: true }),
  offline('self/cskd', { layers: ['head.pool'] }),
  {
    // Teachers as they should not be: smaller than the student, and hardly trained.
    name: 'self/reversed',
    covers: 'kd',
    teacher: null,
    warns: ['KD2209'],
    config: {
      models: { teacher: { architecture: { vgg8: { width: 1 } } } },
      distill: { match: [{ kd: {} }] },
    },
  },
  {
    name: 'self/defective',
    covers: 'kd',
    teacher: null,
    config: {
      models: { teacher: { architecture: { vgg8: { width: 16 } }, train: { epochs: 1 } } },
      distill: { match: [{ kd: {} }] },
    },
  },
  self('self/sad', { layers: ['stage2', 'stage3', 'stage4'] }),
  branches('self/byot', { exits: ['stage2', 'stage3', 'stage4'] }),
  offline('self/kdexplainerMidcls', { layers: ['stage3'] }),
  // Clothes, trousers, shoes, bags.
  offline('self/kdexplainerHier', {
    layers: ['stage3'],
    clusters: [[[0, 2, 3, 4, 6], [1], [5, 7, 9], [8]]],
  }),

  offline('adversarial/gankd', {}, { scheme: 'adversarial' }),
  {
    name: 'adversarial/afd',
    teacher: null,
    config: {
      distill: {
        scheme: { online: { peers: 2 } },
        match: [{ dml: {} }, { afd: { pairs: LAST_MAP } }],
      },
    },
  },

  {
    name: 'refine/logitStandardization',
    config: { distill: { refine: ['logitStandardization'], match: [{ kd: {} }] } },
  },
  {
    // The labels hold the target, which would follow the student.
    name: 'refine/simplifier',
    config: { distill: { refine: ['simplifier'], match: [{ kd: {} }], hardLabelWeight: 1 } },
  },
  {
    name: 'refine/simplifier-dkd',
    covers: 'simplifier',
    ownBaseline: true,
    config: {
      distill: { refine: ['simplifier'], match: [{ dkd: {} }], hardLabelWeight: 1 },
      train: slower(TRAINING_EPOCHS),
    },
  },
  {
    name: 'refine/simplifier-dkd-crd-at',
    covers: 'simplifier',
    ownBaseline: true,
    config: {
      train: slower(BRIEF_EPOCHS),
      distill: {
        refine: ['simplifier'],
        match: [{ dkd: {} }, { crd: { pairs: EMBEDDING } }, { at: { pairs: STAGES } }],
        hardLabelWeight: 1,
      },
    },
  },
  {
    name: 'refine/extractive',
    config: {
      distill: {
        refine: ['extractive'],
        match: [{ kd: { temperature: 1, weight: 7.2 } }],
        hardLabelWeight: 0.1,
      },
    },
  },

  // The code tree searches for 20 of 240 epochs; here for 1 of 8.
  ...['fitnet', 'at', 'reviewkd'].map((method) => ({
    name: `refine/sokd-${method}`,
    ...(method === 'fitnet' ? {} : { teacher: 'deep' }),
    covers: 'dafa',
    config: {
      distill: {
        match: [{ [method]: { pairs: method === 'fitnet' ? HINT : STAGES, refine: SOKD } }],
      },
    },
  })),
  {
    name: 'refine/sokd-dkd',
    covers: 'dafa',
    config: { distill: { match: [{ dkd: {} }, { fitnet: { pairs: HINT, refine: SOKD } }] } },
  },
  {
    name: 'refine/dam',
    config: { distill: { match: [{ fitnet: { pairs: HINT, refine: ['dam'] } }] } },
  },

  {
    // About as many parameters as the student of the other rows has; the paper’s loss, its temperature 10 / epoch.
    name: 'explain/experts',
    ownBaseline: true,
    config: {
      models: {
        student: {
          architecture: {
            experts: { experts: [2, 4], filters: [4], hidden: [4], dropout: 0, annealingSteps: STEPS },
          },
        },
      },
      distill: { match: [{ kd: { temperature: 4, weight: 0.9 } }], hardLabelWeight: 0.1 },
    },
  },

  {
    // 50 samples a class, the most of the paper’s table; student and baseline learn for as many epochs.
    name: 'few-shot/grafting',
    covers: 'netgraft',
    ownBaseline: true,
    config: {
      models: { student: { modules: [{ joints: { at: ['stage2', 'stage3', 'stage4'] } }] } },
      distill: {
        scheme: {
          grafting: {
            blocks: same('stage2', 'stage3', 'stage4'),
            epochs: GRAFT_EPOCHS,
            jointEpochs: GRAFT_EPOCHS,
            shots: 50,
          },
        },
        match: [{ netgraft: {} }],
        hardLabelWeight: 0,
      },
    },
  },

  { ...withModule('modules/joints', { at: ['stage2', 'stage3', 'stage4'] }), ownBaseline: true },
  { ...withModule('modules/vam', { at: ['stage3', 'stage4', 'stage5'], groups: 2 }), ownBaseline: true },
  // Ternary weights from the first step on, with the share of the soft targets lowered to nothing.
  {
    ...withModule(
      'modules/quantize',
      {},
      { match: [{ kd: { weight: linear(1, 0) } }], hardLabelWeight: linear(0, 1) },
    ),
    ownBaseline: true,
  },

  {
    // Four of the ten classes: its baseline learns and is tested on these alone, and plain kd is none of its kind.
    name: 'modules/class-subset',
    covers: 'cskd',
    ownBaseline: true,
    config: {
      models: { student: { ...STUDENT, classes: [0, 2, 4, 6] } },
      distill: { match: [{ cskd: { layers: ['head.pool'] } }] },
    },
  },
  {
    // A hidden layer that begins wide. The zoo's VGG has none, so teacher and student are convnets, which normalise nothing.
    name: 'modules/prune',
    teacher: null,
    ownBaseline: true,
    config: {
      models: {
        teacher: { architecture: { convnet: { filters: [16, 32], hidden: [64] } } },
        student: {
          architecture: { convnet: { filters: [2, 4], hidden: [64] } },
          modules: [{ prune: { at: ['hidden1'], weight: 0.01 } }],
        },
      },
      train: slower(TRAINING_EPOCHS),
      distill: { match: [{ kd: {} }] },
    },
  },

  // The student drops activations also where it answers: one more than its baseline of the base.
  { ...withModule('modules/bayesian', { at: ['head.pool'], rate: 0.1 }), ownBaseline: true },

  {
    name: 'words/ctc',
    base: 'digit-words',
    teacher: null,
    config: { models: READERS, distill: { match: [{ kd: {} }] } },
  },
  {
    name: 'words/consKdCtc',
    base: 'digit-words',
    teacher: null,
    config: {
      data: { strongAugment: [{ randomCrop: { padding: 1 } }] },
      models: READERS,
      distill: { match: [{ consKdCtc: { pairs: same('frames') } }] },
    },
  },

  {
    name: 'reconstruction/logitsL1',
    base: 'undersampled-images',
    teacher: null,
    config: { distill: { match: [IMAGES], hardLabelWeight: 1 } },
  },
  {
    name: 'reconstruction/at',
    base: 'undersampled-images',
    teacher: null,
    config: { distill: { match: [{ at: { pairs: CASCADES } }, IMAGES], hardLabelWeight: 1 } },
  },
  twoStages('two-stages', 'at', { train: ['teacher'], loss: 'task' }, {}),
  twoStages(
    'sft-kd-recon',
    'sftn',
    {
      train: [
        {
          teacher: {
            as: 'teacher',
            branches: {
              tails: { of: 'student', at: same('cascade1', 'cascade2'), shared: true, labels: 1 },
            },
          },
        },
      ],
      loss: 'distill',
      source: { itself: {} },
      match: [{ sftn: { compare: 'images' } }],
      hardLabelWeight: 1,
    },
    { continues: 'teacher-tails' },
  ),

  // As many steps as everywhere else, the generator's among them. With the papers' 128 filters one training would take minutes.
  {
    name: 'data-free/dafl',
    config: {
      distill: {
        scheme: { dataFree: { generator: 'dafl', filters: GENERATOR_FILTERS, stepsPerEpoch: STEPS } },
        match: [{ kd: { temperature: 1, weight: 1 } }],
        hardLabelWeight: 0,
      },
    },
  },
  {
    name: 'data-free/dfad',
    config: {
      distill: {
        scheme: {
          dataFree: { generator: 'dfad', filters: GENERATOR_FILTERS, studentSteps: 5, stepsPerEpoch: STEPS },
        },
        match: [{ logitsL1: {} }],
        hardLabelWeight: 0,
      },
    },
  },
];

/** All rows of the table, in its order. @type {readonly System[]} */
export const SYSTEMS = ROWS.map((row) => (BRIEF_ROWS.has(row.name) ? { ...row, base: BRIEF_BASE } : row));
