import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  doCross,
  freeAssignment,
  orderedAssignment,
  type Cell,
} from '../../src/protocol/layer-matching/assignment.ts';
import {
  cellOf,
  crossings,
  DEFAULT_OPTIONS,
  describePairs,
  matchLayers,
} from '../../src/protocol/layer-matching/match-layers.ts';
import { reasonText } from '../../src/protocol/layer-matching/reason-text.ts';
import type { LayerFact, LayerMeeting } from '../../src/protocol/records.ts';
import { counts } from '../support/counts.ts';

const worthOf = (worth: readonly (readonly number[])[], { row, column }: Cell) => worth[row]?.[column] ?? NaN;
const total = (worth: readonly (readonly number[])[], cells: readonly Cell[]) =>
  cells.reduce((sum, cell) => sum + worthOf(worth, cell), 0);

/** Every set of at most `count` cells that may be chosen together, by trying all. */
function best(
  worth: readonly (readonly number[])[],
  count: number,
  agree: (one: Cell, other: Cell) => boolean,
): { readonly size: number; readonly total: number } {
  const cells = worth.flatMap((row, i) =>
    row.flatMap((value, j) => (value === -Infinity ? [] : [{ row: i, column: j }])),
  );
  let found = { size: 0, total: 0 };
  const grow = (chosen: readonly Cell[], from: number) => {
    const sum = total(worth, chosen);
    if (chosen.length > found.size || (chosen.length === found.size && sum > found.total))
      found = { size: chosen.length, total: sum };
    if (chosen.length === count) return;
    cells.slice(from).forEach((cell, at) => {
      if (chosen.every((one) => agree(one, cell))) grow([...chosen, cell], from + at + 1);
    });
  };
  grow([], 0);
  return found;
}

const table = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }))
  .chain(([rows, columns]) =>
    fc.array(
      fc.array(
        fc.oneof(
          { weight: 4, arbitrary: fc.double({ min: 0.01, max: 1, noNaN: true }) },
          fc.constant(-Infinity),
        ),
        {
          minLength: columns,
          maxLength: columns,
        },
      ),
      { minLength: rows, maxLength: rows },
    ),
  );
const numRuns = counts({ test: 300, soak: 20_000 });

const strictly = (one: Cell, other: Cell) => (one.row - other.row) * (one.column - other.column) > 0;
const sharing = (one: Cell, other: Cell) => one.column !== other.column && !doCross(one, other);
const apart = (one: Cell, other: Cell) => one.row !== other.row && one.column !== other.column;

describe('the assignment', () => {
  it.each([
    ['in order, one to one', (worth: number[][], k: number) => orderedAssignment(worth, k), strictly],
    ['in order, one to many', (worth: number[][], k: number) => orderedAssignment(worth, k, true), sharing],
    ['in any order', (worth: number[][], k: number) => freeAssignment(worth, k), apart],
  ] as const)('%s is the best of all there are', (_, assign, agree) => {
    fc.assert(
      fc.property(table, fc.integer({ min: 1, max: 5 }), (worth, count) => {
        const cells = assign(worth, count);
        cells.forEach((one, at) => {
          expect(worthOf(worth, one)).toBeGreaterThan(-Infinity);
          for (const other of cells.slice(at + 1)) expect(agree(one, other)).toBe(true);
        });
        const wanted = best(worth, count, agree);
        expect(cells).toHaveLength(wanted.size);
        expect(total(worth, cells)).toBeCloseTo(wanted.total, 9);
      }),
      { numRuns, seed: 8 },
    );
  });

  it('of networks with 80 layers takes no second', () => {
    const worth = Array.from({ length: 80 }, (_, i) =>
      Array.from({ length: 80 }, (__, j) => 0.5 + 0.5 * Math.sin(i * 7.1 + j * 3.3)),
    );
    expect(orderedAssignment(worth, 80)).toHaveLength(80);
    expect(freeAssignment(worth, 60)).toHaveLength(60);
  });
});

const layer = (name: string, channels: number, main = true): LayerFact => ({
  name,
  path: `${name}.out`,
  shape: [8, 8, channels],
  main,
});
const ADAPTER = { parameters: 100, multiplyAdds: 6400, kernels: ['1x1x4x16'] };

/** Three stages and a block on the side of the teacher, three stages and a block on that of the student. */
const teacher = {
  model: 'teacher',
  architecture: 'big',
  layers: ['a', 'b', 'b.block0', 'c'].map((name) => layer(name, 16, !name.includes('.'))),
};
const student = {
  model: 'student',
  architecture: 'small',
  layers: ['x', 'y', 'y.block0', 'z'].map((name) => layer(name, 4, !name.includes('.'))),
};
const meeting: LayerMeeting = {
  ...{ phase: 'student', method: 'fitnet', batch: 32, teacher, student, matched: [] },
  adapters: teacher.layers.map(() => student.layers.map(() => ADAPTER)),
};
const values = [
  [0.9, 0.2, 0.1, 0.1],
  [0.3, 0.6, 0.1, 0.8],
  [0.2, 0.7, 0.9, 0.1],
  [0.1, 0.75, 0.1, 0.5],
];
const errors = values.map((row) => row.map(() => 0.01));

describe('ranked pairs', () => {
  const pairs = (options = {}, facts: LayerMeeting = meeting) =>
    matchLayers(facts, { values, errors }, { ...DEFAULT_OPTIONS, ...options }).map(
      (pair) => `${pair.teacher.name}-${pair.student.name}`,
    );

  it('keep the order of both networks, most alike first', () => {
    expect(pairs()).toEqual(['a-x', 'b.block0-y', 'c-z']);
    expect(pairs({ pairs: 2 })).toEqual(['a-x', 'b-z']);
  });

  it('may cross, may share a teacher layer, and may take blocks of the student, where that is asked for', () => {
    expect(pairs({ order: 'free' })).toEqual(['a-x', 'b-z', 'c-y']);
    expect(pairs({ students: 'all', pairs: 4, shared: true })).toEqual([
      'a-x',
      'b.block0-y.block0',
      'b.block0-y',
      'c-z',
    ]);
  });

  it('leave out what the method cannot match and what is not alike', () => {
    const misfit = {
      ...meeting,
      adapters: meeting.adapters.map((row, i) => row.map((cell, j) => (i === 0 && j === 0 ? null : cell))),
    };
    expect(pairs({}, misfit)).not.toContain('a-x');
    const unlike = values.map((row) => row.map(() => -0.1));
    expect(matchLayers(meeting, { values: unlike })).toEqual([]);
    expect(matchLayers(meeting, { values: unlike.map((row) => row.map(() => 'NaN' as const)) })).toEqual([]);
  });

  it('say what an adapter costs a step: forward and twice that backward, for every sample of a batch', () => {
    const [first] = matchLayers(meeting, { values, errors });
    expect(first).toMatchObject({
      similarity: 0.9,
      error: 0.01,
      adapter: ADAPTER,
      multiplyAddsPerStep: 3 * 32 * 6400,
    });
  });

  it('say why: the most alike, clearly before the next', () => {
    const [first] = matchLayers(meeting, { values, errors });
    expect(first && reasonText(first)).toBe(
      'the teacher layer most alike; clearly before b (0.30); same height and width',
    );
  });

  it('say why a layer that is more alike was passed over', () => {
    const found = matchLayers(meeting, { values, errors });
    const words = found.map((pair) => reasonText(pair));
    expect(words[1]).toMatch(/^more alike is c \(0\.75\), which is matched with z;/);
    expect(words[2]).toMatch(/^more alike is b \(0\.80\), which would cross the pair of b\.block0 and y;/);
  });

  it('do not call a lead clear that is within two standard errors', () => {
    const wide = values.map((row) => row.map(() => 0.5));
    const [first] = matchLayers(meeting, { values, errors: wide });
    expect(first && reasonText(first)).toContain('no more than two standard errors before b (0.30)');
  });
});

describe('pairs chosen by hand', () => {
  const cell = (a: string, b: string) =>
    cellOf(meeting, { teacher: a, student: b }) ?? { row: -1, column: -1 };

  it('are described as others are, and crossings are found', () => {
    const chosen = [cell('b', 'z'), cell('c', 'y'), cell('a', 'x')];
    expect(describePairs(meeting, { values, errors }, chosen).map(({ similarity }) => similarity)).toEqual([
      0.8, 0.75, 0.9,
    ]);
    expect(crossings(chosen)).toEqual([[chosen[0], chosen[1]]]);
    expect(crossings([cell('b', 'y'), cell('b', 'z')])).toEqual([]);
    expect(cellOf(meeting, { teacher: 'nowhere', student: 'x' })).toBeNull();
  });
});
