import { describe, expect, it } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import { logitsL1 } from '../../src/methods/response/logits-l1.ts';
import { logitsMse } from '../../src/methods/response/logits-mse.ts';
import { netgraft } from '../../src/methods/response/netgraft.ts';
import { context, drawn, value } from './context.ts';

const loss = (student: tf.Tensor, teacher: tf.Tensor, { reduction = 'sum', normalized = true } = {}) =>
  value(
    netgraft.loss(
      tf,
      context({ logits: [student, teacher], parameters: { reduction, normalized } }) as never,
    ),
  );
const logitsOf = (...rows: number[][]) => tf.tensor2d(rows);

describe('the grafting loss', () => {
  it('adds 0 for one direction, 2 for a right angle, 4 for the opposite one, whatever the lengths', () => {
    expect(loss(logitsOf([3, 0]), logitsOf([7, 0]))).toBeCloseTo(0, 6);
    expect(loss(logitsOf([3, 0]), logitsOf([0, 0.2]))).toBeCloseTo(2, 5);
    expect(loss(logitsOf([1, 1]), logitsOf([-9, -9]))).toBeCloseTo(4, 5);
  });

  it('is 2 · (1 − cos) of each sample, added up or averaged over the batch', () => {
    const [student, teacher] = [logitsOf([3, 4], [1, 0]), logitsOf([4, 3], [0, 1])];
    // cos of the first: (12 + 12) / 25 = 0.96
    expect(loss(student, teacher)).toBeCloseTo(0.08 + 2, 5);
    expect(loss(student, teacher, { reduction: 'mean' })).toBeCloseTo(1.04, 5);
  });

  it('is logit regression where answers are not normalised', () => {
    const [student, teacher] = [drawn([5, 4], 1), drawn([5, 4], 2)];
    const regression = value(logitsMse.loss(tf, context({ logits: [student, teacher] })));
    expect(loss(student, teacher, { normalized: false })).toBeCloseTo(regression, 6);
  });
});

it('the discrepancy of logits is the mean absolute difference', () => {
  const logits = [logitsOf([1, -2], [0, 4]), logitsOf([3, -1], [0, -1])] as const;
  expect(value(logitsL1.loss(tf, context({ logits }) as never))).toBeCloseTo((2 + 1 + 0 + 5) / 4, 6);
});
