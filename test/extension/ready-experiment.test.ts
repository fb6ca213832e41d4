import { mkdirSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readyExperiment } from '../../src/extension/runs/ready-experiment.ts';
import { createProject, HEALTHY, type Project } from '../server/project.ts';

let project: Project;
beforeEach(() => {
  project = createProject();
});
afterEach(() => project.remove());

function written(text: string): string {
  const file = project.path('digits.kd.yaml');
  writeFileSync(file, text);
  return file;
}

describe('a config that is to be run', () => {
  it('becomes a run with its name, its seeds and every default written out', () => {
    const file = written(HEALTHY);
    const { root, run } = readyExperiment(file, [project.folder]);
    expect(root).toBe(project.folder);
    expect(run).toMatchObject({ name: 'digits', config: file, overrides: [], seeds: [1, 2, 3] });
    expect(run.configText).toMatch(/nesterov/);
  });

  it('has its runs where .kd lies already', () => {
    mkdirSync(project.path('.kd'));
    expect(readyExperiment(written(HEALTHY), []).root).toBe(project.folder);
  });

  it('is not started with an error, and the first error says where', () => {
    const file = written(HEALTHY.replace('momentum', 'momentun'));
    const line = HEALTHY.split('\n').findIndex((text) => text.includes('momentum')) + 1;
    expect(() => readyExperiment(file, [])).toThrow(
      expect.objectContaining({
        problem: expect.objectContaining({
          code: 'KD5111',
          message: expect.stringContaining(`line ${line}: `) as unknown,
        }) as unknown,
      }) as Error,
    );
  });

  it('is not started when a file it needs is missing', () => {
    const file = written(HEALTHY.replace('train-images', 'gone'));
    expect(() => readyExperiment(file, [])).toThrow(/nothing was started.*gone/);
  });
});
