import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ablation } from '../../src/config/ablation.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import { describeMeeting } from '../../src/config/layers/meeting.ts';
import { loadExperiment } from '../../src/config/load.ts';
import { ablationOf, type AblationKind } from '../../src/protocol/ablation.ts';
import { UserError } from '../../src/protocol/errors.ts';
import { createWorkspace, HEALTHY, type ConfigWorkspace } from './workspace.ts';

let workspace: ConfigWorkspace;
beforeAll(() => {
  workspace = createWorkspace();
});
afterAll(() => workspace.remove());

const PAIRS = [
  { teacher: 'stage1.block0', student: 'stage1' },
  { teacher: 'stage3.block0', student: 'stage2' },
];

function variantsOf(text: string, pairs = PAIRS) {
  const file = workspace.write('base.kd.yaml', text);
  const { experiment, effective, diagnostics } = loadExperiment({ file, root: workspace.root });
  if (experiment === null) throw new Error(JSON.stringify(diagnostics));
  const graph = (model: string) => {
    const found = experiment.models[model];
    if (found === undefined) throw new Error(`no ${model}`);
    return { model, graph: found.graph };
  };
  const [teacher, student] = [graph('teacher'), graph('student')];
  const sizes = { samples: 36, batch: 8 };
  const meeting = describeMeeting({ phase: 'student', teacher, student, terms: [], method: 'at', sizes });
  const variants = ablation({ file, effective, meeting, pairs });
  const loaded = new Map<AblationKind, Experiment>();
  for (const { kind, fileName, text: written } of variants) {
    const path = workspace.write(fileName, written);
    const one = loadExperiment({ file: path, root: workspace.root });
    expect(
      one.diagnostics.filter(({ severity }) => severity === 'error'),
      `${kind}\n${written}`,
    ).toEqual([]);
    if (one.experiment !== null) loaded.set(kind, one.experiment);
  }
  return { variants, loaded, experiment };
}

describe('an ablation over matched layers', () => {
  it('is four experiments that differ in the pairs of one term alone, with the same seeds', () => {
    const { variants, loaded, experiment } = variantsOf(HEALTHY);
    expect(variants.map(({ kind, fileName }) => [kind, fileName])).toEqual([
      ['best', 'base.ablation-best-pairs.kd.yaml'],
      ['sameDepth', 'base.ablation-same-depth.kd.yaml'],
      ['random', 'base.ablation-random-pairs.kd.yaml'],
      ['none', 'base.ablation-no-pairs.kd.yaml'],
    ]);
    const pairsOf = (kind: AblationKind) =>
      loaded.get(kind)?.distill.terms.find(({ method }) => method === 'at')?.pairs;
    expect(pairsOf('best')).toEqual(PAIRS);
    expect(pairsOf('sameDepth')?.map(({ student }) => student)).toEqual(['stage1', 'stage2']);
    expect(pairsOf('random')?.map(({ student }) => student)).toEqual(['stage1', 'stage2']);
    for (const kind of ['sameDepth', 'random'] as const)
      expect(pairsOf(kind)?.map(({ teacher }) => teacher)).not.toEqual(['stage1.block0', 'stage3.block0']);
    expect(pairsOf('none')).toBeUndefined();
    for (const [kind, one] of loaded) {
      const terms = (made: Experiment) => made.distill.terms.filter(({ method }) => method !== 'at');
      expect(terms(one), kind).toEqual(terms(experiment));
      expect(one.distill.hardLabelWeight, kind).toBe(experiment.distill.hardLabelWeight);
      expect(one.compare, kind).toEqual({ baseline: false, seeds: [1, 2, 3] });
      expect(one.train, kind).toEqual(experiment.train);
      expect(one.data, kind).toEqual(experiment.data);
    }
  });

  it('is the same each time', () => {
    const texts = () => variantsOf(HEALTHY).variants.map(({ text }) => text);
    expect(texts()).toEqual(texts());
  });

  it('adds the term where the experiment matches no layers, keeps the weight of hard labels, and takes three seeds', () => {
    const text = HEALTHY.replace(/ {4}- at:.*\n/, '')
      .replace('  hardLabelWeight: 0.1\n', '')
      .replace('[1, 2, 3]', '[4]');
    const { loaded } = variantsOf(text);
    const best = loaded.get('best');
    expect(best?.distill.terms.map(({ method }) => method)).toEqual(['kd', 'at']);
    expect(best?.distill.terms[1]).toMatchObject({ weight: 1000, pairs: PAIRS });
    // Of a term with layers it would be 1, of kd alone 0.1: all have that of the experiment.
    expect([...loaded.values()].map(({ distill }) => distill.hardLabelWeight)).toEqual([0.1, 0.1, 0.1, 0.1]);
    expect(best?.compare.seeds).toEqual([1, 2, 3]);
  });

  it('leaves out a variant that would be another one', () => {
    const { variants } = variantsOf(HEALTHY, [{ teacher: 'stem', student: 'stem' }]);
    expect(variants.map(({ kind }) => kind)).toEqual(['best', 'random', 'none']);
  });

  it('is refused for an experiment that writes its phases out', () => {
    const phases =
      'phases:\n  - { name: teacher, train: [teacher], loss: task, epochs: 1 }\n  - { name: student, train: [student], freeze: [teacher], loss: distill, epochs: 1 }\n';
    expect(() => variantsOf(`${HEALTHY}${phases}`)).toThrow(UserError);
  });

  it('knows its own files', () => {
    const file = join('/w', 'a.b.kd.yaml');
    expect(ablationOf(file.replace('.kd.yaml', '.ablation-same-depth.kd.yaml'))).toEqual({
      base: file,
      set: 1,
      kind: 'sameDepth',
    });
    expect(ablationOf(file.replace('.kd.yaml', '.ablation-12-no-pairs.kd.yaml'))).toEqual({
      base: file,
      set: 12,
      kind: 'none',
    });
    expect(ablationOf(file)).toBeNull();
    expect(ablationOf(file.replace('.kd.yaml', '.ablation-other.kd.yaml'))).toBeNull();
  });
});
