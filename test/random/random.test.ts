import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { philox, type Counter, type Key } from '../../src/random/philox.ts';
import {
  integers,
  normal,
  permutation,
  randomStream,
  randomWords,
  uniform,
  uniformAt,
} from '../../src/random/random.ts';

const hex = (words: Uint32Array) => Array.from(words, (word) => word.toString(16).padStart(8, '0')).join(' ');
const stream = randomStream(7, 'test');

describe('philox', () => {
  /** Known answers of the authors' Random123 library, `kat_vectors`, philox4x32 10. */
  const known: [Counter, Key, string][] = [
    [[0, 0, 0, 0], [0, 0], '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      '408f276d 41c83b0e a20bc7c6 6d5451fd',
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      'd16cfe09 94fdcceb 5001e420 24126ea1',
    ],
  ];
  it.each(known)('gives the published words for counter %j and key %j', (counter, key, expected) => {
    const out = new Uint32Array(4);
    philox(counter, key, out);
    expect(hex(out)).toBe(expected);
  });
});

describe('a random stream', () => {
  it('gives the same numbers for the same seed, name, step and element, and others otherwise', () => {
    const draw = (seed: number, name: string, step: number) =>
      hex(randomWords(randomStream(seed, name), step, 4));
    const reference = draw(1, 'order', 0);
    expect(draw(1, 'order', 0)).toBe(reference);
    const others = [
      draw(2, 'order', 0),
      draw(1, 'crop', 0),
      draw(1, 'order', 1),
      draw(1 + 2 ** 32, 'order', 0),
    ];
    expect(new Set([reference, ...others]).size).toBe(5);
  });

  it('never changes: recorded words of seed 1', () => {
    expect(hex(randomWords(randomStream(1, 'order'), 3, 6))).toMatchInlineSnapshot(
      `"4ef9fffd 9a04722d e4720689 18ef56fe 574156ca 6f1cd304"`,
    );
  });

  it('gives an element the same value however many are drawn', () => {
    const property = fc.property(fc.nat(200), fc.nat(50), fc.nat(2 ** 31), (count, more, step) => {
      const few = randomWords(stream, step, count);
      const many = randomWords(stream, step, count + more);
      expect(many.subarray(0, count)).toEqual(few);
      const last = many.length - 1;
      if (last >= 0) expect(uniformAt(stream, step, last)).toBe((many[last] ?? 0) / 2 ** 32);
    });
    fc.assert(property, { seed: 1, numRuns: 100 });
  });

  it('spreads uniform values evenly over [0, 1)', () => {
    const values = uniform(stream, 0, new Float32Array(100_000));
    const bins = new Array<number>(10).fill(0);
    for (const value of values) {
      const bin = Math.floor(value * 10);
      bins[bin] = (bins[bin] ?? 0) + 1;
    }
    expect(bins).toHaveLength(10);
    const chiSquare = bins.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chiSquare).toBeLessThan(27.9); // 99.9 % of even draws, 9 degrees of freedom
  });

  it('draws normal values with mean 0, variance 1 and no skew, also for an odd count', () => {
    const values = normal(stream, 5, new Float32Array(100_001));
    const moment = (power: number) => values.reduce((sum, value) => sum + value ** power, 0) / values.length;
    expect(Math.abs(moment(1))).toBeLessThan(0.013);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.02);
    expect(Math.abs(moment(3))).toBeLessThan(0.05);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.15);
  });

  it('draws whole numbers below the bound, each about equally often', () => {
    const values = integers(stream, 1, 30_000, 3);
    const counts = [0, 1, 2].map((number) => values.filter((value) => value === number).length);
    expect(counts.reduce((sum, count) => sum + count)).toBe(30_000);
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(350);
  });

  it('permutes: every number once, whatever seed, step and count', () => {
    const property = fc.property(fc.nat(), fc.nat(1000), fc.nat(300), (seed, step, count) => {
      const order = permutation(randomStream(seed, 'order'), step, count);
      expect(Array.from(order).sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
    });
    fc.assert(property, { seed: 2, numRuns: 200 });
  });

  it('puts every number in every place about equally often', () => {
    const counts = new Array<number>(16).fill(0);
    for (let step = 0; step < 8000; step++) {
      permutation(stream, step, 4).forEach((number, place) => {
        counts[place * 4 + number] = (counts[place * 4 + number] ?? 0) + 1;
      });
    }
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(170);
  });
});
