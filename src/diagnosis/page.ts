import { RULES } from './index.ts';

/** Of a row of the results: whether teaching helped, and which rules spoke nonetheless. */
export interface DiagnosedRow {
  readonly name: string;
  readonly verdict: string | null;
  readonly findings: readonly string[];
}

/** `docs/diagnosis.md`: every rule, when it speaks, where it comes from, and how often it was wrong. */
export function diagnosisPage(rows: readonly DiagnosedRow[]): string {
  const healthy = rows.filter(({ verdict }) => verdict === 'BEATS');
  return [
    '<!-- Written by `npm run docs`. -->',
    '# Diagnosis',
    '`kd diagnose RUN` and the panel look at the records of a run with these rules. Each finding names what is seen, the numbers that show it, the likeliest cause and a change of the experiment file. A rule that lacks what it looks at says so. They are signs, no proofs: a finding is a reason to look.',
    ...alarms(rows, healthy),
    ...RULES.map(({ name, title, criterion, source }) => {
      const wrong = healthy.filter(({ findings }) => findings.includes(name)).map((row) => row.name);
      return [
        `## ${title}`,
        `\`${name}\``,
        `**Speaks when:** ${criterion}`,
        `**Source:** ${source}.`,
        ...(healthy.length === 0
          ? []
          : [
              `**False alarms:** ${wrong.length} of ${healthy.length}${wrong.length === 0 ? '' : ` (${wrong.map((row) => `\`${row}\``).join(', ')})`}.`,
            ]),
      ].join('\n\n');
    }),
    '',
  ].join('\n\n');
}

function alarms(rows: readonly DiagnosedRow[], healthy: readonly DiagnosedRow[]): string[] {
  if (rows.length === 0) return [];
  const quiet = healthy.filter(({ findings }) => findings.length === 0).length;
  return [
    `How often they speak without need was counted on the runs of [the results](results.md): ${healthy.length} of ${rows.length} rows beat the student alone, so there teaching went well, and every finding counts as a false alarm, also one that names a true weakness. In ${quiet} of the ${healthy.length} no rule spoke.`,
  ];
}
