import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { join } from 'node:path';
import { loadExperiment } from '../../src/config/load.ts';
import { createWorkspace, HEALTHY, type ConfigWorkspace } from './workspace.ts';

let workspace: ConfigWorkspace;
beforeAll(() => {
  workspace = createWorkspace();
  workspace.write('overlay.kd.yaml', 'extends: base.kd.yaml\n');
});
afterAll(() => workspace.remove());

const with_ = (from: string, to: string): string => {
  if (!HEALTHY.includes(from)) throw new Error(`the healthy config has no ${from}`);
  return HEALTHY.replace(from, to);
};
const train = (more: string): string => with_('  batchSize: 8\n', `  batchSize: 8\n${more}`);
const rate = (schedule: string): string => train(`  optimizer: { sgd: { learningRate: ${schedule} } }\n`);
const match = (terms: string): string => HEALTHY.replace(/ {2}match:\n(?: {4}.*\n)+/, `  match: ${terms}\n`);

/** Configs that a careful person would write. */
const HEALTHY_ONES: Readonly<Record<string, string>> = {
  'the plain one': HEALTHY,
  'with Windows line ends': HEALTHY.replaceAll('\n', '\r\n'),
  'with old Mac line ends': HEALTHY.replaceAll('\n', '\r'),
  'with a byte order mark': `\uFEFF${HEALTHY}`,
  'with a name beyond ASCII': with_('name: base', 'name: "Schüler 🎓 und Lehrer"'),
  'without a name': with_('name: base\n', ''),
  'with comments everywhere': HEALTHY.replaceAll('\n', ' # why\n'),
  'beginning with ---': `---\n${HEALTHY}`,
  'in JSON': JSON.stringify({
    data: {
      format: 'idx',
      train: { inputs: 'data/train-images', labels: 'data/train-labels' },
      test: { inputs: 'data/test-images', labels: 'data/test-labels' },
    },
    models: { teacher: { architecture: 'mlp' }, student: { architecture: { mlp: { hidden: [16] } } } },
    distill: { match: ['kd'] },
    train: { epochs: 1, batchSize: 8 },
  }),
  'with an anchor and its alias': with_(
    'seeds: [1, 2, 3] }',
    'seeds: &three [1, 2, 3] } # *three is not used',
  ),
  'with keys that have no value': train('measure:\nengine:\n'),
  'with the task by its word': `task: classification\n${HEALTHY}`,
  'with the task as a map': `task: { classification: {} }\n${HEALTHY}`,
  'with a scheme by its word': with_('distill:\n', 'distill:\n  scheme: offline\n'),
  'with a scheme as a map': with_('distill:\n', 'distill:\n  scheme: { offline: {} }\n'),
  'with a term by its word': match('[ kd ]'),
  'with a term without settings': match('[ { kd: } ]'),
  'with a term given an empty map': match('[ { kd: {} } ]'),
  'with hints': match('[ { fitnet: { pairs: [ [stage2, stage1] ] } } ]'),
  'with pairs by name': match('[ { at: { pairs: [ { teacher: stage2, student: stage2 } ] } } ]'),
  'with a pair of single layers': match(
    '[ { at: { pairs: [ [stage1.block2.relu2, stage1.block0.conv1] ] } } ]',
  ),
  'with the same method twice, otherwise': match(
    '[ { kd: { temperature: 2 } }, { kd: { temperature: 8 } } ]',
  ),
  'with a term for some epochs': match('[ { kd: { start: 1, end: 2 } } ]'),
  'with a weight that fades': match(
    '[ { kd: { weight: { linear: { from: 1, to: 0, over: { epochs: 3 } } } } } ]',
  ),
  'with a temperature that falls': match(
    '[ { kd: { temperature: { cosine: { from: 8, to: 2, over: { steps: 50 } } } } } ]',
  ),
  'with hard labels alone beside a term': with_('hardLabelWeight: 0.1', 'hardLabelWeight: 1'),
  'without hard labels': with_('hardLabelWeight: 0.1', 'hardLabelWeight: 0'),
  'with hard labels that come later': with_(
    'hardLabelWeight: 0.1',
    'hardLabelWeight: { linear: { from: 0, to: 1, over: { epochs: 2 } } }',
  ),
  'with plain numbers for rates': rate('0.1'),
  'with a constant rate': rate('{ constant: { value: 0.1 } }'),
  'with a rate in steps of epochs': rate('{ step: { from: 0.1, milestones: [1, 2] } }'),
  'with a rate in steps of steps': rate('{ step: { from: 0.1, milestones: [10, 20, 4000], unit: steps } }'),
  'with a linear rate': rate('{ linear: { from: 0.1, to: 0, over: { epochs: 3 } } }'),
  'with a cosine rate': rate('{ cosine: { from: 0.1, to: 0.0, over: { epochs: 2.5 } } }'),
  'with a warm-up before a cosine': rate(
    '{ warmUp: { over: { steps: 5 }, then: { cosine: { from: 0.1, to: 0, over: { epochs: 3 } } } } }',
  ),
  'with a warm-up before a number': rate('{ warmUp: { over: { epochs: 1 }, then: 0.1 } }'),
  'with Adam by its word': train('  optimizer: adam\n'),
  'with Adam and settings': train('  optimizer: { adam: { learningRate: 1.0e-3, beta1: 0.8 } }\n'),
  'with exponents that YAML 1.1 would not read': train('  optimizer: { adam: { learningRate: 1e-3 } }\n'),
  'with Nesterov': train('  optimizer: { sgd: { momentum: 0.8, nesterov: true } }\n'),
  'with decoupled decay': train('  optimizer: { sgd: { weightDecay: 1e-3, decoupledDecay: true } }\n'),
  'with AdamW by its word': train('  optimizer: adamW\n'),
  'with AdamW and settings': train('  optimizer: { adamW: { learningRate: 5.0e-4, weightDecay: 0.05 } }\n'),
  'with RMSProp': train('  optimizer: { rmsprop: { alpha: 0.9, centered: true, momentum: 0.5 } }\n'),
  'with Adagrad': train('  optimizer: { adagrad: { initialAccumulator: 0.1 } }\n'),
  'with LAMB and a schedule': train(
    '  optimizer: { lamb: { learningRate: { cosine: { from: 0.01, to: 0, over: { epochs: 3 } } } } }\n',
  ),
  'with gradients bound in length': train('  gradientClipping: { norm: 5 }\n'),
  'with gradients bound entry by entry': train('  gradientClipping: { value: 0.5 }\n'),
  'with gradients as they are': train('  gradientClipping: none\n'),
  'with accumulated gradients': train('  gradientAccumulation: 4\n'),
  'with a mean of the weights': train('  ema: { decay: 0.99 }\n'),
  'with a mean of the weights by its defaults': train('  ema: {}\n'),
  'with a mean of the weights, but not for the teacher': with_(
    'train: { epochs: 2 }',
    'train: { epochs: 2, ema: none, gradientClipping: { norm: 1 }, gradientAccumulation: 2 }',
  ).replace('  batchSize: 8\n', '  batchSize: 8\n  ema: { decay: 0.9, warmUp: false }\n'),
  'with a rate that falls when validation stalls': rate(
    '{ plateau: { from: 0.1, by: macroF1, patience: 3 } }',
  ),
  'with a rate in one cycle': rate('{ oneCycle: { peak: 0.1, over: { epochs: 3 } } }'),
  'with early stopping by its defaults': train('  earlyStopping: {}\n'),
  'with early stopping, chosen by another metric': train(
    '  selectBy: macroF1\n  earlyStopping: { by: loss, patience: 4, minimumGain: 0.01 }\n',
  ),
  'with decay of kernels alone': train('  optimizer: { adamW: { decayOf: kernels } }\n'),
  'with balanced classes': train('  classWeights: balanced\n'),
  'with a weight for each class': train('  classWeights: [1, 1, 1, 1, 1, 2, 1, 1, 1, 0.5]\n'),
  'with smoothed labels': train('  labelSmoothing: 0.1\n'),
  'with smoothed labels as PyTorch weighs them': train(
    '  labelSmoothing: { amount: 0.1, weights: pytorch }\n',
  ),
  'with mixtures': train('  mixup: { alpha: 0.2 }\n'),
  'with mixtures and pastes in turns': train(
    '  mixup: { probability: 0.5 }\n  cutmix: { alpha: 1, probability: 0.5 }\n',
  ),
  'with copies left out of training': with_('data:\n', 'data:\n  duplicates: drop\n'),
  'with copies looked for in another way': with_(
    'data:\n',
    'data:\n  duplicates: { likeness: 0.99, across: refuse }\n',
  ),
  'with a share of the training files as test': with_(
    'test: { inputs: data/test-images, labels: data/test-labels }',
    'test: { fraction: 0.2 }',
  ),
  'with a seed': train('  seed: 7\n'),
  'without a baseline': with_('compare: { seeds: [1, 2, 3] }', 'compare: { baseline: false }'),
  'without compare': with_('compare: { seeds: [1, 2, 3] }\n', ''),
  'with five seeds': with_('[1, 2, 3]', '[5, 4, 3, 2, 1]'),
  'with augmentation': with_('data:\n', 'data:\n  augment: [ { randomCrop: { padding: 2 } }, randomFlip ]\n'),
  'with a limit': with_('data:\n', 'data:\n  limit: { train: 30, test: 10 }\n'),
  'with another share for validation': with_('data:\n', 'data:\n  validation: { fraction: 0.25 }\n'),
  'without normalisation': with_('data:\n', 'data:\n  normalize: none\n'),
  'with names of classes': with_(
    'data:\n',
    'data:\n  classes: [zero, one, two, three, four, five, six, seven, eight, nine]\n',
  ),
  'with a teacher of an earlier run': with_(
    'teacher: { architecture: resnet20, train: { epochs: 2 } }',
    'teacher: { run: finished-1 }',
  ),
  'with the newest run under another name': with_(
    'teacher: { architecture: resnet20, train: { epochs: 2 } }',
    'teacher: { run: finished, model: teacher }',
  ),
  'with an architecture and its settings': with_(
    'architecture: resnet8',
    'architecture: { resnet: { depth: 8, width: 16 } }',
  ),
  'with a preset and a setting': with_('architecture: resnet8', 'architecture: { resnet8: { width: 8 } }'),
  "with the teacher's own optimizer": with_(
    'train: { epochs: 2 }',
    'train: { epochs: 2, batchSize: 16, optimizer: adam, seed: 3 }',
  ),
  'with other names for the models': HEALTHY.replaceAll('teacher:', 'large:')
    .replaceAll('student:', 'small:')
    .replace('distill:\n', 'distill:\n  from: large\n  to: small\n'),
  'with phases written out': `${HEALTHY}phases:
  - { name: teacher, train: [teacher], loss: task, epochs: 2 }
  - { name: student, train: [student], freeze: [teacher], loss: distill, epochs: 3 }
  - { name: baseline, train: [ { student: fresh } ], loss: task, epochs: 3 }
`,
  'with measurements now and then': `${HEALTHY}measure: { gap: { every: { epochs: 2 } }, similarity: false }\n`,
  'with metrics of its own choice': `${HEALTHY}measure: { metrics: [top5Accuracy, confusion] }\n`,
  'with accuracy and losses alone': `${HEALTHY}measure: { metrics: [] }\n`,
  'with weights chosen by a metric that is not asked for': train(
    '  selectBy: quadraticKappa\nmeasure: { metrics: [] }\n',
  ),
  'with a round weight that happens to be another over T²': match(
    '[ { kd: { temperature: 3, weight: 0.1 } } ]',
  ),
  'with an engine': `${HEALTHY}engine: { device: cpu, threads: 1 }\n`,
  'on top of a base': 'extends: base.kd.yaml\n',
  'on top of a base that is on top of another': 'extends: overlay.kd.yaml\ntrain: { epochs: 1 }\n',
  'replacing the optimizer of a base': 'extends: base.kd.yaml\ntrain: { optimizer: adam }\n',
};

describe('a healthy config', () => {
  it.each(Object.entries(HEALTHY_ONES))('%s, has no diagnostic and can run', (_, text) => {
    const { diagnostics, experiment } = loadExperiment({
      file: join(workspace.root, 'a.kd.yaml'),
      text,
      root: workspace.root,
    });
    expect(diagnostics).toEqual([]);
    expect(experiment).not.toBeNull();
  });

  it.each(Object.entries(HEALTHY_ONES))('%s, says the same when its defaults are written out', (_, text) => {
    const input = { file: join(workspace.root, 'a.kd.yaml'), root: workspace.root };
    const first = loadExperiment({ ...input, text });
    const again = loadExperiment({ ...input, text: first.effective });
    expect(again.diagnostics).toEqual([]);
    expect(again.experiment).toEqual(first.experiment);
  });
});
