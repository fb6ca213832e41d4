import { describe, expect, it } from 'vitest';
import { setValue } from '../../src/config/set-value.ts';

function after(text: string, path: readonly (string | number)[], value: string): string {
  const { range, newText } = setValue(text, path, value);
  const offset = ({ line, character }: { line: number; character: number }) =>
    text.split('\n').slice(0, line).join('\n').length + (line > 0 ? 1 : 0) + character;
  return text.slice(0, offset(range.start)) + newText + text.slice(offset(range.end));
}

describe('a value set in an experiment file', () => {
  it.each([
    [
      'replaces a number, the comment behind it stays',
      'train:\n  epochs: 4 # few\n',
      ['train', 'epochs'],
      '8',
      'train:\n  epochs: 8 # few\n',
    ],
    [
      'replaces a list in brackets',
      'compare: { seeds: [1, 2] }\n',
      ['compare', 'seeds'],
      '[1, 2, 3]',
      'compare: { seeds: [1, 2, 3] }\n',
    ],
    [
      'replaces a block by one line',
      'compare:\n  seeds:\n    - 1\n    - 2\n  baseline: true\n',
      ['compare', 'seeds'],
      '[1, 2, 3]',
      'compare:\n  seeds: [1, 2, 3]\n  baseline: true\n',
    ],
    [
      'adds a missing key to a block',
      'train:\n  epochs: 4\n',
      ['train', 'labelSmoothing'],
      '0.1',
      'train:\n  epochs: 4\n  labelSmoothing: 0.1\n',
    ],
    [
      'adds a missing key to braces',
      'train: { epochs: 4 }\n',
      ['train', 'labelSmoothing'],
      '0.1',
      'train: { epochs: 4, labelSmoothing: 0.1 }\n',
    ],
    [
      'adds all that is missing on the way',
      'name: a\n',
      ['train', 'optimizer', 'sgd', 'learningRate'],
      '0.01',
      'name: a\ntrain: { optimizer: { sgd: { learningRate: 0.01 } } }\n',
    ],
    [
      'gives settings to a term that is a word',
      'distill:\n  match:\n    - kd\n',
      ['distill', 'match', 0, 'kd', 'temperature'],
      '2',
      'distill:\n  match:\n    - kd: { temperature: 2 }\n',
    ],
    [
      'gives settings to a word in brackets',
      'distill: { match: [kd] }\n',
      ['distill', 'match', 0, 'kd', 'temperature'],
      '2',
      'distill: { match: [{ kd: { temperature: 2 } }] }\n',
    ],
    [
      'fills an empty value',
      'distill:\n  match:\n    - kd:\n',
      ['distill', 'match', 0, 'kd', 'weight'],
      '2',
      'distill:\n  match:\n    - kd: { weight: 2 }\n',
    ],
  ] as const)('%s', (_what, text, path, value, expected) => {
    expect(after(text, path, value)).toBe(expected);
  });

  it('refuses an item that a list does not have, and a file that is none', () => {
    expect(() =>
      setValue('distill: { match: [kd] }\n', ['distill', 'match', 3, 'at', 'weight'], '1'),
    ).toThrow(/no such item/);
    expect(() => setValue('- a\n', ['train', 'epochs'], '1')).toThrow(/no experiment/);
  });
});
