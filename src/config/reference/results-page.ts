import {
  costText,
  differenceText,
  LONGEST_TRAINING,
  metricOf,
  outcomeText,
  type StoredResults,
  type StoredRow,
  valuesText,
} from './results.ts';
import { markdownTable } from './tables.ts';
import { pageOf } from '../page-of.ts';

const MADE = '<!-- Written by `npm run results`. -->';

/** `docs/results.md`: every row of the table, its misses first. */
export function resultsPage(results: StoredResults): string {
  const { rows, bases } = results;
  return [
    MADE,
    '# Results',
    'What each method of the catalogue does for one student, beside the same student alone and beside plain `kd` (where images are the answers, beside what its base names): same budget, initialisation and data order, seed by seed. Every row is an experiment file that `npm run results` writes and `kd run` trains; the test split is read once a run, at its end. A row is of the commit that it names; `npm run results -- --list` tells since which the code has changed. Accuracy, or PSNR and SSIM of images: mean and deviation over the seeds, on the test split. Differences: mean of the paired differences in points, or in dB of PSNR, with the 95 % interval of the paired t test.',
    ...Object.values(bases).flatMap(({ doc }) => doc),
    ...multiplicity(rows),
    ...(rows.length === 0 ? [] : ['## References', references(results)]),
    '## Misses',
    misses(results),
    ...groupsOf(rows).flatMap(([group, members]) => [
      `## ${headingOf(group)}`,
      tableOf(members, bases[members[0]?.base ?? '']?.plain ?? 'kd'),
    ]),
    ...(rows.length === 0 ? [] : ['## How it was measured', provenance(rows)]),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');
}

function multiplicity(rows: readonly StoredRow[]): string[] {
  const compared = rows.filter(({ againstAlone }) => againstAlone !== null).length;
  if (compared < 2) return [];
  return [
    `${compared} students are compared with one baseline, so some intervals lie on one side of 0 by chance: expect about ${(compared * 0.05).toFixed(0)} of ${compared} where nothing helps or harms. The column "all rows" holds the verdict after Holm's correction for all of them; with three seeds few differences are steady enough for it. A verdict that only the column before it shows is a hint, no finding. These numbers speak of this student on these data: no method is judged by them elsewhere.`,
  ];
}

function references({ rows, bases }: StoredResults): string {
  const lines = Object.entries(bases).flatMap(([base, { reference, plain = 'kd' }]) => {
    const alone = rows.find(({ name }) => name === reference);
    const teachers = rows.filter((row) => row.base === base && row.teacherModel !== undefined);
    return [
      ...teachers.flatMap(({ name, teacherModel }) =>
        teacherModel === undefined
          ? []
          : [[`\`${name}\``, valuesText([teacherModel]), count(teacherModel.parameters)]],
      ),
      ...(alone === undefined
        ? []
        : [
            [`student of ${base} alone`, valuesText(alone.alone), count(alone.parameters)],
            [
              `student of ${base} taught by plain \`${plain}\``,
              valuesText(alone.test),
              count(alone.parameters),
            ],
          ]),
    ];
  });
  return markdownTable(['model', 'on the test split', 'parameters'], lines);
}

function count(value: number | null): string {
  return value === null ? '' : value.toLocaleString('en-US');
}

/** What does not hold, by name. */
function misses({ rows, notRun }: StoredResults): string {
  const current = rows.filter(({ stale, status }) => !stale && status === 'completed');
  const verdicts = (word: string, part: 'verdict' | 'adjusted') =>
    current.filter(({ againstAlone }) => againstAlone?.[part] === word);
  const points: readonly (readonly [string, readonly StoredRow[]])[] = [
    ['Worse than or equal to the student alone (NO BEATS)', verdicts('NO BEATS', 'verdict')],
    ['No gain shown (INCONCLUSIVE)', verdicts('INCONCLUSIVE', 'verdict')],
    [
      'A gain that does not outlast the correction for all rows',
      verdicts('BEATS', 'verdict').filter(({ againstAlone }) => againstAlone?.adjusted !== 'BEATS'),
    ],
    ['Did not finish', rows.filter(({ stale, status }) => !stale && status === 'failed')],
    [
      `Longer than ${LONGEST_TRAINING} s a training, the fastest of its seeds`,
      current.filter(
        ({ test, secondsOfTraining }) => test.length > 0 && (secondsOfTraining ?? 0) > LONGEST_TRAINING,
      ),
    ],
    ['Not compiled, so run kernel by kernel', current.filter(({ fallen }) => fallen.length > 0)],
    ['Stale: made with other code, settings or data than now', rows.filter(({ stale }) => stale)],
  ];
  const lines = points.flatMap(([words, found]) =>
    found.length === 0 ? [] : [`- ${words}: ${found.map(({ name }) => `\`${name}\``).join(', ')}.`],
  );
  const missing =
    notRun.length === 0 ? [] : [`- Not run yet: ${notRun.map((name) => `\`${name}\``).join(', ')}.`];
  const all = [...lines, ...missing];
  return all.length === 0 ? 'None.' : all.join('\n');
}

function groupsOf(all: readonly StoredRow[]): readonly (readonly [string, readonly StoredRow[]])[] {
  // Teachers stand among the references.
  const rows = all.filter(({ test, status }) => test.length > 0 || status === 'failed');
  const names = [...new Set(rows.map(groupOf))];
  return names.map((name) => [name, rows.filter((row) => groupOf(row) === name)]);
}

function groupOf({ name }: StoredRow): string {
  return name.split('/')[0] ?? '';
}

function headingOf(group: string): string {
  const words = group.replaceAll('-', ' ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

/** @param plain what the base of these rows sets them beside */
function tableOf(rows: readonly StoredRow[], plain: string): string {
  const values = rows.flatMap(({ test }) => test);
  const head = [
    ...['row', metricOf(values) === 'psnr' ? 'test PSNR' : 'test accuracy'],
    ...['against alone', 'verdict', 'all rows'],
    ...[`against \`${plain}\``, 'verdict', `step, over \`${plain}\``, 'commit'],
  ];
  return markdownTable(head, rows.map(cellsOf));
}

function cellsOf(row: StoredRow): string[] {
  const { name, test, againstAlone, againstKd, measured } = row;
  return [
    nameCell(name, row.covers),
    row.status === 'failed' ? (row.failure ?? '') : valuesText(test),
    againstAlone === null ? '' : differenceText(againstAlone),
    outcomeText(row),
    againstAlone?.adjusted ?? '',
    againstKd === null ? '' : differenceText(againstKd),
    againstKd?.verdict ?? '',
    costText(row),
    [measured.commit, ...(measured.confirmed === undefined ? [] : [`same at ${measured.confirmed}`])].join(
      ', ',
    ),
  ];
}

function nameCell(name: string, covers: string): string {
  const page = pageOf(covers);
  return page === null ? name : `[${name}](${page})`;
}

/** Which rows came from which command, on which machine, with which versions. */
function provenance(rows: readonly StoredRow[]): string {
  const groups = new Map<string, string[]>();
  for (const { name, measured } of rows) {
    const { date, commit, machine, command, executor, versions } = measured;
    const words = `${date.slice(0, 10)}, commit ${commit}, \`${command}\`. ${machine}. ${executor}; ${versions.join(', ')}.`;
    groups.set(words, [...(groups.get(words) ?? []), name]);
  }
  const all = [...groups].map(
    ([words, names]) => `- ${names.length} ${names.length === 1 ? 'row' : 'rows'}: ${words}`,
  );
  return all.join('\n');
}
