import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ProfileReport } from '../../src/protocol/records.ts';
import { eachWithWorkplace } from '../cli/each-with-workplace.ts';
import type { Workplace } from '../cli/kd-process.ts';
import { bundleProduct } from './build.ts';
import { tinyConfig, writeTinyData } from './tiny-data.ts';

const CONFIG = tinyConfig();

let place: Workplace;
eachWithWorkplace(bundleProduct, (made) => {
  place = made;
  writeTinyData(join(place.folder, 'data'));
});

describe('kd profile', () => {
  it('measures every phase of an experiment, as JSON or as tables', async () => {
    writeFileSync(join(place.folder, 'tiny.kd.yaml'), CONFIG);
    const { code, stdout } = await place.kd(['profile', 'tiny.kd.yaml', '--json']);
    expect(code).toBe(0);
    const { executor, phases } = JSON.parse(stdout) as ProfileReport;
    expect(executor.name).not.toBe('');
    expect(phases.map(({ phase }) => phase)).toEqual(['teacher', 'student', 'baseline']);
    expect(phases.map(({ terms }) => terms.map(({ id }) => id))).toEqual([[], ['kd'], []]);
    const whole = await place.kd(['profile', 'tiny.kd.yaml', '--whole', '--json']);
    const { phases: none, steps } = JSON.parse(whole.stdout) as ProfileReport;
    expect(none).toEqual([]);
    expect(steps.map(({ phase, overAlone }) => [phase, overAlone === null])).toEqual([
      ...[
        ['teacher', false],
        ['student', false],
        ['baseline', true],
      ],
    ]);
    const words = await place.kd(['profile', 'tiny.kd.yaml']);
    expect(words.stdout).toMatch(/student: mlp\(8\), batch 8\n[\d.]+ ms a step/);
  });

  it('shows the diagnostics of a faulty file and measures nothing', async () => {
    writeFileSync(
      join(place.folder, 'tiny.kd.yaml'),
      CONFIG.replace('epochs: 1, batchSize', 'epoch: 1, batchSize'),
    );
    const { code, stdout, stderr } = await place.kd(['profile', 'tiny.kd.yaml', '--json']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('nothing was measured');
  });
});
