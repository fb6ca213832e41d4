import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diagnosisPage } from '../../src/diagnosis/page.ts';
import { RULES } from '../../src/diagnosis/index.ts';

describe('the page of the diagnosis', () => {
  it('is the one that is committed but for the counts, which npm run docs takes from the results', () => {
    const committed = readFileSync(join(import.meta.dirname, '../../docs/diagnosis.md'), 'utf8');
    for (const { name, title, criterion, source } of RULES) {
      expect(committed).toContain(
        `## ${title}\n\n\`${name}\`\n\n**Speaks when:** ${criterion}\n\n**Source:** ${source}.`,
      );
    }
  });

  it('counts a rule that spoke of a row that beat the student alone as a false alarm', () => {
    const page = diagnosisPage([
      { name: 'response/kd', verdict: 'BEATS', findings: ['overfitting'], unable: ['wrongPair'] },
      { name: 'feature/at', verdict: 'BEATS', findings: [], unable: ['wrongPair', 'weakTeacher'] },
      { name: 'feature/ab', verdict: 'NO BEATS', findings: ['overfitting', 'plateau'], unable: [] },
    ]);
    expect(page).toContain('2 of 3 rows beat the student alone');
    expect(page).toContain('In 1 of the 2 no rule spoke');
    expect(page).toMatch(/`overfitting`[^#]*\*\*False alarms:\*\* 1 of 2 \(`response\/kd`\)/);
    expect(page).toMatch(/`plateau`[^#]*\*\*False alarms:\*\* 0 of 2/);
  });

  it('counts a rule only where it could look, and says where it could nowhere', () => {
    const row = { verdict: 'BEATS', findings: [] };
    const page = diagnosisPage([
      { ...row, name: 'response/kd', unable: ['wrongPair'] },
      { ...row, name: 'feature/at', unable: ['wrongPair', 'weakTeacher'] },
      { ...row, name: 'feature/older', unable: null },
    ]);
    expect(page).toMatch(/`plateau`[^#]*\*\*False alarms:\*\* 0 of 2\./);
    expect(page).toMatch(/`weakTeacher`[^#]*\*\*False alarms:\*\* 0 of 1\./);
    expect(page).toMatch(/`wrongPair`[^#]*\*\*False alarms:\*\* not counted/);
  });
});
