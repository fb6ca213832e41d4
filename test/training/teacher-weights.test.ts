import { describe, expect, it } from 'vitest';
import { findMethod } from '../../src/methods/index.ts';
import { buildArchitecture } from '../../src/models/zoo/zoo.ts';
import { teacherWeights } from '../../src/training/teacher-weights.ts';
import { term } from './small-run.ts';

const resnet = buildArchitecture('resnet8', [8, 8, 1], 3);
const names = (method: string, ...layers: string[]) => {
  const found = findMethod(method);
  if (found === undefined) throw new Error(`no ${method}`);
  const pairs = layers.map((layer) => ({ teacher: layer, student: layer }));
  return teacherWeights(found, term(method, { pairs }), resnet);
};

describe('tensors of the teacher that a term reads', () => {
  it('are none for most methods', () => {
    expect(names('fitnet', 'stage1')).toEqual({});
  });

  it('are the batch norm that yields a layer: itself, or the last of the residual branch', () => {
    expect(names('ofd', 'stage1.block0.bn1', 'stage2.block0.add')).toEqual({
      'pair0/scale': 'stage1.block0.bn1/scale',
      'pair0/offset': 'stage1.block0.bn1/offset',
      'pair1/scale': 'stage2.block0.bn2/scale',
      'pair1/offset': 'stage2.block0.bn2/offset',
    });
  });

  it('are the last dense layer', () => {
    expect(names('srrl', 'head.pool')).toEqual({
      'classifier/kernel': `${resnet.logits}/kernel`,
      'classifier/bias': `${resnet.logits}/bias`,
    });
  });

  it('are missed by name where a layer comes from no batch norm', () => {
    expect(() => names('ofd', 'stage1')).toThrow('"stage1" of resnet8 comes from none');
  });
});
