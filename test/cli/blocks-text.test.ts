import { expect, test } from 'vitest';
import { blocksText } from '../../src/cli/blocks-text.ts';

const faults = [{ kernel: 'maxPool', reason: 'off by 1.0e+0 of the largest value' }];

test('says that all kernels are right', () => {
  expect(blocksText({ size: 16, reason: null, faults: [] })).toBe(
    'convolutions are written on blocks of 16 channels; every internal kernel was tried and is right',
  );
});

test('names the kernels that are not, with the reason', () => {
  expect(blocksText({ size: 8, reason: null, faults })).toBe(
    'convolutions are written on blocks of 8 channels; missing or wrong: maxPool (off by 1.0e+0 of the largest value)',
  );
});

test('says why nothing is written on blocks', () => {
  expect(blocksText({ size: null, reason: 'this build of the runtime has no blocks', faults: [] })).toBe(
    'convolutions are written plainly: this build of the runtime has no blocks',
  );
  expect(blocksText({ size: null, reason: 'convolution cannot be used', faults })).toContain(
    'convolution cannot be used; missing or wrong: maxPool',
  );
});
