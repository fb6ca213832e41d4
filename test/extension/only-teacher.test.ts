import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadExperiment } from '../../src/config/load.ts';
import { onlyTeacher } from '../../src/extension/runs/only-teacher.ts';
import { createProject, HEALTHY, type Project } from '../server/project.ts';

let project: Project;
beforeAll(() => {
  project = createProject();
});
afterAll(() => project.remove());

function written(name: string, text: string): string {
  writeFileSync(project.path(name), text);
  return project.path(name);
}

describe('training only the teacher', () => {
  it('is the same config with the one phase that trains it', () => {
    const file = written('a.kd.yaml', HEALTHY);
    const overrides = onlyTeacher(file, 'teacher', [project.folder]);
    const { experiment, diagnostics } = loadExperiment({ file, root: project.folder, overrides });
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(experiment?.phases).toMatchObject([{ name: 'teacher', loss: 'task', epochs: 2, perSeed: false }]);
    expect(onlyTeacher(file, null, [project.folder])).toEqual(overrides);
  });

  it('is refused where no teacher is trained first, or the config has errors', () => {
    const file = written('b.kd.yaml', HEALTHY.replace('  match:', '  scheme: online\n  match:'));
    expect(() => onlyTeacher(file, null, [project.folder])).toThrow(/trains no teacher first/);
    const faulty = written('c.kd.yaml', HEALTHY.replace('epochs: 3', 'epochs: x'));
    expect(() => onlyTeacher(faulty, 'teacher', [project.folder])).toThrow(/trains no "teacher" first/);
  });
});
