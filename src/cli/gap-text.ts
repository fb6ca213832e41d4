import type { ClassGapNumbers, GapReport, SoftenedNumbers } from '../protocol/gap-report.ts';
import type { JsonNumber } from '../protocol/records.ts';
import { tableText } from './table.ts';

/** Classes and samples that are told; `--json` has all. */
const MOST_CLASSES = 20;
const MOST_DISAGREED = 10;

/** The gap in words: numbers, the classes where the student is furthest behind, the samples on which both disagree most. */
export function gapText(report: GapReport): string {
  return [head(report), numbers(report), classes(report), disagreed(report), attention(report)]
    .filter((part) => part !== '')
    .join('\n\n');
}

function head({ run, student, teachers, samples, of, split, state }: GapReport): string {
  const part = samples === of ? `${samples}` : `${samples} of ${of}`;
  const so = state === 'training' ? ', the best weights so far' : '';
  return `${student} of ${run}${so}, against ${teachers.join(' and ')}, on ${part} ${split} samples`;
}

function numbers({ numbers: all, cost }: GapReport): string {
  const { softened } = all;
  const rows = [
    [
      'accuracy',
      share(all.teacherAccuracy),
      share(all.studentAccuracy),
      points(all.studentAccuracy - all.teacherAccuracy),
    ],
    [
      'calibration error (ECE)',
      share(all.teacherCalibrationError),
      share(all.studentCalibrationError),
      points(Number(all.studentCalibrationError) - Number(all.teacherCalibrationError)),
    ],
  ];
  const took =
    cost.share === null
      ? ''
      : `\nmeasuring took ${(cost.milliseconds / 1000).toFixed(2)} s, ${share(cost.share)} of the training`;
  return [
    tableText(['', 'teacher', 'student', 'difference'], rows, ['left', 'right', 'right', 'right']),
    '',
    `KL(teacher || student)       ${nats(all.kl)} nats; at temperature ${softened.temperature} ${nats(softened.kl)}`,
    `Jensen-Shannon divergence    ${nats(all.js)} nats; at temperature ${softened.temperature} ${nats(softened.js)}`,
    ...softness(softened),
    `same class named on          ${share(all.agreement)} of the samples${took}`,
  ].join('\n');
}

/** How soft the targets are; nothing in reports of earlier versions. */
function softness({ temperature, targetEntropy, targetOthers }: SoftenedNumbers): string[] {
  if (targetEntropy === undefined || targetOthers === undefined) return [];
  return [
    `targets at temperature ${temperature}     entropy ${share(targetEntropy)} of its largest; ${share(targetOthers)} of the probability beside the true class`,
  ];
}

function classes({ perClass }: GapReport): string {
  const behind = (one: ClassGapNumbers) => one.studentAccuracy - one.teacherAccuracy;
  const seen = perClass.filter(({ count }) => count > 0).sort((a, b) => behind(a) - behind(b));
  const shown = seen.slice(0, MOST_CLASSES);
  const rest = seen.length > shown.length ? [`... and ${seen.length - shown.length} classes more`] : [];
  const table = tableText(
    ['class', 'samples', 'teacher', 'student', 'difference', 'agreement', 'KL'],
    shown.map((one) => [
      one.name,
      `${one.count}`,
      share(one.teacherAccuracy),
      share(one.studentAccuracy),
      points(behind(one)),
      one.agreement === undefined ? '' : share(one.agreement),
      nats(one.kl),
    ]),
    ['left', 'right', 'right', 'right', 'right', 'right', 'right'],
  );
  return ['furthest behind first', table, ...rest].join('\n');
}

function disagreed({ disagreed: samples, classes: names }: GapReport): string {
  const named = (logits: readonly JsonNumber[]) => {
    const values = logits.map(Number);
    const top = values.reduce((best, value, at) => (value > (values[best] ?? -Infinity) ? at : best), 0);
    const highest = values[top] ?? NaN;
    const sum = values.reduce((total, value) => total + Math.exp(value - highest), 0);
    return `${names[top] ?? top} (${share(1 / sum)})`;
  };
  const rows = samples
    .slice(0, MOST_DISAGREED)
    .map((one) => [
      `${one.index}`,
      names[one.label] ?? `${one.label}`,
      named(one.teacher),
      named(one.student),
      nats(one.js),
    ]);
  if (rows.length === 0) return '';
  return [
    'samples on which they disagree most',
    tableText(['sample', 'label', 'teacher', 'student', 'JS'], rows, [
      'right',
      'left',
      'left',
      'left',
      'right',
    ]),
  ].join('\n');
}

function attention({ attention: found }: GapReport): string {
  if (found === null) return '';
  const rows = found.pairs.map(({ teacher, student }, pair) => [
    teacher,
    student,
    share(found.overlap[pair] ?? NaN),
  ]);
  return [
    `where both look, on ${found.samples.length} samples: overlap of the regions that hold half of the attention`,
    tableText(['teacher', 'student', 'overlap'], rows, ['left', 'left', 'right']),
  ].join('\n');
}

function share(value: JsonNumber): string {
  return typeof value === 'number' && Number.isFinite(value)
    ? `${(value * 100).toFixed(1)} %`
    : String(value);
}

function points(value: number): string {
  return Number.isFinite(value) ? `${value > 0 ? '+' : ''}${(value * 100).toFixed(1)}` : String(value);
}

function nats(value: JsonNumber): string {
  return typeof value === 'number' ? value.toPrecision(4) : value;
}
