import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadExperiment } from '../../src/config/load.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import { speakersOf } from '../../src/schemes/lessons.ts';
import { schemes } from '../../src/schemes/index.ts';
import { createWorkspace, HEALTHY, type ConfigWorkspace } from './workspace.ts';

let workspace: ConfigWorkspace;
beforeAll(() => {
  workspace = createWorkspace();
});
afterAll(() => workspace.remove());

const load = (text: string) =>
  loadExperiment({ file: join(workspace.root, 'a.kd.yaml'), text, root: workspace.root });

const KD = '    - kd: { temperature: { linear: { from: 4, to: 2, over: { epochs: 2 } } }, weight: 0.9 }\n';
const THIRD = '  third: { architecture: resnet14, train: { optimizer: adam } }\n';

/** A config with this under `distill`. */
function config(distill: string, models = ''): string {
  const match = HEALTHY.indexOf('  match:');
  const end = HEALTHY.indexOf('  hardLabelWeight');
  return HEALTHY.slice(0, match).replace('distill:\n', `${models}distill:\n`) + distill + HEALTHY.slice(end);
}

/** Each scheme at least once, with everything that its phases can hold. */
const CASES: Readonly<Record<string, string>> = {
  'offline, with an adapter': config(
    `  match:\n${KD}    - fitnet: { pairs: [{ teacher: stage1, student: stage3, adapter: { conv3x3: { batchNorm: false } } }] }\n`,
  ),
  offline: config(`  match:\n${KD}    - at: { weight: 1000, pairs: [[stage2, stage2]], start: 1, end: 2 }\n`),
  'offline, a term for another student': config(
    `  match:\n${KD}    - fitnet: { pairs: [[stage2, stage2]], to: third, refine: [] }\n`,
    THIRD,
  ),
  'offline, a paraphraser ahead': config(
    '  match:\n    - ft: { pairs: [[stage3, stage3]], aheadEpochs: 2 }\n',
  ),
  'offline, a search': config(
    '  match:\n    - at: { weight: 1000, pairs: [[stage2, stage2]], refine: [dafa: { searchEpochs: 1, searchEvery: 2 }, dam] }\n',
  ),
  grafting: config(
    `  from: [teacher, third]\n  scheme: { grafting: { blocks: [[stage1, stage1], [stage2, stage2]], epochs: 1, jointEpochs: 2, shots: 3, combine: { byScore: { power: 2 } } } }\n  match:\n${KD}`,
    THIRD,
  ),
  'multiTeacher, shares': config(
    `  from: [teacher, third]\n  scheme: { multiTeacher: { combine: { weights: [1, 3] } } }\n  match:\n${KD}`,
    THIRD,
  ),
  'multiTeacher, random': config(
    `  from: [teacher, third]\n  scheme: { multiTeacher: { combine: random } }\n  match:\n${KD}`,
    THIRD,
  ),
  book: config(
    `  from: [teacher, third]\n  scheme: { book: { correct: swap, blend: 0.1 } }\n  match:\n${KD}`,
    THIRD,
  ),
  chain: config(`  scheme: { chain: { through: [teacher, third, student] } }\n  match:\n${KD}`, THIRD),
  'online, of one kind': config(
    `  scheme: { online: { peers: 3, exchange: { steps: 4 } } }\n  match:\n${KD}`,
  ).replace('  teacher: { architecture: resnet20, train: { epochs: 2 } }\n', ''),
  'online, of several kinds, with a teacher for one term': config(
    `  scheme: { online: { peers: [third], combine: average } }\n  match:\n${KD}    - ft: { pairs: [[stage3, stage3]], from: teacher }\n`,
    THIRD,
  ),
  'branches, copies': config(
    `  from: teacher\n  scheme: { branches: { copies: { count: 3, at: stage2 } } }\n  match:\n${KD}    - one: {}\n`,
  ),
  'branches, exits': config(
    `  scheme: { branches: { exits: [stage1, stage2] } }\n  match:\n    - byot\n`,
  ).replace('  teacher: { architecture: resnet20, train: { epochs: 2 } }\n', ''),
  'self, earlier': config(
    `  scheme: { self: { earlier: { epochs: 1 } } }\n  match:\n    - snapshot\n`,
  ).replace('  teacher: { architecture: resnet20, train: { epochs: 2 } }\n', ''),
  'self, best so far': config(`  scheme: { self: { bestSoFar: true } }\n  match:\n${KD}`).replace(
    '  teacher: { architecture: resnet20, train: { epochs: 2 } }\n',
    '',
  ),
  adversarial: config(`  scheme: adversarial\n  match:\n${KD}    - gankd\n`),
  dataFree: config(
    `  scheme: { dataFree: { generator: dfad, studentSteps: 5, stepsPerEpoch: 12 } }\n  match:\n    - logitsL1\n`,
  ),
  progressive: config(
    `  scheme: { progressive: { blocks: [[stage1, stage1], [stage2, stage2]], epochs: 2 } }\n  match:\n${KD}    - fitnet: { pairs: [[stage3, stage3]] }\n`,
  ),
  studentAware: config(
    `  scheme: { studentAware: { branches: [[stage1, stage1], [stage2, stage2]], shared: true, start: branches } }\n  match:\n${KD}`,
  ),
  'interactive, of one kind': config(
    `  scheme: { interactive: { assistants: 2, rounds: 2 } }\n  match:\n${KD}`,
  ).replace('  teacher: { architecture: resnet20, train: { epochs: 2 } }\n', ''),
  'interactive, of models': config(
    `  scheme: { interactive: { assistants: [teacher, third], rounds: 1, epochs: 1 } }\n  match:\n${KD}`,
    THIRD,
  ),
};

/** What the effective config shows, with its comment in place of the scheme. */
function pasted(effective: string): string {
  const [head = '', phases = ''] = effective.split(/# The scheme expands to .*\n/);
  const lines = phases.split('\n').map((line) => line.replace(/^# /, ''));
  return head.replace(/^ {2}scheme:.*\n( {4,}.*\n)*/m, '') + lines.join('\n');
}

/** To every learner, by every term. */
function whoSpeaks(experiment: Experiment | null) {
  if (experiment === null) return [];
  const { phases, distill } = experiment;
  return phases.map((phase) =>
    phase.train.map((learner) =>
      distill.terms.map(({ from }) => speakersOf(phase, learner, distill.from, from, { phases })),
    ),
  );
}

describe('what a scheme expands to', () => {
  it('is tried for every scheme', () => {
    const tried = Object.keys(CASES).map((name) => name.split(',')[0]);
    expect(schemes.map(({ name }) => name).filter((name) => !tried.includes(name))).toEqual([]);
  });

  it.each(Object.entries(CASES))('%s: pasted as phases, makes the same experiment', (_name, text) => {
    const { experiment, effective, diagnostics } = load(text);
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    const again = load(pasted(effective));
    expect(again.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(again.experiment?.phases).toEqual(experiment?.phases);
    // Training reads of `distill` whom several frozen teachers stand for, and the terms.
    expect({ ...again.experiment, distill: null }).toEqual({ ...experiment, distill: null });
    expect(whoSpeaks(again.experiment)).toEqual(whoSpeaks(experiment));
    const unnamed = (one: typeof experiment) => ({ ...one?.distill, scheme: '', from: [] });
    expect(unnamed(again.experiment)).toEqual(unnamed(experiment));
  });
});
