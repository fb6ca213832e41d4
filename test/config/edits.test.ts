import { describe, expect, it } from 'vitest';
import { insertPair, insertPairs, type PairToInsert } from '../../src/config/edits.ts';
import { UserError } from '../../src/protocol/errors.ts';

const PAIR = { teacher: 'stage3', student: 'stage2' };

/** The text after the edits, applied from the end. */
function inserted(text: string, pair: PairToInsert = PAIR): string {
  const lines = text.split('\n');
  for (const { range, newText } of [...insertPair(text, pair)].reverse()) {
    const { start, end } = range;
    const offset = (line: number, character: number) =>
      lines.slice(0, line).reduce((sum, one) => sum + one.length + 1, 0) + character;
    text =
      text.slice(0, offset(start.line, start.character)) +
      newText +
      text.slice(offset(end.line, end.character));
  }
  return text;
}

describe('inserting a pair of layers', () => {
  it.each([
    [
      'behind the pairs of a term on one line',
      'distill:\n  match:\n    - kd\n    - at: { weight: 3, pairs: [[stage1, stage1]] } # why\n',
      'distill:\n  match:\n    - kd\n    - at: { weight: 3, pairs: [[stage1, stage1], [stage3, stage2]] } # why\n',
    ],
    [
      'into an empty list of pairs',
      'distill: { match: [{ at: { pairs: [] } }] }',
      'distill: { match: [{ at: { pairs: [[stage3, stage2]] } }] }',
    ],
    [
      'below pairs that stand one a line, a comment behind the last kept',
      'distill:\n  match:\n    - at:\n        pairs:\n          - [stage1, stage1] # first\n  hardLabelWeight: 1\n',
      'distill:\n  match:\n    - at:\n        pairs:\n          - [stage1, stage1] # first\n          - [stage3, stage2]\n  hardLabelWeight: 1\n',
    ],
    [
      'into a term without pairs, on one line',
      'distill:\n  match:\n    - at: { weight: 3 }\n',
      'distill:\n  match:\n    - at: { weight: 3, pairs: [[stage3, stage2]] }\n',
    ],
    [
      'into a term without pairs, over several lines',
      'distill:\n  match:\n    - at:\n        weight: 3\n  hardLabelWeight: 1\n',
      'distill:\n  match:\n    - at:\n        weight: 3\n        pairs: [[stage3, stage2]]\n  hardLabelWeight: 1\n',
    ],
    [
      'into a term that is a bare word',
      'distill:\n  match:\n    - at\n',
      'distill:\n  match:\n    - at: { pairs: [[stage3, stage2]] }\n',
    ],
    [
      'into a bare word among brackets',
      'distill: { match: [kd, at] }\n',
      'distill: { match: [kd, { at: { pairs: [[stage3, stage2]] } }] }\n',
    ],
    [
      'as a new term where none matches layers',
      'distill:\n  match:\n    - kd: { weight: 0.9 }\n  hardLabelWeight: 0.1\n',
      'distill:\n  match:\n    - kd: { weight: 0.9 }\n    - at: { weight: 1000, pairs: [[stage3, stage2]] }\n  hardLabelWeight: 0.1\n',
    ],
    [
      'as the first match of a block without one',
      'distill:\n  hardLabelWeight: 0.1\ntrain:\n  epochs: 1\n',
      'distill:\n  hardLabelWeight: 0.1\n  match: [{ at: { weight: 1000, pairs: [[stage3, stage2]] } }]\ntrain:\n  epochs: 1\n',
    ],
  ])('goes %s', (_, before, after) => {
    expect(inserted(before)).toBe(after);
  });

  it('goes to the term that is named, not to the first', () => {
    const text = 'distill:\n  match:\n    - at: { pairs: [[a, a]] }\n    - fitnet: { pairs: [[b, b]] }\n';
    expect(inserted(text, { ...PAIR, method: 'fitnet' })).toContain(
      'fitnet: { pairs: [[b, b], [stage3, stage2]] }',
    );
  });

  it('keeps Windows line ends', () => {
    const [edit] = insertPair('distill:\r\n  match:\r\n    - kd\r\n', PAIR);
    expect(edit?.newText).toBe('\r\n    - at: { weight: 1000, pairs: [[stage3, stage2]] }');
  });

  it('quotes a layer name that YAML would read otherwise', () => {
    expect(inserted('distill: { match: [at] }', { teacher: 'a, b', student: '1' })).toContain(
      'pairs: [["a, b", "1"]]',
    );
  });

  it.each([
    ['is there already', 'distill: { match: [{ at: { pairs: [[stage3, stage2]] } }] }'],
    ['has no distill block to go to', 'name: x\n'],
    ['meets a file that cannot be read', '['],
  ])('is refused with the next step where it %s', (_, text) => {
    expect(() => insertPair(text, PAIR)).toThrow(UserError);
  });
});

describe('inserting several pairs of layers', () => {
  const PAIRS = [
    { teacher: 'stage1', student: 'stage1' },
    { teacher: 'stage3', student: 'stage2' },
  ];
  const after = (text: string, method?: string) => {
    const edits = insertPairs(text, PAIRS, method);
    expect(edits).toHaveLength(1);
    return edits.reduce((done, { range, newText }) => {
      const lines = done.split('\n');
      const offset = (line: number, character: number) =>
        lines.slice(0, line).reduce((sum, one) => sum + one.length + 1, 0) + character;
      const { start, end } = range;
      return (
        done.slice(0, offset(start.line, start.character)) +
        newText +
        done.slice(offset(end.line, end.character))
      );
    }, text);
  };

  it('is one edit: a new term of all, or the pairs that are missing behind those of a term', () => {
    expect(after('distill:\n  match:\n    - kd # soft\n', 'fitnet')).toBe(
      'distill:\n  match:\n    - kd # soft\n    - fitnet: { weight: 100, pairs: [[stage1, stage1], [stage3, stage2]] }\n',
    );
    expect(after('distill:\n  match:\n    - at: { weight: 3, pairs: [[stage1, stage1]] } # why\n')).toBe(
      'distill:\n  match:\n    - at: { weight: 3, pairs: [[stage1, stage1], [stage3, stage2]] } # why\n',
    );
  });

  it('is refused where all of them are matched', () => {
    const text = 'distill:\n  match:\n    - at: { pairs: [[stage1, stage1], [stage3, stage2]] }\n';
    expect(() => insertPairs(text, PAIRS)).toThrow(UserError);
  });
});
