import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findCopies } from '../../src/data/copies.ts';
import { loadDataset } from '../../src/data/dataset.ts';
import { confirmMove, greyOf } from '../../src/data/moves.ts';
import type { Samples } from '../../src/data/samples.ts';
import { uniform, randomStream } from '../../src/random/random.ts';
import { counts } from '../support/counts.ts';

const LEAST = 0.995;
const MIRRORED = { mirrored: true, right: 0, down: 0 };
const MOVES = [
  MIRRORED,
  { mirrored: false, right: 1, down: 0 },
  { mirrored: false, right: -2, down: 1 },
  { mirrored: false, right: 0, down: 2 },
  { mirrored: true, right: 2, down: -2 },
];

type Picture = readonly number[];

/** What a move makes of a picture; `ground` comes in across the edge. */
function moved(
  picture: Picture,
  side: number,
  { mirrored, right, down }: (typeof MOVES)[number],
  ground: (x: number, y: number) => number = () => 0,
): Picture {
  return picture.map((_, at) => {
    const [x, y] = [(at % side) - right, Math.floor(at / side) - down];
    const inside = x >= 0 && x < side && y >= 0 && y < side;
    const from = mirrored ? side - 1 - x : x;
    return inside ? (picture[y * side + from] ?? 0) : ground(x, y);
  });
}

function samplesOf(pictures: readonly Picture[], side: number, labels?: readonly number[]): Samples {
  const pixels = Uint8Array.from(pictures.flat());
  const own = Int32Array.from(pictures, (_, n) => labels?.[n] ?? 0);
  return { count: pictures.length, shape: [side, side, 1], pixels, labels: own, digest: '' };
}

/** The handwritten digits of the sample. */
async function digits(count: number) {
  const root = join(import.meta.dirname, '../../media/sample/data');
  const file = (name: string) => join(root, `${name}-ubyte.gz`);
  const { splits } = await loadDataset(
    {
      format: 'idx',
      train: { inputs: file('train-images-idx3'), labels: file('train-labels-idx1') },
      test: { inputs: file('t10k-images-idx3'), labels: file('t10k-labels-idx1') },
      ...{
        validation: { fraction: 0.1 },
        normalize: 'none',
        augment: [],
        limit: { train: null, test: null },
      },
    },
    { root, seed: 1, cacheFolder: null },
  );
  const { samples } = splits.train;
  const size = 28 * 28;
  return {
    train: {
      ...samples,
      count,
      pixels: samples.pixels.subarray(0, count * size),
      labels: samples.labels.subarray(0, count),
    } satisfies Samples,
    test: splits.test.samples,
    picture: (n: number): Picture => Array.from(samples.pixels.subarray(n * size, (n + 1) * size)),
    label: (n: number) => samples.labels[n] ?? 0,
  };
}

/** A scene that goes on beyond its edges, with detail down to the pixel. */
function scene(seed: number): (x: number, y: number) => number {
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = uniform(randomStream(seed, 'scene'), 0, new Float32Array(5));
  const wave = (x: number, y: number) =>
    Math.sin((0.1 + 0.3 * a) * x + 9 * b) * Math.cos((0.1 + 0.3 * c) * y + 9 * d) +
    0.8 * Math.sin((0.2 + 0.2 * e) * (x + y) + 7 * a) +
    0.5 * Math.sin((0.5 + 0.5 * b) * (x - 0.7 * y));
  return (x, y) => Math.round(127 + 45 * wave(x, y));
}

/** Clouds that go on beyond their edges: noise at every scale from half the picture to the pixel, as photographs have it. */
function clouds(seed: number): (x: number, y: number) => number {
  const octaves = Array.from({ length: OCTAVES }, (_, octave) =>
    uniform(randomStream(seed, `clouds/${octave}`), 0, new Float32Array(LATTICE * LATTICE)),
  );
  const knot = (lattice: Float32Array, x: number, y: number) =>
    lattice[wrapped(y, LATTICE) * LATTICE + wrapped(x, LATTICE)] ?? 0;
  const between = (lattice: Float32Array, x: number, y: number) => {
    const [left, top] = [Math.floor(x), Math.floor(y)];
    const [right, down] = [x - left, y - top];
    const row = (at: number) => (1 - right) * knot(lattice, left, at) + right * knot(lattice, left + 1, at);
    return (1 - down) * row(top) + down * row(top + 1);
  };
  return (x, y) =>
    Math.round(
      octaves.reduce((sum, lattice, octave) => {
        const scale = 2 ** octave / 64;
        return sum + (between(lattice, x * scale, y * scale) * 120) / 2 ** octave;
      }, 10),
    );
}
const OCTAVES = 7;
const LATTICE = 37;
const wrapped = (at: number, length: number) => ((at % length) + length) % length;

describe('a picture that was mirrored or shifted', () => {
  it('is known to the pixel in a large picture, from where it is to a cell', () => {
    const side = 96;
    const at = scene(1);
    const from = (of: typeof at, right: number, down: number) =>
      Array.from({ length: side * side }, (_, i) =>
        of(((i % side) - right) / 3, (Math.floor(i / side) - down) / 3),
      );
    const grey = (picture: Picture) => greyOf(samplesOf([picture], side), 0);
    const [first, second] = [grey(from(at, 0, 0)), grey(from(at, 4, -5))];
    const near = { mirrored: false, right: 3, down: -6 };
    expect(confirmMove(first, second, near, 0.998)).toEqual({ mirrored: false, right: 4, down: -5 });
    const mirror = grey(moved(from(at, 0, 0), side, MIRRORED));
    expect(confirmMove(first, mirror, MIRRORED, 0.998)).toEqual(MIRRORED);
    expect(confirmMove(first, grey(from(scene(2), 0, 0)), near, 0.998)).toBeNull();
  });

  it('is found among real digits, every one of them, and those that are not moved are left alone', async () => {
    const { train, picture, label } = await digits(counts({ test: 1500, soak: 6000 }));
    const planted = MOVES.flatMap((move, at) =>
      Array.from({ length: 40 }, (_, n) => ({ move, of: 7 * n + at * 3 })),
    );
    const copies = samplesOf(
      planted.map(({ move, of }) => moved(picture(of), 28, move)),
      28,
      planted.map(({ of }) => label(of)),
    );
    const found = findCopies([train, copies], LEAST);
    const expected = planted.map(({ move, of }, n) => ({
      first: of,
      second: train.count + n,
      exact: false,
      moved: move,
    }));
    const byPlace = new Map(found.map((copy) => [copy.second, copy]));
    const missed = expected.filter(({ second, first }) => byPlace.get(second)?.first !== first);
    expect(missed).toEqual([]);
    // A digit that looks the same after two moves may be told with either.
    const same = expected.filter(({ second, moved: move }) => {
      const told = byPlace.get(second)?.moved;
      return told?.mirrored === move.mirrored && told.right === move.right && told.down === move.down;
    });
    expect(same.length / expected.length).toBeGreaterThan(0.95);
    expect(found.filter(({ second }) => second < train.count)).toEqual([]);
  });

  it('is found in scenes that go on beyond the edge, every one of them', () => {
    const side = 32;
    const scenes = Array.from({ length: 300 }, (_, seed) => scene(seed));
    const shown = (at: (x: number, y: number) => number) =>
      Array.from({ length: side * side }, (_, i) => at(i % side, Math.floor(i / side)));
    const planted = scenes.slice(0, 100).map((at, n) => ({ at, move: MOVES[n % MOVES.length] ?? MIRRORED }));
    const copies = planted.map(({ at, move }) =>
      moved(shown(at), side, move, (x, y) => (move.mirrored ? at(side - 1 - x, y) : at(x, y))),
    );
    const found = findCopies([samplesOf(scenes.map(shown), side), samplesOf(copies, side)], LEAST);
    const expected = planted.map(({ move }, n) => ({ first: n, second: 300 + n, exact: false, moved: move }));
    expect([...found].sort((a, b) => a.first - b.first)).toEqual(expected);
  });

  it.each([
    [96, 40],
    [224, 12],
  ])(
    'is found in pictures of %i pixels a side, whatever part of a cell the shift is',
    (side, count) => {
      const farthest = side / 16;
      const drawn = uniform(randomStream(side, 'shifts'), 0, new Float32Array(2 * count));
      const shift = (at: number) => Math.floor((drawn[at] ?? 0) * (2 * farthest + 1)) - farthest;
      const scenes = Array.from({ length: count }, (_, seed) => clouds(seed));
      const shown = (at: (x: number, y: number) => number) =>
        Array.from({ length: side * side }, (_, i) => at(i % side, Math.floor(i / side)));
      const planted = scenes.map((at, n) => {
        const move = { mirrored: n % 3 === 0, right: shift(2 * n), down: shift(2 * n + 1) };
        return { at, move };
      });
      const copies = planted.map(({ at, move }) =>
        moved(shown(at), side, move, (x, y) => (move.mirrored ? at(side - 1 - x, y) : at(x, y))),
      );
      const others = Array.from({ length: count }, (_, seed) => shown(clouds(count + seed)));
      const originals = [...scenes.map(shown), ...others];
      const found = findCopies([samplesOf(originals, side), samplesOf(copies, side)], LEAST);
      const pairs = found.map(({ first, second }) => [first, second]).sort(([a = 0], [b = 0]) => a - b);
      expect(pairs).toEqual(planted.map((_, n) => [n, originals.length + n]));
      // A shift by a small part of a cell may pass for none.
      const told = found.filter((copy) => copy.moved !== undefined);
      expect(told.map(({ moved: move }) => move)).toEqual(told.map(({ first }) => planted[first]?.move));
      const untold = found
        .filter((copy) => copy.moved === undefined)
        .map(({ first }) => planted[first]?.move);
      for (const move of untold) {
        expect(move?.mirrored).toBe(false);
        expect(Math.max(Math.abs(move?.right ?? NaN), Math.abs(move?.down ?? NaN))).toBeLessThan(side / 32);
      }
    },
    60_000,
  );

  it('is found with noise and another brightness on top, in all but a few cases', async () => {
    const { train, picture, label } = await digits(400);
    const noise = uniform(randomStream(1, 'noise'), 0, new Float32Array(28 * 28));
    const worn = Array.from({ length: 200 }, (_, n) =>
      moved(picture(n), 28, MOVES[n % MOVES.length] ?? MIRRORED).map((value, at) =>
        Math.max(0, Math.min(255, Math.round(value * 0.9 + 4 * (noise[at] ?? 0)))),
      ),
    );
    const copies = samplesOf(
      worn,
      28,
      worn.map((_, n) => label(n)),
    );
    const found = findCopies([train, copies], LEAST);
    const right = found.filter(({ first, second }) => second === 400 + first);
    expect(right.length).toBeGreaterThan(185);
    expect(found).toHaveLength(right.length);
  });

  it('of another class is no copy: a letter mirrored may be another letter', async () => {
    const { picture } = await digits(1);
    const pictures = [picture(0), moved(picture(0), 28, MIRRORED)];
    expect(findCopies([samplesOf(pictures, 28, [1, 2])], LEAST)).toEqual([]);
    expect(findCopies([samplesOf(pictures, 28, [1, 1])], LEAST)).toEqual([
      { first: 0, second: 1, exact: false, moved: MIRRORED },
    ]);
  });
});

describe('healthy data', () => {
  it('raises nothing: no two of the real digits of the sample count as one', async () => {
    const { train, test } = await digits(counts({ test: 2500, soak: 6000 }));
    expect(findCopies([train, test], LEAST)).toEqual([]);
  });
});
