import { RULES } from './index.ts';

/** Of a row of the results: whether teaching helped, and which rules spoke nonetheless. */
export interface DiagnosedRow {
  readonly name: string;
  readonly verdict: string | null;
  readonly findings: readonly string[];
  /** Rules that lacked what they look at; null: not known. */
  readonly unable: readonly string[] | null;
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
      return [
        `## ${title}`,
        `\`${name}\``,
        `**Speaks when:** ${criterion}`,
        `**Source:** ${source}.`,
        ...falseAlarms(name, healthy),
      ].join('\n\n');
    }),
    '',
  ].join('\n\n');
}

/** Of the healthy rows in which the rule could look. */
function falseAlarms(rule: string, healthy: readonly DiagnosedRow[]): string[] {
  if (healthy.length === 0) return [];
  const looked = healthy.filter(({ unable }) => unable !== null && !unable.includes(rule));
  if (looked.length === 0)
    return ['**False alarms:** not counted: these runs did not record what it looks at.'];
  const wrong = looked.filter(({ findings }) => findings.includes(rule)).map(({ name }) => `\`${name}\``);
  const which = wrong.length === 0 ? '' : ` (${wrong.join(', ')})`;
  return [`**False alarms:** ${wrong.length} of ${looked.length}${which}.`];
}

function alarms(rows: readonly DiagnosedRow[], healthy: readonly DiagnosedRow[]): string[] {
  if (rows.length === 0) return [];
  const quiet = healthy.filter(({ findings }) => findings.length === 0).length;
  return [
    `How often they speak without need was counted on the runs of [the results](results.md): ${healthy.length} of ${rows.length} rows beat the student alone, so there teaching went well, and every finding counts as a false alarm, also one that names a true weakness. In ${quiet} of the ${healthy.length} no rule spoke.`,
  ];
}
