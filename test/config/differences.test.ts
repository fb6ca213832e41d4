import { describe, expect, it } from 'vitest';
import { differencesOf, settingsOf } from '../../src/config/differences.ts';

const between = (...texts: readonly string[]) =>
  Object.fromEntries(differencesOf(texts.map(settingsOf)).map(({ key, values }) => [key, values]));

describe('the differences of configs', () => {
  it('go by key, with what one lacks as nothing', () => {
    expect(
      between('train: { epochs: 8, seed: 1 }\n', 'train: { epochs: 9, seed: 1, batchSize: 64 }\n'),
    ).toEqual({
      'train.epochs': [8, 9],
      'train.batchSize': [null, 64],
    });
  });

  it('name entries of a list by what they are, so that one more shifts no other', () => {
    const kd = '- kd: { temperature: 4 }\n';
    const at = '- at: { weight: 1000, pairs: [[a, b], [c, d]] }\n';
    const list = (...terms: string[]) => `match:\n${terms.map((term) => `  ${term}`).join('')}`;
    expect(between(list(kd), list(at, kd))).toEqual({
      'match[at].weight': [null, 1000],
      'match[at].pairs': [null, '[[a, b], [c, d]]'],
    });
    expect(between(list(at, kd), list(kd, at))).toEqual({ 'match (order)': ['at, kd', 'kd, at'] });
    expect(between(list(kd, kd), list(kd, '- kd: { temperature: 2 }\n'))).toEqual({
      'match[kd#2].temperature': [4, 2],
    });
  });

  it('name phases by their name, and words without settings', () => {
    expect(between('phases: [{ name: a, epochs: 1 }]\n', 'phases: [{ name: a, epochs: 2 }]\n')).toEqual({
      'phases[a].epochs': [1, 2],
    });
    expect(between('refine: [ logitStandardization, { x: 1 } ]\n', 'refine: [ { x: 1 } ]\n')).toEqual({
      'refine[logitStandardization]': [true, null],
    });
  });

  it('are none between a config and itself, and of text that is no config', () => {
    expect(between('a: [1, 2]\nb: { c: ~ }\n', 'b: { c: ~ }\na: [1, 2]\n')).toEqual({});
    expect(between('\u0000\u0001', '')).toEqual({});
    expect(settingsOf(`a: ${'['.repeat(5000)}`).size).toBe(0);
  });

  it('cut what is too long to be shown', () => {
    const [difference] = differencesOf([settingsOf(`a: ${'x'.repeat(5000)}\n`), settingsOf('a: y\n')]);
    expect(String(difference?.values[0])).toHaveLength(200);
  });
});
