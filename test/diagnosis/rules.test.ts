import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diagnose, RULES } from '../../src/diagnosis/index.ts';
import { Epochs, type Evidence } from '../../src/diagnosis/evidence.ts';
import { settingsOf } from '../../src/diagnosis/settings.ts';
import type { Finding } from '../../src/protocol/diagnosis.ts';

/**
 * Real trainings of a small student on a part of Fashion-MNIST, each with one fault put in on purpose (or none), reduced to what
 * the rules look at: means of each epoch, results, the last record of gap and similarity, and the experiment.
 */
const FOLDER = join(import.meta.dirname, 'runs');

type Stored = Omit<Evidence, 'settings'> & { readonly config: string };

function stored(name: string): Evidence {
  const { config, ...evidence } = JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')) as Stored;
  return { ...evidence, settings: settingsOf(config) };
}

function findings(evidence: Evidence): readonly Finding[] {
  return diagnose('a-run', evidence).findings;
}

/** What each run was spoiled with, and the rules that have to see it. Nothing else may speak. */
const RUNS: Readonly<Record<string, readonly string[]>> = {
  healthy: [],
  // The student beats its baseline by 2.3 points and has lost 5 points of calibration to the softened targets.
  'taught-well': ['calibrationLost'],
  // Learning rate 900.
  diverged: ['divergence'],
  // 8.
  'rate-far-too-high': ['learningRateHigh'],
  // 1.5.
  'rate-too-high': ['learningRateHigh'],
  // 0.00001.
  'rate-too-low': ['learningRateLow'],
  // 8 epochs at 0.005.
  'too-short': ['learningRateLow'],
  // `at` at 0.000001.
  'dead-term': ['deadTerm'],
  // `logitsMse` at 100.
  'dominating-term': ['dominatingTerm'],
  // 200 images, a wider student, 60 epochs, no weight decay.
  overfitted: ['overfitting'],
  // The learning rate falls to nothing over the first 4 of 16 epochs.
  plateau: ['plateau'],
  // A teacher of one filter after one epoch.
  'weak-teacher': ['weakTeacher'],
  // `kd` at temperature 256 instead of 4: the gain is no longer proven, and the student is as unsure as before.
  'over-softened': ['overSoftened', 'calibrationLost', 'tooFewSeeds'],
  // The same at 4: the student beats its baseline by 1.8 points, and the gap tells how soft the targets are.
  'taught-at-4': ['calibrationLost'],
  // `fitnet` from stage5 to stage1.
  'wrong-pair': ['wrongPair'],
  // +2.4 points with an interval that holds zero.
  'few-seeds': ['tooFewSeeds'],
};

describe('the rules of the diagnosis', () => {
  it('are tried on every stored run', () => {
    expect(readdirSync(FOLDER).sort()).toEqual(
      Object.keys(RUNS)
        .map((name) => `${name}.json`)
        .sort(),
    );
  });

  it.each(Object.entries(RUNS))('find in "%s" what was put in: %j', (name, rules) => {
    expect(findings(stored(name)).map(({ rule }) => rule)).toEqual(rules);
  });

  it('are all put to the test, by a run or below', () => {
    const tried = [...Object.values(RUNS).flat(), 'capacityGap'];
    expect(RULES.map(({ name }) => name).filter((name) => !tried.includes(name))).toEqual([]);
  });

  it('give numbers, a cause and a source with each finding', () => {
    for (const name of Object.keys(RUNS)) {
      for (const finding of findings(stored(name))) {
        expect(finding.evidence.length, finding.rule).toBeGreaterThan(0);
        for (const { value } of finding.evidence) expect(value).toMatch(/\d/);
        expect(finding.cause).not.toBe('');
        expect(finding.source).toMatch(/\d{4}|measured|t test/);
      }
    }
  });

  it('say what they lack instead of saying nothing', () => {
    const { unable } = diagnose('a-run', stored('healthy'));
    expect(unable).toContainEqual({ rule: 'weakTeacher', why: 'the gap to the teacher was not recorded' });
    expect(unable.map(({ rule }) => rule)).toContain('tooFewSeeds');
  });

  it('say nothing of a run that has only begun', () => {
    const evidence = { ...stored('healthy'), learnings: [], results: null };
    expect(findings(evidence)).toEqual([]);
  });
});

describe('targets that are softened too much', () => {
  const base = stored('over-softened');
  const [gap] = base.gap;
  const looked = (changes: Partial<Evidence>) => {
    const { findings: found, unable } = diagnose('a-run', { ...base, ...changes });
    return {
      found: found.some(({ rule }) => rule === 'overSoftened'),
      why: unable.find(({ rule }) => rule === 'overSoftened')?.why,
    };
  };

  it('are not looked for where no term softens, and where a refiner comes first it says so', () => {
    expect(looked({ settings: { ...base.settings, terms: [] } })).toEqual({ found: false, why: undefined });
    expect(looked({ settings: { ...base.settings, hasRefiners: true } }).why).toMatch(/refiner/);
    const refined = settingsOf(
      'distill: { match: [{ kd: { temperature: 9, refine: [logitStandardization] } }] }',
    );
    expect(refined.hasRefiners).toBe(true);
  });

  it('are not judged by a gap at another temperature, or by records that do not tell', () => {
    if (gap?.softened === undefined) throw new Error('the stored run has no gap');
    const { temperature, kl, js } = gap.softened;
    expect(looked({ gap: [{ ...gap, softened: { temperature, kl, js } }] }).why).toMatch(/not recorded/);
    expect(looked({ gap: [{ ...gap, softened: { ...gap.softened, temperature: 2 } }] }).why).toMatch(
      /another temperature/,
    );
    expect(looked({ gap: [gap] }).found).toBe(true);
  });
});

describe('a teacher too strong for its student', () => {
  const base = stored('few-seeds');
  const [student] = base.results?.phases.filter(({ phase }) => phase === 'student') ?? [];
  const strong = (changes: { agreement?: number; parameters?: number }): Evidence => {
    if (student === undefined || base.results === null) throw new Error('the stored run has no student');
    const { agreement = 0.8, parameters = 246_762 } = changes;
    const teacher = { ...student, phase: 'teacher', model: 'teacher', parameters, test: { accuracy: 0.91 } };
    const gap = {
      phase: 'student',
      seed: 1,
      epoch: 23,
      kl: 0.4,
      teacherAccuracy: 0.91,
      studentAccuracy: 0.86,
    };
    return {
      ...base,
      results: { ...base.results, phases: [teacher, ...base.results.phases] },
      gap: [{ ...gap, agreement }],
    };
  };
  const found = (evidence: Evidence) => findings(evidence).some(({ rule }) => rule === 'capacityGap');

  it('is named where it is far larger, far better, and the student does not follow', () => {
    expect(found(strong({}))).toBe(true);
  });

  it('is not where the student follows it, or is not much smaller', () => {
    expect(found(strong({ agreement: 0.95 }))).toBe(false);
    expect(found(strong({ parameters: 100_000 }))).toBe(false);
  });
});

describe('what is proposed', () => {
  const change = (name: string) => findings(stored(name)).flatMap(({ changes }) => changes);

  it('softens less, so far that the targets differ again', () => {
    const softer = change('over-softened').find(({ path }) => path.at(-1) === 'temperature');
    expect(softer?.path).toEqual(['distill', 'match', 0, 'kd', 'temperature']);
    // Entropy 67 % at 4, 98.5 % at 16: 90 % lies between.
    expect(Number(softer?.value)).toBeGreaterThan(4);
    expect(Number(softer?.value)).toBeLessThan(16);
  });

  it('aims at a fifth of the gradient for a dead term', () => {
    const [{ path, value } = { path: [], value: '' }] = change('dead-term');
    expect(path).toEqual(['distill', 'match', 1, 'at', 'weight']);
    expect(Number(value)).toBeGreaterThan(1e-4);
  });

  it('lowers the rate where it stands: the start of the schedule, or the number', () => {
    expect(change('rate-too-high')[0]).toMatchObject({
      path: ['train', 'optimizer', 'sgd', 'learningRate'],
      value: '0.5',
    });
    const schedule = settingsOf(
      'train: { optimizer: { sgd: { learningRate: { cosine: { from: 0.1, to: 0 } } } } }',
    );
    expect(schedule.learningRate).toEqual({
      value: 0.1,
      path: ['train', 'optimizer', 'sgd', 'learningRate', 'cosine', 'from'],
      isScheduled: true,
    });
  });

  it('takes seeds behind those that were judged, which would have a second chance to be wrong beside them', () => {
    expect(change('few-seeds')).toContainEqual({
      title: 'Train 4 other seeds, and judge them alone',
      path: ['compare', 'seeds'],
      value: '[4, 5, 6, 7]',
    });
  });

  it('adds seeds to those that were too few for an interval', () => {
    const base = stored('few-seeds');
    const verdict = base.results?.verdict ?? null;
    if (base.results === null || verdict === null) throw new Error('the stored run has no verdict');
    const two = { ...base.results, verdict: { ...verdict, interval: null, pairs: 2, seedsToDecide: 3 } };
    const changes = findings({
      ...base,
      results: two,
      settings: { ...base.settings, seeds: [1, 2] },
    }).flatMap((one) => one.changes);
    expect(changes).toContainEqual({
      title: 'Train 3 seeds, and judge once they are all there',
      path: ['compare', 'seeds'],
      value: '[1, 2, 3]',
    });
  });

  it('names the layer that is more alike', () => {
    expect(change('wrong-pair')[0]).toMatchObject({ value: '[stage1, stage1]' });
  });
});

describe('epochs', () => {
  it('hold the mean of what was recorded in them, and what validation said after them', () => {
    const epochs = new Epochs();
    const of = { phase: 'student', seed: 1 };
    epochs.add({ ...of, epoch: 1, split: 'train', values: { loss: 4 } });
    epochs.add({ ...of, epoch: 0, split: 'train', values: { loss: 1 } });
    epochs.add({ ...of, epoch: 1, split: 'train', values: { loss: 2, accuracy: 0.5 } });
    epochs.add({ ...of, epoch: 1, split: 'validation', values: { loss: 7 } });
    epochs.add({ ...of, epoch: 1, split: 'test', values: { loss: 9 } });
    expect(epochs.learnings()).toEqual([
      {
        phase: 'student',
        seed: 1,
        epochs: [
          { epoch: 0, train: { loss: 1 }, validation: {} },
          { epoch: 1, train: { loss: 3, accuracy: 0.5 }, validation: { loss: 7 } },
        ],
      },
    ]);
  });
});
