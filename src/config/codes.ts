import type { Severity } from './diagnostic.ts';

export interface CodeEntry {
  readonly title: string;
  readonly severity: Severity;
  /** Why it is reported and what follows from it. */
  readonly meaning: string;
  /** A few lines of a config that show it, and the same lines put right. */
  readonly wrong: string;
  readonly right: string;
}

function error(title: string, meaning: string, wrong: string, right: string): CodeEntry {
  return { title, severity: 'error', meaning, wrong, right };
}
function warning(title: string, meaning: string, wrong: string, right: string): CodeEntry {
  return { title, severity: 'warning', meaning, wrong, right };
}
function information(title: string, meaning: string, wrong: string, right: string): CodeEntry {
  return { title, severity: 'information', meaning, wrong, right };
}

/** Every diagnostic of the config checks. 10xx: the text; 20xx: the
 * language; 21xx: models; 22xx to 24xx: what the values mean together; 30xx: the data. */
export const CODES = {
  KD1001: error(
    'The text is not YAML here',
    'Something stands where YAML 1.2 expects something else. The rest of the file is checked as if it were not there.',
    'train: { epochs: 3 }}',
    'train: { epochs: 3 }',
  ),
  KD1002: error(
    'Tab as indentation',
    'YAML counts spaces; a tab has no width. Nothing is wrong with the content.',
    'train:\n\tepochs: 3',
    'train:\n  epochs: 3',
  ),
  KD1003: error(
    'Quote or bracket is never closed',
    'The text is read as if it were closed at the end of its line.',
    'name: "first try',
    'name: "first try"',
  ),
  KD1004: error(
    'Indentation fits no block',
    'Keys of one block start at the same column.',
    'train:\n  epochs: 3\n   batchSize: 64',
    'train:\n  epochs: 3\n  batchSize: 64',
  ),
  KD1005: error(
    'A key needs a colon and a space',
    'Without them the line is read as a text.',
    'epochs:3',
    'epochs: 3',
  ),
  KD1006: error(
    'Key stands twice',
    'Only the first counts; two values for one key are nearly always a slip.',
    'train: { epochs: 3, epochs: 4 }',
    'train: { epochs: 4 }',
  ),
  KD1007: error(
    'Tags and directives are not read',
    'An experiment file is plain data. Tags could ask for code to run, directives could change how numbers and words are read.',
    'name: !!js/function "f"',
    'name: f',
  ),
  KD1008: error(
    'Alias without its anchor',
    'An alias `*name` repeats a value that was marked `&name` earlier in the file. It cannot hold itself.',
    'train: *usual',
    'train: { epochs: 3 }',
  ),
  KD1009: error(
    'Too many elements',
    'The file, with its aliases expanded, has more elements than any experiment needs. It is not read further.',
    'a: [*b, *b, *b, ...]',
    'a: [1, 2, 3]',
  ),
  KD1010: error(
    'Nested too deep',
    'An experiment file is at most 32 levels deep. What lies deeper is not read.',
    'a: [[[[ ... ]]]]',
    'a: [1]',
  ),
  KD1011: error(
    'File too large',
    'An experiment file has at most 1 MB. Nothing of it is read.',
    '(a file of 5 MB)',
    '(a file below 1 MB)',
  ),
  KD1012: error(
    'Character that no text file holds',
    'NUL, other control characters and half of a surrogate pair are not part of a YAML text.',
    'name: "a\\0"',
    'name: a',
  ),
  KD1013: error(
    'More than one document',
    'A file holds one experiment; only the first document is read.',
    'name: a\n---\nname: b',
    'name: a',
  ),
  KD1014: error(
    'Key is not a word',
    'Keys are plain words. Lists, maps and the merge key `<<` of YAML 1.1 are not; use `extends` for what several files share.',
    '<<: *usual',
    'extends: usual.kd.yaml',
  ),
  KD1015: error(
    'Text needs quotes',
    'A value that starts with a reserved character, or holds a colon and a space, is only a text within quotes.',
    'name: second try: wider',
    'name: "second try: wider"',
  ),
  KD1016: error(
    'The file holds no experiment',
    'An experiment file is a map of keys such as `data`, `models` and `train`.',
    '',
    'name: first\ndata: { ... }\nmodels: { ... }\ndistill: { ... }\ntrain: { epochs: 10 }',
  ),
  KD1017: error(
    'File cannot be read',
    'It does not exist, or reading it is not allowed.',
    'kd run mist.kd.yaml',
    'kd run mnist.kd.yaml',
  ),
  KD1020: error(
    'Base file cannot be read',
    '`extends` names a file, relative to the one it stands in and within the same root.',
    'extends: bsae.kd.yaml',
    'extends: base.kd.yaml',
  ),
  KD1021: error(
    'Base files form a circle',
    'A file cannot extend itself, neither directly nor through others.',
    'extends: itself.kd.yaml',
    'extends: base.kd.yaml',
  ),
  KD1022: error(
    'Too many base files in a chain',
    'A chain of `extends` has at most 8 files.',
    'extends: ninth.kd.yaml',
    'extends: base.kd.yaml',
  ),
  KD1023: error(
    'A partial file cannot run',
    'A file with `partial: true` is a base for others; it may lack keys and is never run itself.',
    'partial: true',
    '(a file of its own with `extends`)',
  ),
  KD1030: error(
    'Override is not `path=value`',
    '`--set` takes a path of keys and list positions, `=`, and a value in YAML.',
    '--set train.epochs:3',
    '--set train.epochs=3',
  ),
  KD1031: error(
    'Override leads nowhere',
    'The path goes through something that is not there: a list position that does not exist, or a key of a plain value.',
    '--set distill.match[7].kd.weight=1',
    '--set distill.match[0].kd.weight=1',
  ),
  KD2001: error(
    'Unknown key',
    'Nothing reads it; most often it is a slip of the pen, and the default would count in silence.',
    'train: { epoch: 3 }',
    'train: { epochs: 3 }',
  ),
  KD2002: error(
    'Missing key',
    'This key has no default that would suit every experiment.',
    'train: { batchSize: 64 }',
    'train: { epochs: 10, batchSize: 64 }',
  ),
  KD2003: error(
    'Wrong type',
    'A number, a text, true or false, a list or a map is expected.',
    'epochs: many',
    'epochs: 10',
  ),
  KD2004: error(
    'Out of range',
    'The value lies outside what the parameter can mean.',
    'kd: { temperature: -4 }',
    'kd: { temperature: 4 }',
  ),
  KD2005: error('Unknown word', 'Only certain words can stand here.', 'optimizer: adm', 'optimizer: adam'),
  KD2006: error(
    'Exactly one of these keys',
    'Each of them says the same thing in another way.',
    'student: { architecture: resnet8, run: latest }',
    'student: { architecture: resnet8 }',
  ),
  KD2007: error(
    'Wrong number of entries',
    'The list is too short or too long.',
    'seeds: []',
    'seeds: [1, 2, 3]',
  ),
  KD2008: error(
    'Not available in this version',
    'The language knows it, the trainer does not yet. Nothing is left out in silence, so the experiment does not start.',
    'task: segmentation',
    'task: classification',
  ),
  KD2009: error(
    'Name not allowed',
    'Names of models are words of letters, digits, `_` and `-`, and begin with a letter; words that JavaScript reserves are refused.',
    'models: { __proto__: { architecture: resnet8 } }',
    'models: { student: { architecture: resnet8 } }',
  ),
  KD2010: error(
    'A word or a one-key map',
    'A choice is a word, or that word with its settings: exactly one key.',
    'optimizer: { sgd: {}, adam: {} }',
    'optimizer: { adam: { learningRate: 0.001 } }',
  ),
  KD2011: warning(
    'Key has a new name',
    'It is read as before. The next version of the language may not know the old name any more.',
    '(the old name)',
    '(the new name)',
  ),
  KD2101: error(
    'Layer does not exist',
    'A layer of a model is named that the model does not have.',
    '[stage4, stage3]',
    '[stage3, stage3]',
  ),
  KD2102: error(
    'Two layers with one path',
    'Each layer of a model has a path of its own.',
    '(two layers called conv1)',
    '(conv1 and conv2)',
  ),
  KD2103: error(
    'Layer reads a layer that does not exist',
    'The inputs of a layer are layers of the same model.',
    '(conv2 reads cnov1)',
    '(conv2 reads conv1)',
  ),
  KD2104: error(
    'Layers are out of order',
    'A layer stands after all that it reads; circles cannot be computed.',
    '(conv2 before conv1)',
    '(conv1 before conv2)',
  ),
  KD2105: error(
    'Wrong number of inputs',
    'A convolution reads one layer, a sum several.',
    '(add reads one layer)',
    '(add reads two layers)',
  ),
  KD2106: error(
    'Shapes do not fit',
    'A layer cannot work on what it is given.',
    '(add of 32x32x16 and 16x16x32)',
    '(add of two layers of one shape)',
  ),
  KD2107: error(
    'Setting of a layer is out of range',
    'For instance a convolution without filters.',
    '(conv with 0 filters)',
    '(conv with 16 filters)',
  ),
  KD2108: error(
    'Model has no proper output',
    'A model ends in a vector of logits, with an embedding before it.',
    '(logits of 8x8x10)',
    '(logits of 10)',
  ),
  KD2109: error(
    'Images are too small for the architecture',
    'After its poolings nothing would be left of them.',
    'architecture: vgg8   # with images of 8x8',
    'architecture: mlp',
  ),
  KD2110: error(
    'Unknown architecture',
    '`kd doctor` and completion list the zoo.',
    'architecture: resnet21',
    'architecture: resnet20',
  ),
  KD2111: error(
    'Settings make no network',
    'For instance a depth that the family does not have.',
    'architecture: { resnet: { depth: 9 } }',
    'architecture: { resnet: { depth: 8 } }',
  ),
  KD2112: error('Model is too large', 'It would not fit into memory.', '(100,000 layers)', '(100 layers)'),
  KD2113: error(
    'Module does not fit the model',
    'The model has no place for the module: nothing of the kind that it changes, groups that do not divide the channels, or the same module twice.',
    'modules: [{ vam: { at: [stage3], groups: 3 } }]',
    'modules: [{ vam: { at: [stage3], groups: 4 } }]',
  ),
  KD2114: error(
    'No such class',
    'A class subset names a class that the data lacks. Classes are written by their name, or by their number, of which 0 is the first.',
    'classes: [cat, dgo]',
    'classes: [cat, dog]',
  ),
  KD2115: error(
    'Classes do not fit one another',
    'Each class of a model stands once; a teacher knows every class of its student; who learns together knows the same classes; a book holds answers to all of them.',
    'models: { teacher: { classes: [0, 1] }, student: { classes: [0, 2] } }',
    'models: { teacher: { classes: [0, 1, 2] }, student: { classes: [0, 2] } }',
  ),
  KD2116: error(
    'A layer that loses neurons is in use',
    'Pruning changes the width of a layer while the model learns. Others that learn beside it, its branches, copies of it, and adapters of that width would not fit any more.',
    'at: [hidden1]   # and - fitnet: { pairs: [[hidden1, hidden1]] }',
    'at: [hidden1]   # and - fitnet: { pairs: [[stage2, stage2]] }',
  ),
  KD2117: error(
    'Network is for another task',
    'Some networks of the zoo tell classes apart, others make whole images of poor ones. `task` says which is asked for.',
    'task: reconstruction   # and architecture: resnet8',
    'task: reconstruction   # and architecture: dccnn-d3c5',
  ),
  KD2118: error(
    'Needs what the task does not have',
    'Where images are the answers there are no classes: no labels, no probabilities, no accuracy. What compares layers, or answers as plain numbers, works all the same. Where classes are the answers, there is no image to compare.',
    'match: [ { kd: {} } ]   # with task: reconstruction',
    'match: [ { logitsL1: {} } ]',
  ),
  KD2201: error(
    'Unknown model',
    '`from`, `to` and `phases` name models that stand under `models`.',
    'distill: { from: techer }',
    'distill: { from: teacher }',
  ),
  KD2202: error(
    'Unknown method',
    'The terms of `distill.match` are methods of the catalogue (`kd methods` lists it).',
    'match: [ { fitnets: {} } ]',
    'match: [ { fitnet: {} } ]',
  ),
  KD2203: error(
    'Unknown layer',
    "Layer paths are the model's own; the message lists them.",
    'pairs: [ [stage4, stage3] ]',
    'pairs: [ [stage3, stage3] ]',
  ),
  KD2204: error(
    'Pair does not fit',
    'The shapes of the two layers differ in a way that the method has no adapter for.',
    'at: { pairs: [ [head, stage3] ] }',
    'at: { pairs: [ [stage3, stage3] ] }',
  ),
  KD2207: error(
    'Class counts differ',
    'A model of an earlier run answers for other classes than the data has.',
    'teacher: { run: cifar100-base }   # with data of 10 classes',
    'teacher: { run: cifar10-base }',
  ),
  KD2208: error(
    'Input sizes differ',
    'A model of an earlier run was made for images of another size or other channels.',
    'teacher: { run: imagenet-base }   # with 32 x 32 images',
    'teacher: { run: cifar10-base }',
  ),
  KD2209: warning(
    'Teacher smaller than student',
    'The teacher has fewer parameters than the student. It may be meant; more often the two are swapped.',
    'teacher: { architecture: resnet8 }\nstudent: { architecture: resnet20 }',
    'teacher: { architecture: resnet20 }\nstudent: { architecture: resnet8 }',
  ),
  KD2210: error(
    'Teacher and student are swapped or the same',
    'A model cannot teach itself in this scheme, and `from: student, to: teacher` trains the wrong one.',
    'distill: { from: student, to: teacher }',
    'distill: { from: teacher, to: student }',
  ),
  KD2211: warning(
    'Model is never used',
    'Nothing trains it and nothing learns from it.',
    'models: { teacher: ..., student: ..., other: ... }',
    'models: { teacher: ..., student: ... }',
  ),
  KD2212: warning(
    'Term has no effect',
    'Its weight is 0, or it starts after the last epoch.',
    'kd: { weight: 0 }',
    'kd: { weight: 0.9 }',
  ),
  KD2213: warning(
    'Said twice',
    'The same pair, layer or term counts double; a larger weight says it once.',
    'pairs: [ [stage3, stage3], [stage3, stage3] ]',
    'pairs: [ [stage3, stage3] ]',
  ),
  KD2214: error(
    'Earlier run cannot be used',
    'No such run lies under `.kd/runs`, or it has no finished model of that name.',
    'teacher: { run: 2026-03-01-base }',
    'teacher: { architecture: resnet20 }',
  ),
  KD2215: error(
    'Phases do not fit together',
    'A phase uses a model before anything has trained it, trains one twice, or asks for more than the loop does.',
    'phases: [ { name: student, train: [student], freeze: [teacher], loss: distill, epochs: 3 } ]',
    'phases:\n  - { name: teacher, train: [teacher], loss: task, epochs: 3 }\n  - { name: student, train: [student], freeze: [teacher], loss: distill, epochs: 3 }',
  ),
  KD2216: error(
    'The student has nothing to learn from',
    'Every weight is 0, so the loss is 0 whatever the student says.',
    'match: []\nhardLabelWeight: 0',
    'match: [ kd ]\nhardLabelWeight: 0.1',
  ),
  KD2217: error(
    'The scheme and its models do not fit together',
    'A scheme says how many teachers there are and in which order models learn; what is named must fit that.',
    'distill: { scheme: offline, from: [large, larger] }',
    'distill: { scheme: multiTeacher, from: [large, larger] }',
  ),
  KD2218: error(
    'A term needs what the scheme lacks',
    'Some methods compare answers with a teacher, some look at a group that learns together; the scheme must have them.',
    'distill: { scheme: self, match: [ kd ] }',
    'distill: { scheme: { self: { bestSoFar: true } }, match: [ kd ] }',
  ),
  KD2219: warning(
    'Teacher knows less than its student',
    'By the record of its run, the teacher is no better than guessing, or a model like the student was better in that same run. A student seldom gets ahead of what it is taught.',
    'teacher: { run: too-short }   # accuracy 0.41; the student alone reached 0.78',
    'teacher: { run: trained-to-the-end }',
  ),
  KD2220: warning(
    'Definition that nothing reads',
    'It is allowed here, but with the rest of the file it has no effect.',
    'data: { strongAugment: [randomFlip] }   # and no method that compares two views',
    'data: {}',
  ),
  KD2221: error(
    'An ensemble of one',
    'The term takes mean and uncertainty from many answers to one sample: of several teachers, or of the random passes of a Bayesian one. A single network gives one answer, and a book holds one.',
    'models: { teacher: { architecture: mlp } }   # and - uncertainty: {}',
    'models: { teacher: { architecture: mlp, modules: [bayesian] } }',
  ),
  KD2222: error(
    'Search that cannot search',
    'A refiner that searches moves in turns of its own on samples of the validation split. It needs such samples, and where `phases` are written, such a turn.',
    'data: { validation: { fraction: 0.0001 } }, distill: { match: [ fitnet: { refine: [ dafa ], ... } ] }',
    'data: { validation: { fraction: 0.1 } }, distill: { match: [ fitnet: { refine: [ dafa ], ... } ] }',
  ),
  KD2230: error(
    'There is nothing to store',
    'A book holds what finished teachers say of the samples of the data. Peers that learn, images that are made, and terms that read more than a page holds have none.',
    'distill: { scheme: { online: { peers: 2 } }, match: [ kd ], book: true }',
    'distill: { match: [ kd ], book: true }',
  ),
  KD2231: error(
    'The named book is another',
    'With `book.name` that book is read or none. It was written for another teacher, other data, another augmentation or precision, or lacks a layer; the message names the first difference.',
    'book: { name: first, precision: float16 }   # first holds float32',
    'book: { name: first }',
  ),
  KD2232: warning(
    'The disk lacks room for the book',
    'Its size follows from samples, views, layers and precision.',
    'book: { views: 100 }',
    'book: { views: 4, precision: float16 }',
  ),
  KD2233: warning(
    'Setting of the book without effect, or against its pages',
    'Views differ only where there is augmentation; keeping as many classes as there are keeps all; pages merged at one temperature are something else at another.',
    'book: { topK: 10 }   # of 10 classes',
    'book: { topK: 3 }',
  ),
  KD2401: warning(
    'Schedule does not fit the training',
    'It ends after the last epoch, or its milestones lie beyond it or out of order.',
    'step: { from: 0.1, milestones: [150, 180], factor: 0.1 }   # with 30 epochs',
    'step: { from: 0.1, milestones: [15, 22], factor: 0.1 }',
  ),
  KD2402: warning(
    'Unusual temperature',
    'Below 1 the answers become sharper, not softer; above 20 they are nearly uniform and little is left to learn from.',
    'kd: { temperature: 0.1 }',
    'kd: { temperature: 4 }',
  ),
  KD2403: warning(
    'Unusual weight or rate',
    'With this size, training rarely gets anywhere.',
    'sgd: { learningRate: 10 }',
    'sgd: { learningRate: 0.05 }',
  ),
  KD2404: error(
    'Seed stands twice',
    'Two runs with one seed are the same run; they would pass for independent evidence.',
    'seeds: [1, 1, 2]',
    'seeds: [1, 2, 3]',
  ),
  KD2405: information(
    'Too few seeds for a verdict',
    'Below three seeds the verdict is always INCONCLUSIVE; below six with the signed rank test at 95 %.',
    'seeds: [1]',
    'seeds: [1, 2, 3]',
  ),
  KD2406: warning(
    'Batch larger than the training split',
    'Every epoch would be one step on a batch that is mostly padding. A student of some classes learns from their samples alone.',
    'train: { batchSize: 8192 }   # with 6,000 images',
    'train: { batchSize: 64 }',
  ),
  KD2407: warning(
    'T² is counted twice',
    'Softened answers have gradients of the size 1/T², and the loss makes up for that already. A weight that holds T² once more drowns the hard labels.',
    'kd: { temperature: 4, weight: 16 }',
    'kd: { temperature: 4, weight: 1 }',
  ),
  KD2408: warning(
    'Two classes leave nothing beside the target',
    'The method compares how the classes beside the true one are ranked. With two classes there is only one, so that part of its loss is always 0.',
    'dkd   # with data of 2 classes',
    'kd    # with data of 2 classes',
  ),
  KD2409: warning(
    'T² is taken out of the loss',
    'Softened answers have gradients of the size 1/T², which the loss makes up for. A weight that is divided by T² leaves the term as weak as if that had been forgotten.',
    'kd: { temperature: 4, weight: 0.05625 }',
    'kd: { temperature: 4, weight: 0.9 }',
  ),
  KD2410: warning(
    'More memory than this machine has',
    'Weights, gradients, the state of the optimizer and the maps of one batch are estimated from the shapes of the layers. The run would page to disk or be ended by the system.',
    'train: { batchSize: 4096 }',
    'train: { batchSize: 64 }',
  ),
  KD2411: warning(
    'Less disk than the run writes',
    'Kept weights and checkpoints of all seeds are estimated from the sizes of the models. A run whose disk is full stops.',
    'compare: { seeds: [1, 2, 3, 4, 5, 6, 7, 8] }',
    'compare: { seeds: [1, 2, 3] }',
  ),
  KD2420: error(
    'Class weights do not fit the classes',
    'A list of weights has one for each class of the data, label 0 first.',
    'classWeights: [1, 2]   # with 10 classes',
    'classWeights: balanced',
  ),
  KD2421: error(
    'More mixing than batches',
    'At most one of mixup and cutmix acts on a batch, each with its probability; together they cannot exceed 1.',
    'mixup: {}\ncutmix: {}',
    'mixup: { probability: 0.5 }\ncutmix: { probability: 0.5 }',
  ),
  KD3001: error(
    'Path does not exist',
    'Paths are relative to the file they stand in.',
    'inputs: dta/train-images',
    'inputs: data/train-images',
  ),
  KD3002: error(
    'Path leaves the root',
    'Everything an experiment reads lies within its root: the nearest folder with `.kd`, else the workspace folder. Links are followed before this is judged.',
    'inputs: ../../other/train-images',
    'inputs: data/train-images',
  ),
  KD3003: error(
    'Not a gzip file',
    'The name ends in `.gz`, but the content is not compressed by gzip, or is damaged.',
    'inputs: train-images.gz',
    'inputs: train-images',
  ),
  KD3004: error(
    'Not an IDX file',
    'An IDX file begins with its magic number: two zero bytes, a type and the number of dimensions.',
    'inputs: photo.png',
    'inputs: train-images-idx3-ubyte',
  ),
  KD3005: error(
    'File is cut short',
    'Its header promises more than it holds. Fetch it again.',
    '(half a download)',
    '(the whole file)',
  ),
  KD3006: error(
    'File is longer than its header says',
    'It is damaged, or another kind of file.',
    '(two files in one)',
    '(one file)',
  ),
  KD3007: error(
    'Nothing in it',
    'The file or folder holds no sample.',
    '(an empty file)',
    '(a file with samples)',
  ),
  KD3008: error(
    'Wrong number of dimensions',
    'Images have two or three dimensions beside their count, labels none.',
    'inputs: train-labels',
    'inputs: train-images',
  ),
  KD3009: error(
    'File is too large',
    'It would not fit into memory.',
    '(a file of 100 GB)',
    '(a smaller file)',
  ),
  KD3010: error(
    'Images and labels differ in number',
    'The two files do not belong together.',
    'labels: t10k-labels   # with train-images',
    'labels: train-labels',
  ),
  KD3011: error(
    'Label is no class',
    'A label is a number from 0 to the number of classes less one.',
    '(label 10 with 10 classes)',
    '(label 9)',
  ),
  KD3012: error(
    'Training and test images differ in shape',
    'One network reads both.',
    '(28x28 and 32x32)',
    '(28x28 and 28x28)',
  ),
  KD3013: error('Value is not finite', 'A pixel is NaN or infinite.', '(NaN)', '(0.5)'),
  KD3014: error(
    'Class without samples',
    'Nothing could be learned about it.',
    '(an empty class folder)',
    '(a folder with images)',
  ),
  KD3015: error(
    'A file where a folder belongs, or the other way',
    'The path exists but is of the other kind.',
    'inputs: data',
    'inputs: data/train-images',
  ),
  KD3016: error(
    'Cannot be read',
    'The system refuses it; the message says why.',
    '(no permission)',
    '(a readable file)',
  ),
  KD3017: error(
    'One class alone',
    'Whoever always names it is right, so nothing can be learned or compared.',
    '(labels that are all 0)',
    '(labels of two classes or more)',
  ),
  KD3018: information(
    'Not checked',
    'The editor never waits for a file. What lies on a disk or network folder that hangs is left unchecked until it answers; the paths of a text that was never saved lead nowhere until it has a folder.',
    '(a folder on a server that is down)',
    '(a folder that answers)',
  ),
  KD3020: error(
    'No class folders',
    'An image folder has one folder a class.',
    '(images directly in train)',
    '(train/cat, train/dog)',
  ),
  KD3021: error('Image cannot be read', 'It is neither PNG nor JPEG, or damaged.', '(cat.webp)', '(cat.png)'),
  KD3022: error(
    'Images differ in size',
    'Set `data.size`, or bring them to one size.',
    'data: { format: image-folder, ... }',
    'data: { format: image-folder, size: 32, ... }',
  ),
  KD3023: error(
    'Class is not in the training data',
    'The test folder has a class that training never saw.',
    '(test/bird)',
    '(test/cat)',
  ),
  KD3030: error(
    'Split is empty',
    'The fraction or the limit leaves no sample.',
    'validation: { fraction: 0.0001 }',
    'validation: { fraction: 0.1 }',
  ),
  KD3031: error(
    'A group has samples of two classes',
    'A group is kept in one split as a whole; one of two classes is a slip in the labels or too coarse a group.',
    '(scan_7.png in F0 and scan_7_copy.png in F1)',
    '(both in F0)',
  ),
  KD3032: error(
    'Test samples are among the training samples',
    'The same picture stands in both, so the test accuracy says too much. Copies are found by their bytes, and by their looks where size, encoding, brightness or contrast differ.',
    'duplicates: refuse   # with a test image among the training images',
    'duplicates: drop',
  ),
  KD3033: error(
    'Groups cannot be read',
    'The table lacks a column or a row, or samples without names are to be grouped by name.',
    'data: { format: idx, groupBy: stem }',
    'data: { format: idx, groupBy: { table: { file: patients.csv } } }',
  ),
  KD3034: error(
    'A group stands in training and test',
    'Samples of one group (a patient, an examination) resemble one another, so a model that learned from some is judged too well by the others. Looked for where training and test have files of their own; a table counts where it names the test files too.',
    'test: { folder: test }   # with scans of one patient in both folders',
    'test: { fraction: 0.2 }',
  ),
} as const satisfies Readonly<Record<string, CodeEntry>>;

export type Code = keyof typeof CODES;
