import { describe, expect, it } from 'vitest';
import { Validator } from '../../src/config/check/validate.ts';
import { Report } from '../../src/config/report.ts';
import { parseConfig } from '../../src/config/syntax/parse.ts';
import { Source } from '../../src/config/syntax/source.ts';
import { integer, object, type ObjectField } from '../../src/schema/field.ts';

/** A map whose key `epochs` was once called `rounds`. */
const field: ObjectField = {
  ...object({ epochs: integer({ doc: 'Length.', minimum: 1 }) }, { doc: 'Training.' }),
  formerly: { rounds: 'epochs' },
};

function validate(text: string) {
  const report = new Report('a');
  const { root } = parseConfig(new Source('a', text), report);
  const value = root === null ? undefined : new Validator(report, true).validate(field, root);
  return { value, diagnostics: report.diagnostics };
}

describe('a key that has got a new name', () => {
  it('is read under its old one, with a warning whose fix renames it', () => {
    const { value, diagnostics } = validate('rounds: 3\n');
    expect(value).toEqual({ epochs: 3 });
    expect(diagnostics).toMatchObject([
      {
        code: 'KD2011',
        severity: 'warning',
        message: '"rounds" is called "epochs" now',
        fixes: [{ title: 'Rename to "epochs"', edits: [{ newText: 'epochs' }] }],
      },
    ]);
  });

  it('has its value checked like any other', () => {
    expect(validate('rounds: 0\n').diagnostics.map(({ code }) => code)).toEqual(['KD2011', 'KD2004']);
  });

  it('does not stand beside its new name', () => {
    const { value, diagnostics } = validate('rounds: 3\nepochs: 4\n');
    expect(value).toEqual({ epochs: 4 });
    expect(diagnostics).toMatchObject([{ code: 'KD2001', fixes: [{ title: 'Remove "rounds"' }] }]);
  });
});
