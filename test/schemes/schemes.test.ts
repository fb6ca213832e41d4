import { describe, expect, it } from 'vitest';
import { findScheme, schemes } from '../../src/schemes/index.ts';
import { speakersOf } from '../../src/schemes/lessons.ts';
import type { Phase } from '../../src/schemes/phase.ts';
import type { SchemeContext } from '../../src/schemes/scheme.ts';

const context: SchemeContext = {
  from: ['teacher'],
  to: 'student',
  epochs: 6,
  baseline: true,
  ownEpochs: () => 3,
};

function expand(
  name: string,
  settings: Readonly<Record<string, unknown>> = {},
  changes: Partial<SchemeContext> = {},
): readonly Phase[] {
  const scheme = findScheme(name);
  if (scheme === undefined) throw new Error(`no scheme ${name}`);
  return scheme.expand({ ...context, ...changes }, settings);
}

const outline = (phases: readonly Phase[]): string[] =>
  phases.map(
    ({ name, train, freeze, epochs, perSeed }) =>
      `${name}: ${train.map(({ instance }) => instance).join('+')} < ${freeze.join('+')} ${epochs}${perSeed ? ' each seed' : ''}`,
  );

/** Names of who speaks to the first learner of a phase. */
const heard = (phase: Phase | undefined, named: readonly string[] | null = null): string[] => {
  const [learner] = phase?.train ?? [];
  if (phase === undefined || learner === undefined) return [];
  return speakersOf(phase, learner, context.from, named).map(({ instance, kind }) => `${kind} ${instance}`);
};
const taught = (phases: readonly Phase[]): Phase | undefined => phases.find(({ name }) => name === 'student');

describe('every scheme', () => {
  it.each(schemes.map((scheme) => [scheme.name]))('%s is documented', (name) => {
    const scheme = findScheme(name);
    expect(scheme?.doc).toContain('Phases');
    expect(scheme?.summary.endsWith('.')).toBe(true);
  });

  it('gives phases names of their own and trains a baseline with the budget of the student', () => {
    const settings: Record<string, Readonly<Record<string, unknown>>> = {
      multiTeacher: { combine: 'average' },
      chain: { through: ['teacher', 'assistant', 'student'] },
      online: { peers: 3, combine: 'each' },
      branches: { copies: { count: 3, at: 'stage2' } },
      self: { bestSoFar: false },
      dataFree: {
        generator: { dafl: {} },
        latent: 10,
        filters: 8,
        stepsPerEpoch: 4,
        generatorSteps: 1,
        studentSteps: 1,
        learningRate: 1e-3,
      },
      progressive: { blocks: [['stage1', 'stage1']], epochs: 2 },
      grafting: {
        blocks: [
          ['stage1', 'stage1'],
          ['stage2', 'stage2'],
        ],
        epochs: 2,
        jointEpochs: 3,
        combine: 'average',
      },
      studentAware: { branches: [['stage1', 'stage1']] },
      interactive: { assistants: 3, rounds: 2 },
    };
    for (const { name } of schemes) {
      const phases = expand(name, settings[name]);
      const names = phases.map((phase) => phase.name);
      expect(new Set(names).size, name).toBe(names.length);
      const budget = phases
        .filter(({ train }) => train.some(({ model }) => model === 'student'))
        .filter(({ train }) => !train.some(({ instance }) => /assistant/.test(instance)))
        .filter((phase) => phase.name !== 'baseline')
        .reduce((sum, { epochs }) => sum + epochs, 0);
      expect(phases.find((phase) => phase.name === 'baseline')?.epochs, name).toBe(budget);
    }
  });
});

describe('several teachers', () => {
  const phases = expand('multiTeacher', { combine: { weights: [3, 1] } }, { from: ['a', 'b'] });

  it('trains each once and lets the student hear both', () => {
    expect(outline(phases)).toEqual([
      'a: a <  3',
      'b: b <  3',
      'student: student < a+b 6 each seed',
      'baseline: baseline <  6 each seed',
    ]);
  });

  it('divides shares by their sum', () => {
    expect(taught(phases)?.source).toEqual({
      kind: 'frozen',
      combine: { kind: 'weights', weights: [0.75, 0.25] },
    });
  });

  it('lets a term hear the teacher that it names alone', () => {
    expect(heard(taught(phases), ['b'])).toEqual(['frozen b']);
  });
});

describe('a chain of assistants', () => {
  it('trains assistants once with their own epochs, each by the one before', () => {
    const phases = expand('chain', { through: ['large', 'middle', 'student'] }, { from: [] });
    expect(outline(phases)).toEqual([
      'large: large <  3',
      'middle: middle < large 3',
      'student: student < middle 6 each seed',
      'baseline: baseline <  6 each seed',
    ]);
    expect(heard(taught(phases))).toEqual(['frozen middle']);
  });
});

describe('peers', () => {
  it('of one kind start differently and hear one another', () => {
    const phase = taught(expand('online', { peers: 3, combine: 'each' }, { from: [] }));
    expect(phase?.train.map(({ variant }) => variant ?? 0)).toEqual([0, 1, 2]);
    expect(heard(phase)).toEqual(['peer student-2', 'peer student-3']);
  });

  it('of several kinds are named by their models', () => {
    const phase = taught(expand('online', { peers: ['other'], combine: 'each' }, { from: [] }));
    expect(phase?.train.map(({ instance }) => instance)).toEqual(['student', 'other']);
  });

  it('that exchange now and then are heard through copies', () => {
    const phase = taught(
      expand('online', { peers: 2, combine: 'each', exchange: { steps: 50 } }, { from: [] }),
    );
    expect(heard(phase)).toEqual(['copy copy:student-2']);
  });
});

describe('self-distillation', () => {
  it('hears nobody by default', () => {
    expect(heard(taught(expand('self', { bestSoFar: false })))).toEqual([]);
  });

  it('hears a copy of itself in cycles with a learning rate that begins anew', () => {
    const phase = taught(expand('self', { earlier: { epochs: 2 }, bestSoFar: false }));
    expect(heard(phase)).toEqual(['copy copy:student']);
    expect(phase?.cycleEpochs).toBe(2);
  });
});

describe('progressive distillation', () => {
  const phases = expand('progressive', {
    blocks: [
      ['stage1', 'stage1'],
      ['stage3', 'stage2'],
    ],
    epochs: 2,
  });

  it('goes on block by block from what was learned before', () => {
    expect(phases.map(({ train }) => train[0]?.continues)).toEqual([
      undefined,
      undefined,
      ['student-block1'],
      ['student-block2'],
      undefined,
    ]);
    expect(phases[2]?.pairs).toEqual([{ teacher: 'stage3', student: 'stage2' }]);
  });

  it('gives the baseline the epochs of all blocks', () => {
    expect(phases.at(-1)?.epochs).toBe(10);
  });
});
