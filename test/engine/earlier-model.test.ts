import { describe, expect, it } from 'vitest';
import { earlierModel } from '../../src/engine/earlier-model.ts';
import { lockRun } from '../../src/runs/lock.ts';
import { writeModel } from '../../src/runs/models.ts';
import { RunStore } from '../../src/runs/index.ts';
import { checkpointAt, newRun, scratchFolder } from '../runs/scratch.ts';

function runWithModels() {
  const store = new RunStore(scratchFolder());
  const run = newRun(store);
  for (const seed of [2, 10]) writeModel(run.path, `student-${seed}`, checkpointAt(seed).tensors);
  return { root: store.root, run };
}

describe('a model of an earlier run', () => {
  it('is found by its saved name, or by its phase with the lowest seed', () => {
    const { root, run } = runWithModels();
    expect(earlierModel(root, run.id, 'student-10')).toEqual(checkpointAt(10).tensors);
    expect(earlierModel(root, 'latest', 'student')).toEqual(checkpointAt(2).tensors);
  });

  it('that does not exist is answered with those that do', () => {
    const { root, run } = runWithModels();
    expect(() => earlierModel(root, run.id, 'teacher')).toThrow(/no trained model "teacher"/);
    expect(() => earlierModel(root, 'nothing', 'teacher')).toThrow(/no run begins with/);
  });

  it('is refused while its run goes on', () => {
    const { root, run } = runWithModels();
    const lock = lockRun(run.path);
    expect(() => earlierModel(root, run.id, 'student')).toThrow(/still training/);
    lock.release();
  });
});
