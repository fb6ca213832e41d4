import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { labelsText, NO_LABELS } from '../../src/protocol/labels.ts';
import { changeLabels, labelsOf } from '../../src/runs/labels.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kd-labels-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('what people say of a run', () => {
  it('is nothing without a file, and where the file is damaged or says too much', () => {
    expect(labelsOf(folder)).toEqual(NO_LABELS);
    for (const text of [
      '',
      '{',
      '[]',
      '{"starred":"yes"}',
      JSON.stringify({ ...NO_LABELS, tags: ['x'.repeat(500)] }),
    ]) {
      writeFileSync(join(folder, 'labels.json'), text);
      expect(labelsOf(folder)).toEqual(NO_LABELS);
    }
  });

  it('changes only where it is asked to', () => {
    changeLabels(folder, { starred: true, addTags: [' warm ', 'good', 'warm'] });
    changeLabels(folder, { note: 'higher temperature', removeTags: ['good'] });
    expect(labelsOf(folder)).toEqual({
      ...{ starred: true, archived: false, tags: ['warm'], note: 'higher temperature' },
    });
    expect(JSON.parse(readFileSync(join(folder, 'labels.json'), 'utf8'))).toMatchObject({ formatVersion: 1 });
    expect(labelsText(labelsOf(folder))).toBe('★ warm · higher temperature');
  });

  it.each(['', '  ', 'a,b', 'line\nbreak', 'x'.repeat(41)])(
    'refuses %j as a tag, and changes nothing',
    (tag) => {
      changeLabels(folder, { addTags: ['kept'] });
      expect(() => changeLabels(folder, { addTags: ['new', tag] })).toThrow(
        expect.objectContaining({ problem: expect.objectContaining({ code: 'KD7024' }) as unknown }) as Error,
      );
      expect(labelsOf(folder).tags).toEqual(['kept']);
    },
  );

  it('refuses more tags than a row can show and a note that is a book', () => {
    expect(() =>
      changeLabels(folder, { addTags: Array.from({ length: 21 }, (_, at) => `t${at}`) }),
    ).toThrow();
    expect(() => changeLabels(folder, { note: 'x'.repeat(2001) })).toThrow();
  });
});
