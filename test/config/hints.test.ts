import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { hintsIn } from '../../src/config/language/hints.ts';
import { hoverAt } from '../../src/config/language/hover.ts';
import { valueAfter } from '../../src/config/language/schedule-values.ts';
import { pairSuggestion, refactoringsAt } from '../../src/config/language/refactorings.ts';
import type { Measured, Refactoring } from '../../src/config/language/types.ts';
import { loadExperiment } from '../../src/config/load.ts';
import { loadDataset } from '../../src/data/dataset.ts';
import { catalogue } from '../../src/methods/index.ts';
import { spatialOf } from '../../src/methods/spatial.ts';
import type { DryRunReport } from '../../src/protocol/records.ts';
import type { Schedule } from '../../src/schema/scheduled.ts';
import { dryRunFile, writeDryRun } from '../../src/runs/dry-runs.ts';
import { Workspace } from '../../src/server/workspace.ts';
import { dataOfPhase } from '../../src/training/phase-data.ts';
import { valueAt } from '../../src/training/schedules.ts';
import { directFacts } from '../server/direct-facts.ts';
import { createWorkspace, HEALTHY, type ConfigWorkspace } from './workspace.ts';

let workspace: ConfigWorkspace;
beforeAll(() => {
  workspace = createWorkspace();
});
afterAll(() => workspace.remove());

const MEASURED: Measured = {
  run: 'run-7',
  phases: ['teacher', 'student', 'baseline'].map((name) => ({ name, millisecondsPerStep: 1000 })),
  similarity: (teacher, student) => (teacher === 'stage1' && student === 'stage1' ? 0.875 : 0.25),
};

const context = (measured: Measured | null = null) => ({
  file: join(workspace.root, 'a.kd.yaml'),
  workspaceFolders: [workspace.root],
  measured: () => measured,
});

/** Line and label of every hint. */
const hints = (text: string, measured: Measured | null = null) =>
  hintsIn(text, context(measured)).map(({ position, label }) => [
    text.split('\n')[position.line]?.trim().split(':')[0],
    label,
  ]);

describe('a dry run', () => {
  const loaded = (text: string) =>
    loadExperiment({ file: join(workspace.root, 'a.kd.yaml'), text, root: workspace.root });
  /** As the engine writes it. */
  const keep = (text: string) => {
    const { experiment, effective } = loaded(text);
    const ids = experiment?.distill.terms.map(({ id }) => id) ?? [];
    const terms = ['ce', ...ids].map((id, at) => ({ id, value: 1, gradientShare: (at + 1) / 10, pairs: [] }));
    const report = {
      ...{ file: join(workspace.root, 'a.kd.yaml'), time: 0, executor: { name: 'e', description: '' } },
      ...{ effectiveHash: createHash('sha256').update(effective).digest('hex'), startSeconds: 1 },
      ...{ seconds: 600, peakMegabytes: 321, phases: [{ phase: 'student', terms }] },
    };
    writeDryRun(workspace.root, report as unknown as DryRunReport);
    return ids;
  };
  const shown = (text: string) =>
    hintsIn(
      text,
      new Workspace(directFacts()).contextOf(pathToFileURL(join(workspace.root, 'a.kd.yaml')).href),
    ).map(({ label }) => label);

  it('shows the share of each term, and its time, while the config is the same', () => {
    const ids = keep(HEALTHY);
    expect(ids.length).toBeGreaterThan(0);
    const labels = shown(HEALTHY);
    ids.forEach((_, at) => expect(labels).toContain(`${(at + 2) * 10} % of the gradient`));
    expect(labels.some((label) => label.endsWith('MB, about 10 min'))).toBe(true);
    expect(labels).not.toContain('dry run is stale');
    // A comment changes nothing that runs.
    expect(shown(`# why\n${HEALTHY}`)).toEqual(labels);
  });

  it('is stale once the config has changed', () => {
    keep(HEALTHY);
    const labels = shown(HEALTHY.replace(/^name: .*$/m, 'name: another'));
    expect(labels).toContain('dry run is stale');
    expect(labels.some((label) => /of the gradient|10 min/.test(label))).toBe(false);
  });

  it('says nothing where its file is damaged', () => {
    keep(HEALTHY);
    const whole = shown(HEALTHY);
    for (const damaged of ['', '{', 'null', '{"phases":[null]}']) {
      writeFileSync(dryRunFile(workspace.root, join(workspace.root, 'a.kd.yaml')), damaged);
      expect(shown(HEALTHY).some((label) => /gradient|stale/.test(label))).toBe(false);
    }
    expect(whole.some((label) => /gradient/.test(label))).toBe(true);
  });
});

describe('derived values', () => {
  // 40 samples, one tenth for validation: 36 in batches of 8.
  it('are steps, sizes of models, shapes and adapters of pairs, and memory', () => {
    expect(hints(HEALTHY)).toEqual([
      ['epochs', '5 steps each, 15 in all'],
      ['teacher', '5 steps each, 10 in all'],
      ['teacher', '272 k parameters'],
      ['student', '78 k parameters'],
      ['- at', '14×14×32'],
      ['- at', '7×7×64'],
      ['train', '36 MB'],
    ]);
  });

  it('count the steps of a student of some classes by its own samples, as it will train', async () => {
    const text = HEALTHY.replace('architecture: resnet8', 'architecture: resnet8, classes: [1, 7, 8]');
    // 40 samples, 4 of each class. Validation takes one of each of the first four classes.
    const shown = hints(text, MEASURED);
    expect(shown).toContainEqual(['epochs', '2 steps each, 6 in all']);
    expect(shown).toContainEqual(['teacher', '5 steps each, 10 in all']);
    // 10 seconds of the teacher, 6 of each of two phases with three seeds.
    expect(shown.find(([key]) => key === 'train')?.[1]).toMatch(/about 46 s$/);
    const { experiment } = loadExperiment({
      file: join(workspace.root, 'a.kd.yaml'),
      text,
      root: workspace.root,
    });
    if (experiment === null) throw new Error('no experiment');
    const dataset = await loadDataset(experiment.data, { root: workspace.root, seed: 1, cacheFolder: null });
    const phase = experiment.phases.find(({ name }) => name === 'student');
    if (phase === undefined) throw new Error('nobody is taught');
    expect(dataOfPhase(experiment, phase, dataset).splits.train.count).toBe(11);
    const scheduled = text.replace(
      'batchSize: 8',
      'batchSize: 8\n  optimizer: { sgd: { learningRate: { linear: { from: 1, to: 0, over: { steps: 6 } } } } }',
    );
    const at = scheduled.slice(0, scheduled.indexOf('linear:')).split('\n');
    const hover = hoverAt(scheduled, { line: at.length - 1, character: at.at(-1)?.length ?? 0 }, context());
    expect(hover?.markdown).toContain('**1** at the start, **0.5** in the middle, **0** at the end');
  });

  it('name what an adapter adds', () => {
    const text = HEALTHY.replace(
      'at: { weight: 1000, pairs: [[stage2, stage2], [stage3, stage3]] }',
      'fitnet: { pairs: [[stage2, stage1]] }',
    );
    // A 3x3 convolution with stride 2 from 16 to 32 channels with its bias, and scale and offset of the batch norm.
    const parameters = 3 * 3 * 16 * 32 + 32 + 2 * 32;
    expect(hints(text)).toContainEqual([
      '- fitnet',
      `14×14×32 from 28×28×16, adapter ${parameters.toLocaleString('en-US')}`,
    ]);
  });

  it('tell the time by the steps of the last run: 10 of the teacher, 15 of two phases with three seeds', () => {
    expect(hints(HEALTHY, MEASURED)).toContainEqual(['train', '36 MB, about 2 min']);
  });

  it('are silent where something they stand on is not known', () => {
    expect(hints(HEALTHY.replace('data/train-images', 'data/missing'))).toEqual([]);
    expect(hints('')).toEqual([]);
    expect(hintsIn(HEALTHY, { file: null })).toEqual([]);
  });

  it('stand in the file that says it, not in one that extends it', () => {
    expect(hints('extends: base.kd.yaml\n')).toEqual([]);
  });
});

describe('hovering over a layer of a pair', () => {
  const hover = (text: string, part: string, measured: Measured | null = null) =>
    hoverAt(text, TextDocument.create('', '', 1, text).positionAt(text.indexOf(part) + 1), context(measured))
      ?.markdown;

  it('tells shapes, adapter and extra parameters, and what a run measured', () => {
    const text = HEALTHY.replace(
      'at: { weight: 1000, pairs: [[stage2, stage2], [stage3, stage3]] }',
      'fitnet: { pairs: [[stage1, stage1]] }',
    );
    expect(hover(text, 'stage1')).toMatch(/yields 28 x 28 x 16/);
    expect(hover(text, 'stage1')).toMatch(/- adapter: A trainable regressor[\s\S]*- extra parameters: 304/);
    expect(hover(text, 'stage1')).not.toMatch(/similarity/);
    expect(hover(text, 'stage1', MEASURED)).toContain('- similarity: 0.875 (linear CKA, run run-7)');
  });

  it('tells of the adapter that the pair chose', () => {
    const text = HEALTHY.replace(
      'at: { weight: 1000, pairs: [[stage2, stage2], [stage3, stage3]] }',
      'fitnet: { pairs: [{ teacher: stage1, student: stage3, adapter: { conv1x1: { batchNorm: false } } }] }',
    );
    // 64 channels to 16, and a bias.
    expect(hover(text, 'stage1')).toMatch(
      /- adapter `conv1x1`: The student[\s\S]*- extra parameters: 1,?040/,
    );
    expect(hover(text, 'stage1')).not.toContain('unlike sizes');
  });
});

describe('a pair of maps of unlike size', () => {
  const hover = (term: string, part: string) => {
    const text = HEALTHY.replace('at: { weight: 1000, pairs: [[stage2, stage2], [stage3, stage3]] }', term);
    const position = TextDocument.create('', '', 1, text).positionAt(text.indexOf(part) + 1);
    return hoverAt(text, position, context())?.markdown ?? '';
  };

  it.each([
    ['at: { pairs: [[stage2, stage1]] }', 'average-pooled to the smaller'],
    ['fitnet: { pairs: [[stage2, stage1]] }', 'halve or double it by stride 2'],
    ['reviewkd: { pairs: [[stage1, stage1], [stage2, stage3]] }', 'nearest neighbour'],
    ['sp: { pairs: [[stage3, stage1]] }', 'the two sizes never meet'],
  ])('is explained by what the paper does with it: %s', (term, words) => {
    const last = term.slice(term.lastIndexOf('[') + 1);
    expect(hover(term, last)).toMatch(new RegExp(`^- unlike sizes: .*${words}`, 'm'));
  });

  it('is not spoken of where the sizes are equal', () => {
    expect(hover('at: { pairs: [[stage2, stage2]] }', 'stage2')).not.toMatch(/unlike sizes/);
  });

  it('is explained for every method that matches maps, and for no other', () => {
    const matchesMaps = ({ needs }: (typeof catalogue)[number]) =>
      ['map', 'any'].includes(needs.pairs?.rank ?? '');
    const unexplained = catalogue.filter(
      (method) => matchesMaps(method) !== (spatialOf(method.name) !== null),
    );
    expect(unexplained.map(({ name }) => name)).toEqual([]);
  });
});

describe('hovering over a schedule', () => {
  const hover = (weight: string, more = '') => {
    const text = HEALTHY.replace('weight: 0.9', `weight: ${weight}`).replace('epochs: 3', `epochs: 4${more}`);
    const at = TextDocument.create('', '', 1, text).positionAt(text.indexOf('weight:') + 1);
    return hoverAt(text, at, context())?.markdown ?? '';
  };

  // 40 samples, one tenth for validation: 36 in batches of 8 are 5 steps, so 4 epochs are 20.
  it.each([
    ['{ linear: { from: 1, to: 0, over: { epochs: 4 } } }', ['1', '0.5', '0']],
    ['{ cosine: { from: 2, to: 0, over: { epochs: 8 } } }', ['2', '1.707', '1']],
    ['{ linear: { from: 1, to: 0, over: { steps: 10 } } }', ['1', '0', '0']],
    ['{ step: { from: 1, milestones: [2, 3], factor: 0.1 } }', ['1', '0.1', '0.01']],
    ['{ warmUp: { over: { epochs: 4 }, then: 0.5 } }', ['0', '0.25', '0.5']],
  ])('tells its values at start, middle and end: %s', (schedule, [start, middle, end]) => {
    expect(hover(schedule)).toContain(
      `Over 4 epochs: **${start}** at the start, **${middle}** in the middle, **${end}** at the end.`,
    );
  });

  it('says so where they depend on the validation', () => {
    const text = HEALTHY.replace(
      'batchSize: 8',
      'batchSize: 8\n  optimizer: { sgd: { learningRate: { plateau: { from: 0.1 } } } }',
    );
    const at = TextDocument.create('', '', 1, text).positionAt(text.indexOf('plateau') + 1);
    expect(hoverAt(text, at, context())?.markdown).toContain('as long as validation does not stall');
  });

  it('tells nothing of a plain number, nor of a schedule that has a fault', () => {
    expect(hover('0.5')).not.toMatch(/at the start/);
    expect(hover('{ linear: { from: 1, over: { epochs: 4 } } }')).not.toMatch(/at the start/);
  });

  it('agrees with what training does, for schedules of every kind', () => {
    const length = fc.record({
      unit: fc.constantFrom('epochs' as const, 'steps' as const),
      value: fc.integer({ min: 1, max: 60 }),
    });
    const value = fc.double({ min: 0, max: 10, noNaN: true });
    const { schedule } = fc.letrec<{ schedule: Schedule }>((tie) => ({
      schedule: fc.oneof(
        fc.record({ kind: fc.constant('constant' as const), value }),
        fc.record({
          kind: fc.constantFrom('linear' as const, 'cosine' as const),
          ...{ from: value, to: value, over: length },
        }),
        fc.record({
          kind: fc.constant('step' as const),
          ...{ from: value, unit: length.map(({ unit }) => unit), factor: value },
          milestones: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 3 }),
        }),
        fc.record({
          kind: fc.constant('oneCycle' as const),
          ...{ peak: value, over: length, rise: fc.double({ min: 0.1, max: 0.9, noNaN: true }) },
          ...{ startDivisor: fc.constant(25), endDivisor: fc.constant(1e4) },
        }),
        fc.record({
          kind: fc.constant('plateau' as const),
          ...{ from: value, factor: fc.constant(0.1), minimum: value, by: fc.constant('accuracy' as const) },
          ...{ patience: fc.constant(2), minimumGain: fc.constant(0) },
        }),
        fc.record({ kind: fc.constant('warmUp' as const), over: length, then: tie('schedule') }),
      ),
    }));
    fc.assert(
      fc.property(schedule, fc.integer({ min: 1, max: 9 }), fc.nat(200), (one, stepsPerEpoch, step) => {
        const wanted = valueAt(one, { step, stepsPerEpoch });
        expect(valueAfter(one, step / stepsPerEpoch, stepsPerEpoch)).toBeCloseTo(wanted, 9);
      }),
      { seed: 20_261_125, numRuns: 300 },
    );
  });
});

describe('changes that are offered', () => {
  const apply = (text: string, { edits }: Pick<Refactoring, 'edits'>) =>
    TextDocument.applyEdits(TextDocument.create('', '', 1, text), [...edits]);
  const at = (text: string, part: string, measured: Measured | null = null) => {
    const position = TextDocument.create('', '', 1, text).positionAt(text.indexOf(part));
    return refactoringsAt(text, { start: position, end: position }, context(measured));
  };
  const offered = (text: string, part: string, title: RegExp, measured: Measured | null = null) => {
    const found = at(text, part, measured).find((one) => title.test(one.title));
    if (found === undefined) throw new Error(`not offered: ${String(title)}`);
    return found;
  };

  it('add a baseline and three seeds where nothing is compared', () => {
    const text = HEALTHY.replace(/compare.*\n/, '');
    const after = apply(text, offered(text, 'name', /baseline and three seeds/));
    expect(after).toBe(`${text}compare: { baseline: true, seeds: [1, 2, 3] }\n`);
  });

  it('switch the baseline on, and add seeds to a comparison without', () => {
    const text = HEALTHY.replace('seeds: [1, 2, 3]', 'baseline: false');
    expect(apply(text, offered(text, 'name', /Compare with a baseline/))).toContain(
      'compare: { baseline: true }',
    );
    expect(apply(text, offered(text, 'name', /Add three seeds/))).toContain(
      '{ baseline: false, seeds: [1, 2, 3] }',
    );
  });

  it('insert the deepest pair of one size that no term matches yet', () => {
    const text = HEALTHY.replace(', [stage3, stage3]', '');
    const after = apply(text, offered(text, 'match:', /best-matching pair: stage3 and stage3 \(same size\)/));
    expect(after).toContain('pairs: [[stage2, stage2], [stage3, stage3]]');
    expect(loadExperiment({ ...context(), text: after }).diagnostics).toEqual([]);
  });

  it('prefer the pair that a run measured as most alike', () => {
    expect(pairSuggestion(HEALTHY, context(MEASURED))?.title).toMatch(
      /stage1 and stage1 \(similarity 0\.88\)/,
    );
  });

  it('move a block to a base file, and the experiment stays the same', () => {
    const change = offered(HEALTHY, 'train:\n', /Extract "train"/);
    expect(change.newFile?.file).toBe(join(workspace.root, 'a.base.kd.yaml'));
    expect(change.newFile?.text).toBe('partial: true\ntrain:\n  epochs: 3\n  batchSize: 8\n');
    const after = apply(HEALTHY, change);
    workspace.write('a.base.kd.yaml', change.newFile?.text ?? '');
    const [before, now] = [HEALTHY, after].map((text) => loadExperiment({ ...context(), text }));
    expect(now?.diagnostics).toEqual([]);
    expect(now?.experiment).toEqual(before?.experiment);
    expect(existsSync(join(dirname(context().file), 'a.base.kd.yaml'))).toBe(true);
    // The name is taken now.
    expect(offered(HEALTHY, 'data:', /Extract "data"/).newFile?.file).toBe(
      join(workspace.root, 'a.base-2.kd.yaml'),
    );
  });

  it('chain the new base file to the one that was there', () => {
    const text = 'extends: base.kd.yaml\ntrain:\n  epochs: 9\n';
    const change = offered(text, 'train', /Extract "train"/);
    expect(change.newFile?.text).toBe('partial: true\nextends: base.kd.yaml\ntrain:\n  epochs: 9\n');
    expect(apply(text, change)).toMatch(/^extends: a\.base(-\d)?\.kd\.yaml\n$/);
  });

  it('are not offered for a text that cannot be read', () => {
    expect(at('', 'x')).toEqual([]);
    expect(at('- 1\n', '1')).toEqual([]);
  });
});
