import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { differences, FIELDS, type Fingerprint } from '../../src/book/fingerprint.ts';
import { fromHalf, toHalf } from '../../src/book/float16.ts';
import { mergedPage, type MergePlan } from '../../src/book/merge.ts';
import { readField, rowLayout, writeField } from '../../src/book/row.ts';

const softmax = (values: ArrayLike<number>, temperature = 1) => {
  const powers = Array.from(values, (value) => Math.exp(value / temperature));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((value) => value / sum);
};
const closeTo = (values: ArrayLike<number>) =>
  Array.from(values, (value) => expect.closeTo(value, 5) as number);

describe('half precision', () => {
  it('is the nearest number, and every half number is itself', () => {
    for (let half = 0; half < 0x7c00; half += 1) expect(toHalf(fromHalf(half))).toBe(half);
    fc.assert(
      fc.property(fc.float({ noNaN: true, min: -60000, max: 60000 }), (value) => {
        const error = Math.abs(fromHalf(toHalf(value)) - value);
        expect(error).toBeLessThanOrEqual(Math.max(Math.abs(value) * 2 ** -11, 2 ** -25));
      }),
    );
    expect(fromHalf(toHalf(1e9))).toBe(65504);
    expect(fromHalf(toHalf(-Infinity))).toBe(-65504);
    expect(fromHalf(toHalf(NaN))).toBeNaN();
  });
});

describe('the most probable classes', () => {
  it('keep their logits, and the others their probability together', () => {
    const logits = Float32Array.of(1, 5, -2, 3, 0.5, 0);
    const layout = rowLayout([{ name: 'logits', shape: [6] }], { precision: 'float32', topK: 2 });
    const [field] = layout.fields;
    if (field === undefined) throw new Error('no field');
    const view = new DataView(new ArrayBuffer(layout.bytes));
    writeField(view, 0, field, logits);
    const read = new Float32Array(6);
    readField(view, 0, field, read);
    const [said, kept] = [softmax(logits), softmax(read)];
    expect([read[1], read[3]]).toEqual([5, 3]);
    expect(kept[1]).toBeCloseTo(said[1] ?? 0, 6);
    expect(kept[3]).toBeCloseTo(said[3] ?? 0, 6);
    expect(new Set([read[0], read[2], read[4], read[5]]).size).toBe(1);
    expect(layout.bytes).toBe(4 + 2 * 4 + 2 * 2);
  });
});

describe('a fingerprint', () => {
  const same = Object.fromEntries(Object.keys(FIELDS).map((field) => [field, 'x'])) as Fingerprint;

  it.each(Object.keys(FIELDS))('tells when %s differs', (field) => {
    const stored = { ...same, views: '1' };
    const found = differences({ ...stored, [field]: field === 'views' ? '2' : 'y' }, stored);
    expect(found.map((one) => one.field)).toEqual([field]);
  });

  it('is served by a book that holds more layers and views', () => {
    const wanted = { ...same, layers: 'a', views: '2' };
    expect(differences(wanted, { ...same, layers: 'a, b', views: '4' })).toEqual([]);
    expect(differences({ ...wanted, layers: 'a, c' }, { ...same, layers: 'a, b', views: '4' })).toHaveLength(
      1,
    );
  });
});

describe('a page of several teachers', () => {
  const plan: MergePlan = { ensemble: 'probabilities', temperature: 4, correct: 'none', blend: 0 };
  const one = Float32Array.of(2, 0, -1);
  const other = Float32Array.of(0, 3, 1);

  it('of one alone is what it says', () => {
    expect(mergedPage(plan, [one], 1)).toBe(one);
  });

  it('of equal teachers says what each of them says', () => {
    expect(softmax(mergedPage(plan, [one, one], 1), 4)).toEqual(closeTo(softmax(one, 4)));
    expect(mergedPage({ ...plan, ensemble: 'logits' }, [one, one], 1)).toEqual(one);
  });

  it('is the mean of their softened probabilities', () => {
    const [a, b] = [softmax(one, 4), softmax(other, 4)];
    const mean = a.map((value, k) => (value + (b[k] ?? 0)) / 2);
    expect(softmax(mergedPage(plan, [one, other], 0), 4)).toEqual(closeTo(mean));
  });

  it('that names the wrong class has the two exchanged, and still sums to 1', () => {
    const page = softmax(mergedPage({ ...plan, correct: 'swap' }, [one], 2), 4);
    const [first = 0, second = 0, third = 0] = softmax(one, 4);
    expect(page).toEqual(closeTo([third, second, first]));
    expect(softmax(mergedPage({ ...plan, correct: 'swap' }, [one], 0), 4)).toEqual(
      closeTo([first, second, third]),
    );
  });

  it('is blended with the true class', () => {
    const page = softmax(mergedPage({ ...plan, blend: 0.5 }, [one], 1), 4);
    expect(page).toEqual(closeTo(softmax(one, 4).map((value, k) => value / 2 + (k === 1 ? 0.5 : 0))));
  });

  it('that only measures is not corrected', () => {
    expect(mergedPage({ ...plan, correct: 'swap', blend: 0.5 }, [one], null)).toBe(one);
  });
});
