import {
  costText,
  differenceText,
  metricOf,
  outcomeText,
  valuesText,
  type StoredResults,
} from './results.ts';

/** What rows of the results came to, each with the settings it was trained with; nothing where there is none. */
export function resultSection(
  rows: StoredResults['rows'],
  { bases }: Pick<StoredResults, 'bases'>,
  published: boolean,
): string[] {
  if (rows.length === 0) return [];
  const lines = rows.flatMap((row) => {
    const { againstAlone, againstKd, base } = row;
    const plain = bases[base]?.plain ?? 'kd';
    const metric = metricOf(row.test) === 'psnr' ? 'test PSNR' : 'test accuracy';
    const facts = [
      `${outcomeText(row)} against the student alone`,
      valuesText(row.test) && `${metric} ${valuesText(row.test)}`,
      againstAlone &&
        `${differenceText(againstAlone)}${againstAlone.unit === 'points' ? ' points' : ''} over the student alone`,
      againstKd && `${differenceText(againstKd)} over plain [${plain}](../methods/${plain}.md)`,
      costText(row) && `a step takes ${costText(row)} of one of plain ${plain}`,
    ];
    const words = facts.filter((fact) => fact !== null && fact !== '').join('; ');
    return [
      `\`${row.name}\`: ${words}.${published ? notShown(row, plain) : ''}`,
      '',
      '```yaml',
      `# beside its base, ${base}`,
      row.settings.trimEnd(),
      '```',
      '',
    ];
  });
  return [
    '## Result',
    '',
    'One student on small data, see [the table](../results.md) for how to read it.',
    '',
    ...lines,
  ];
}

/** What its paper may claim and these numbers do not show. */
function notShown({ againstAlone, againstKd }: StoredResults['rows'][number], plain: string): string {
  const missing = [
    ...(againstAlone === null || againstAlone.verdict === 'BEATS' ? [] : ['the student alone']),
    ...(againstKd === null || againstKd.verdict === 'BEATS' ? [] : [`plain ${plain}`]),
  ];
  return missing.length === 0
    ? ''
    : ` No gain over ${missing.join(' or ')} showed at this size, whatever its paper reports.`;
}
