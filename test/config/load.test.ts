import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConfigInput } from '../../src/config/analyze.ts';
import { loadExperiment } from '../../src/config/load.ts';
import { createWorkspace, HEALTHY, type ConfigWorkspace } from './workspace.ts';

let workspace: ConfigWorkspace;
beforeAll(() => {
  workspace = createWorkspace();
});
afterAll(() => workspace.remove());

const load = (text: string, more: Partial<ConfigInput> = {}) =>
  loadExperiment({ file: join(workspace.root, 'a.kd.yaml'), text, root: workspace.root, ...more });
const codes = (text: string, more: Partial<ConfigInput> = {}) =>
  load(text, more).diagnostics.map(({ code }) => code);

describe('an experiment', () => {
  it('takes its name from the file where it gives none', () => {
    expect(load(HEALTHY.replace('name: base\n', '')).experiment?.name).toBe('a');
  });

  it('has absolute paths, built models and the phases of its scheme', () => {
    const { experiment } = load(HEALTHY);
    expect(experiment?.data).toMatchObject({ train: { inputs: join(workspace.root, 'data/train-images') } });
    expect(experiment?.models['student']).toMatchObject({
      source: 'architecture',
      graph: { architecture: 'resnet8' },
    });
    expect(experiment?.phases.map(({ name, epochs, perSeed }) => [name, epochs, perSeed])).toEqual([
      ['teacher', 2, false],
      ['student', 3, true],
      ['baseline', 3, true],
    ]);
  });

  it('measures by default within 3 % of the work of training, and as often as is asked for', () => {
    const measure = (text: string) => load(HEALTHY + text).experiment?.measure;
    const { gap, similarity } = measure('') ?? {};
    expect((gap?.share ?? NaN) + (similarity?.share ?? NaN)).toBeCloseTo(0.03, 12);
    expect(measure('measure: { gap: { every: { epochs: 2 } } }\n')?.gap).toEqual({
      enabled: true,
      everyEpochs: 2,
    });
  });

  it("lets a model's own training inherit what it does not say", () => {
    const { experiment } = load(HEALTHY.replace('train: { epochs: 2 }', 'train: { optimizer: adam }'));
    expect(experiment?.models['teacher']).toMatchObject({
      train: { epochs: 3, batchSize: 8, seed: 1, optimizer: { kind: 'adam' } },
    });
  });

  it('weighs hard labels by 0.1 beside answers alone and by 1 beside features', () => {
    const silent = HEALTHY.replace('  hardLabelWeight: 0.1\n', '');
    expect(load(silent).experiment?.distill.hardLabelWeight).toBe(1);
    expect(load(silent.replace(/ {4}- at:.*\n/, '')).experiment?.distill.hardLabelWeight).toBe(0.1);
  });

  it('numbers the uses of one method', () => {
    const { experiment } = load(HEALTHY.replace('    - at:', '    - kd: { temperature: 8 }\n    - at:'));
    expect(experiment?.distill.terms.map(({ id }) => id)).toEqual(['kd', 'kd#2', 'at']);
  });

  it('is not made of a base for others', () => {
    expect(codes(`partial: true\n${HEALTHY}`)).toEqual(['KD1023']);
    expect(codes('partial: true\ntrain: { epochs: 3 }\n')).toEqual(['KD1023']);
  });

  it('is not made where nothing can be learned', () => {
    const text = HEALTHY.replace('weight: 0.9', 'weight: 0')
      .replace('weight: 1000', 'weight: 0')
      .replace('hardLabelWeight: 0.1', 'hardLabelWeight: 0');
    expect(codes(text)).toContain('KD2216');
  });

  it('names a file that is not there', () => {
    const { diagnostics, experiment } = loadExperiment({ file: join(workspace.root, 'absent.kd.yaml') });
    expect(experiment).toBeNull();
    expect(diagnostics.map(({ code }) => code)).toEqual(['KD1017']);
  });
});

describe('a base file', () => {
  it('is merged key by key, and its lists are replaced', () => {
    const { experiment } = load(
      'extends: base.kd.yaml\ntrain: { epochs: 7 }\ncompare: { seeds: [4, 5, 6] }\n',
    );
    expect(experiment?.train).toMatchObject({ epochs: 7, batchSize: 8 });
    expect(experiment?.compare.seeds).toEqual([4, 5, 6]);
  });

  it('loses its choice with all settings to another choice, and keeps it for the same', () => {
    workspace.write(
      'sgd.kd.yaml',
      HEALTHY.replace('  batchSize: 8\n', '  batchSize: 8\n  optimizer: { sgd: { momentum: 0.5 } }\n'),
    );
    const optimizer = (own: string) =>
      load(`extends: sgd.kd.yaml\ntrain: { optimizer: ${own} }\n`).experiment?.train.optimizer;
    expect(optimizer('{ adam: { beta1: 0.5 } }')).toMatchObject({ kind: 'adam', beta1: 0.5 });
    expect(optimizer('adam')).toMatchObject({ kind: 'adam' });
    expect(optimizer('{ sgd: { learningRate: 0.2 } }')).toMatchObject({
      kind: 'sgd',
      learningRate: 0.2,
      momentum: 0.5,
    });
    expect(optimizer('sgd')).toMatchObject({ kind: 'sgd', momentum: 0.5 });
  });

  it('loses a key to the one that excludes it', () => {
    const { experiment, diagnostics } = load(
      'extends: base.kd.yaml\nmodels: { teacher: { run: finished-1 } }\n',
    );
    expect(diagnostics).toEqual([]);
    expect(experiment?.models['teacher']).toMatchObject({
      source: 'run',
      run: 'finished-1',
      model: 'teacher',
    });
  });

  it('resolves its paths against itself', () => {
    workspace.write('bases/deep.kd.yaml', HEALTHY.replaceAll('data/', '../data/'));
    const { experiment, diagnostics, effective } = load('extends: bases/deep.kd.yaml\n');
    expect(diagnostics).toEqual([]);
    expect(experiment?.data).toMatchObject({ test: { labels: join(workspace.root, 'data/test-labels') } });
    expect(effective).toContain('labels: data/test-labels');
  });

  it('shows its faults at `extends`, and tells where they are', () => {
    const bad = workspace.write('bad.kd.yaml', HEALTHY.replace('batchSize: 8', 'batchsize: 8'));
    const [diagnostic, ...others] = load('extends: bad.kd.yaml\n').diagnostics;
    expect(others).toEqual([]);
    expect(diagnostic).toMatchObject({
      code: 'KD2001',
      range: { start: { line: 0, character: 9 }, end: { line: 0, character: 20 } },
      relatedInformation: [{ file: bad, range: { start: { line: 15, character: 2 } } }],
    });
    expect(diagnostic?.message).toContain('bad.kd.yaml:16');
  });

  it('may stand on others, eight deep and no deeper', () => {
    workspace.write('chain-0.kd.yaml', HEALTHY);
    for (let depth = 1; depth <= 9; depth += 1)
      workspace.write(`chain-${depth}.kd.yaml`, `extends: chain-${depth - 1}.kd.yaml\n`);
    expect(codes('extends: chain-7.kd.yaml\n')).toEqual([]);
    expect(codes('extends: chain-8.kd.yaml\n')).toContain('KD1022');
  });

  it('may not lie outside the root, nor extend itself through another', () => {
    workspace.write('../outside/base.kd.yaml', HEALTHY);
    expect(codes('extends: ../outside/base.kd.yaml\n')).toEqual(['KD3002']);
    workspace.write('one.kd.yaml', 'extends: two.kd.yaml\n');
    workspace.write('two.kd.yaml', 'extends: one.kd.yaml\n');
    expect(codes('extends: one.kd.yaml\n')).toEqual(['KD1021']);
  });
});

describe('an override', () => {
  it.each([
    ['train.epochs=9', (loaded: ReturnType<typeof load>) => loaded.experiment?.train.epochs, 9],
    [
      'distill.match[0].kd.weight=0.5',
      (loaded: ReturnType<typeof load>) => loaded.experiment?.distill.terms[0]?.weight,
      0.5,
    ],
    [
      'train.optimizer=adam',
      (loaded: ReturnType<typeof load>) => loaded.experiment?.train.optimizer.kind,
      'adam',
    ],
    ['engine.threads=2', (loaded: ReturnType<typeof load>) => loaded.experiment?.engine.threads, 2],
    ['name=a: b', () => null, null],
    [
      'compare.seeds=[7, 8, 9]',
      (loaded: ReturnType<typeof load>) => loaded.experiment?.compare.seeds,
      [7, 8, 9],
    ],
    [
      'train.optimizer={ adam: { learningRate: { linear: { from: 0.1, to: 0, over: { epochs: 1 } } } } }',
      (loaded: ReturnType<typeof load>) => loaded.experiment?.train.optimizer.learningRate,
      { kind: 'linear', from: 0.1, to: 0, over: { unit: 'epochs', value: 1 } },
    ],
  ])('%s counts before the checks', (override, read, expected) => {
    expect(read(load(HEALTHY, { overrides: [override] })) ?? null).toEqual(expected);
  });

  it('is recorded in the effective config', () => {
    expect(load(HEALTHY, { overrides: ['train.epochs=9'] }).effective).toContain('epochs: 9');
  });

  it('turns a word into its map', () => {
    const text = HEALTHY.replace('- kd: { temperature: 4, weight: 0.9 }', '- kd');
    expect(
      load(text, { overrides: ['distill.match[0].kd.temperature=2'] }).experiment?.distill.terms[0]
        ?.parameters,
    ).toMatchObject({
      temperature: 2,
    });
  });

  it.each([
    ['train.epochs', 'KD1030'],
    ['=3', 'KD1030'],
    ['train..epochs=3', 'KD1030'],
    ['distill.match[7].kd.weight=1', 'KD1031'],
    ['name.first=1', 'KD1031'],
    ['train.epoch=3', 'KD2001'],
    ['train.epochs=many', 'KD2003'],
    ['train.epochs=[', 'KD1003'],
    ['__proto__.polluted=true', 'KD2001'],
  ])('%s is refused', (override, code) => {
    const { diagnostics, experiment } = load(HEALTHY, { overrides: [override] });
    expect(experiment).toBeNull();
    expect(diagnostics.map((one) => one.code)).toContain(code);
    expect(diagnostics.every(({ fixes }) => fixes.length === 0)).toBe(true);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('gives way to seeds from the command line', () => {
    expect(
      load(HEALTHY, { overrides: ['compare.seeds=[7]'], seeds: [1, 2, 3, 4] }).experiment?.compare.seeds,
    ).toEqual([1, 2, 3, 4]);
  });
});

/** What the design shows to everybody. */
const SHOWN = `name: Fashion-MNIST, ResNet-20 to ResNet-8
task: classification            # classification | segmentation | ctc | sequence | reconstruction
data:
  format: idx                   # idx | cifar | image-folder | csv | npz | ...
  train: { inputs: data/train-images.gz, labels: data/train-labels.gz }
  test:  { inputs: data/test-images,  labels: data/test-labels }
  validation: { fraction: 0.1 } # models are selected on validation; the test split is read once, at the end
  augment: [ { randomCrop: { padding: 2 } } ]
models:
  teacher: { architecture: resnet20, train: { epochs: 10 } }
  student: { architecture: resnet8 }
distill:
  scheme: offline
  refine: [ { logitStandardization: {} } ]
  match:
    - kd: { temperature: 4, weight: 0.9 }
    - at: { weight: 1000, pairs: [ [stage2, stage2], [stage3, stage3] ] }
  hardLabelWeight: 0.1
  book: true                    # teacher answers stored once, fingerprinted, reused by every student
train:
  epochs: 30
  batchSize: 32
  optimizer: { sgd: { learningRate: { step: { from: 0.05, milestones: [15, 22, 27], factor: 0.1 } }, momentum: 0.9, weightDecay: 5.0e-4 } }
  seed: 1
compare: { baseline: true, seeds: [1, 2, 3] }   # the same student, same budget, without the teacher
engine: { device: auto }
`;

describe('the experiment of the manual', () => {
  it('is understood whole', () => {
    for (const name of ['train-images', 'train-labels']) {
      workspace.write(`data/${name}.gz`, gzipSync(readFileSync(join(workspace.root, 'data', name))));
    }
    const { diagnostics, experiment } = load(SHOWN);
    expect(diagnostics).toEqual([]);
    expect(experiment?.distill.book).toEqual({ precision: 'float32', topK: null, views: 4, name: null });
  });
});

describe('a file with several faults', () => {
  it('has each of them reported, the ones of the text and the ones of the language', () => {
    const text = HEALTHY.replace('name: base', 'name: "base')
      .replace('- kd: { temperature: 4,', '- kd: { temprature: 4,')
      .replace('stage3]]', 'stage9]]')
      .replace('  batchSize: 8', '  batchSize: [8')
      .replace('seeds: [1, 2, 3]', 'seds: [1, 2, 3]');
    expect(new Set(codes(text))).toEqual(new Set(['KD1003', 'KD2001', 'KD2003', 'KD2203']));
  });

  it.each([
    ['  batchSize: 8\n', '  batchSize: [8]\n', /Give a whole number from 1 .*Left out, it is \d+\.$/],
    [
      'data:\n',
      'data:\n  validation: none\n',
      'Where the validation split comes from. There always is one: models are selected on it. Give a map of fraction. Left out, it is { fraction: 0.1 }.',
    ],
    [
      'compare: { seeds: [1, 2, 3] }',
      'compare: 3',
      /Give a map of baseline, seeds, statistics\. Left out, it is \{ baseline: true \}\.$/,
    ],
    ['models:\n', 'measure: 3\nmodels:\n', /Give a map of .*, or leave it out\.$/],
    ['models:\n', 'models: 3\nother:\n', /Give a map\.$/],
    ['seeds: [1, 2, 3]', 'seeds: []', /Give a list of 1 to 1000\.$/],
  ])('says what to write in place of what has another shape (%j)', (from, to, help) => {
    const found = load(HEALTHY.replace(from, to)).diagnostics.filter(({ code }) => /KD200[37]/.test(code));
    expect(found.map((one) => one.help)).toEqual([
      typeof help === 'string' ? help : expect.stringMatching(help),
    ]);
  });

  it('does not miss keys that it could not read', () => {
    const text = HEALTHY.replace('train:\n  epochs: 3\n', 'train:\n  epochs: 3: 4: 5\n');
    expect(codes(text)).not.toContain('KD2002');
  });
});
