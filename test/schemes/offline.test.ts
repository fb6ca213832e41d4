import { describe, expect, it } from 'vitest';
import { findScheme, schemes } from '../../src/schemes/index.ts';
import { offline } from '../../src/schemes/offline.ts';

const context = { from: ['large'], to: 'small', epochs: 30, baseline: true, ownEpochs: () => 10 };

describe('the offline scheme', () => {
  it('trains the teacher once, then student and baseline alike for each seed', () => {
    const phases = offline.expand(context, {});
    expect(
      phases.map(({ name, loss, epochs, perSeed, freeze }) => ({ name, loss, epochs, perSeed, freeze })),
    ).toEqual([
      { name: 'large', loss: 'task', epochs: 10, perSeed: false, freeze: [] },
      { name: 'small', loss: 'distill', epochs: 30, perSeed: true, freeze: ['large'] },
      { name: 'baseline', loss: 'task', epochs: 30, perSeed: true, freeze: [] },
    ]);
    const [, student, baseline] = phases;
    expect(baseline?.train).toEqual([{ instance: 'baseline', model: 'small' }]);
    expect(baseline?.settingsOf).toEqual(student?.settingsOf);
  });

  it('does not train a teacher that comes from an earlier run', () => {
    const phases = offline.expand({ ...context, ownEpochs: () => null }, {});
    expect(phases.map(({ name }) => name)).toEqual(['small', 'baseline']);
  });

  it('leaves the baseline out on request', () => {
    expect(offline.expand({ ...context, baseline: false }, {}).map(({ name }) => name)).toEqual([
      'large',
      'small',
    ]);
  });
});

describe('the schemes', () => {
  it('are found by their names', () => {
    for (const scheme of schemes) expect(findScheme(scheme.name)).toBe(scheme);
  });
});
