import type { GapReport, ReliabilityBin } from '../../src/protocol/gap-report.ts';
import { element, svg } from '../dom.ts';
import { countText, shareText } from '../format.ts';
import type { Save } from '../save.ts';
import { drawingButtons } from '../standalone-svg.ts';
import { foldedTable } from './cell-table.ts';
import { gapStrings as strings } from './strings.ts';

const SIDE = 160;
const LEFT = 30;
const BELOW = 28;

/** Reliability diagrams of both, and the same as a table. */
export function reliabilityCard({ reliability, numbers }: GapReport, save: Save): HTMLElement {
  const of = (
    who: string,
    bins: readonly ReliabilityBin[],
    error: GapReport['numbers']['kl'],
    kind: string,
  ) => {
    const title = strings.reliabilityOf(who, shareText(error));
    const picture = diagram(bins, title, kind);
    return element(
      'figure',
      { class: 'reliability-figure' },
      picture,
      element('figcaption', {}, title),
      drawingButtons(save, title, picture, csvRows(bins)),
    );
  };
  return element(
    'section',
    { class: 'card' },
    element('h3', {}, strings.reliability),
    element('p', { class: 'note' }, strings.reliabilityHelp),
    element(
      'div',
      { class: 'reliability' },
      of(strings.teacher, reliability.teacher, numbers.teacherCalibrationError, 'of-teacher'),
      of(strings.studentValue, reliability.student, numbers.studentCalibrationError, 'of-student'),
    ),
    table(reliability),
  );
}

function csvRows(bins: readonly ReliabilityBin[]): readonly (readonly (string | number | undefined)[])[] {
  return [
    ['from', 'to', 'samples', 'confidence', 'accuracy'],
    ...bins.map(({ count, confidence, accuracy }, at) => [
      ...[at / bins.length, (at + 1) / bins.length, count, confidence ?? undefined, accuracy ?? undefined],
    ]),
  ];
}

function diagram(bins: readonly ReliabilityBin[], title: string, kind: string): SVGElement {
  const width = SIDE / Math.max(1, bins.length);
  const text = (x: number, y: number, content: string, anchor: string) => {
    const made = svg('text', { x, y, class: 'diagram-label', 'text-anchor': anchor });
    made.textContent = content;
    return made;
  };
  const most = Math.max(1, ...bins.map(({ count }) => count));
  const bars = bins.flatMap(({ accuracy, count }, at) => {
    if (accuracy === null) return [];
    const height = Math.min(1, Math.max(0, accuracy)) * SIDE;
    return [
      svg('rect', {
        ...{ x: LEFT + at * width + 0.5, y: 4 + SIDE - height, width: Math.max(1, width - 1), height },
        // Bins with few samples say little: they are drawn fainter.
        opacity: (0.35 + 0.65 * Math.sqrt(count / most)).toFixed(2),
        class: `diagram-bar ${kind}`,
      }),
    ];
  });
  return svg(
    'svg',
    {
      viewBox: `0 0 ${LEFT + SIDE + 8} ${SIDE + 4 + BELOW}`,
      class: 'reliability-picture',
      role: 'img',
      'aria-label': title,
    },
    ...bars,
    svg('line', { x1: LEFT, y1: 4 + SIDE, x2: LEFT + SIDE, y2: 4, class: 'diagram-ideal' }),
    svg('path', { d: `M${LEFT} 4V${4 + SIDE}H${LEFT + SIDE}`, class: 'diagram-axis' }),
    text(LEFT - 4, 12, '1', 'end'),
    text(LEFT - 4, 4 + SIDE, '0', 'end'),
    text(LEFT + SIDE, SIDE + 16, '1', 'end'),
    text(LEFT + SIDE / 2, SIDE + 4 + BELOW - 4, strings.confidenceAxis, 'middle'),
  );
}

function table({ teacher, student }: GapReport['reliability']): HTMLElement {
  const size = Math.max(teacher.length, student.length);
  const cellsOf = (bin: ReliabilityBin | undefined) => [
    countText(bin?.count ?? 0),
    typeof bin?.accuracy === 'number' ? shareText(bin.accuracy) : '',
  ];
  return foldedTable(
    strings.reliabilityTable,
    [
      strings.confidence,
      `${strings.teacher}: ${strings.samples}`,
      `${strings.teacher}: ${strings.rightShare}`,
      `${strings.studentValue}: ${strings.samples}`,
      `${strings.studentValue}: ${strings.rightShare}`,
    ],
    Array.from({ length: size }, (_, at) => [
      `${shareText(at / size)} – ${shareText((at + 1) / size)}`,
      ...cellsOf(teacher[at]),
      ...cellsOf(student[at]),
    ]),
  );
}
