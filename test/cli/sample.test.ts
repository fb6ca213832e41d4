import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkFile } from '../../src/cli/experiment-file.ts';
import { copySample, templateNames, templates } from '../../src/runs/sample.ts';

const SAMPLE = fileURLToPath(new URL('../../media/sample', import.meta.url));
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kd-sample-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the sample project', () => {
  it.each(templateNames(SAMPLE))('template %s can be run as it is written', (template) => {
    const [config = ''] = copySample(SAMPLE, template, folder);
    const { diagnostics, experiment, effective } = checkFile(config, folder);
    // Some show on purpose what is warned of, and say so.
    const meant = /^# warns: (.*)$/m.exec(readFileSync(config, 'utf8'))?.[1]?.split(' ') ?? [];
    const found = diagnostics.filter(({ severity }) => severity !== 'information');
    expect(found.map(({ code }) => code)).toEqual(meant);
    expect(experiment).not.toBeNull();
    // What a run stores is a config itself and means the same.
    writeFileSync(join(folder, 'stored.kd.yaml'), effective);
    const stored = checkFile('stored.kd.yaml', folder);
    expect(stored.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect({ ...stored.experiment, file: '' }).toEqual({ ...experiment, file: '' });
  });

  it('has three seeds in the one that is run first, for fewer give no verdict', () => {
    const [config = ''] = copySample(SAMPLE, 'mnist', folder);
    expect(checkFile(config, folder).experiment?.compare).toEqual({ baseline: true, seeds: [1, 2, 3] });
  });

  it('overwrites nothing, and writes nothing where something is in the way', () => {
    writeFileSync(join(folder, 'quick.kd.yaml'), 'mine');
    expect(() => copySample(SAMPLE, 'quick', folder)).toThrow(/nothing is overwritten/);
    expect(readFileSync(join(folder, 'quick.kd.yaml'), 'utf8')).toBe('mine');
    expect(readdirSync(folder)).toEqual(['quick.kd.yaml']);
    expect(existsSync(join(folder, 'data'))).toBe(false);
  });

  it('gives a second template to a folder that has the data already, and leaves them alone', () => {
    const first = copySample(SAMPLE, 'quick', folder);
    expect(first.length).toBeGreaterThan(1);
    expect(copySample(SAMPLE, 'mnist', folder)).toEqual([join(folder, 'mnist.kd.yaml')]);
    expect(() => copySample(SAMPLE, 'quick', folder)).toThrow(/already has quick\.kd\.yaml/);
    writeFileSync(first[1] ?? '', 'mine');
    expect(() => copySample(SAMPLE, 'words', folder)).toThrow(/already has data/);
    expect(existsSync(join(folder, 'words.kd.yaml'))).toBe(false);
  });

  it('says of each template in a sentence what it shows, those to begin with first', () => {
    const all = templates(SAMPLE);
    expect(all.map(({ name }) => name).sort()).toEqual(templateNames(SAMPLE));
    expect(all.slice(0, 2)).toEqual([
      {
        name: 'mnist',
        title: 'MNIST, convnet to small MLP',
        about: 'A convolutional teacher, and a small dense student that learns from it.',
      },
      {
        name: 'quick',
        title: 'MNIST in a minute',
        about: 'The shortest way to see a whole run: one seed, few epochs.',
      },
    ]);
    for (const { title, about } of all) {
      expect(title).not.toBe('');
      expect(about).toMatch(/^[A-Z].*\.$/);
    }
  });
});
