import type { GapReport, ReliabilityBin } from '../../src/protocol/gap-report.ts';
import { element, svg } from '../dom.ts';
import { countText, shareText } from '../format.ts';
import { gapStrings as strings } from './strings.ts';

const SIDE = 160;
const LEFT = 30;
const BELOW = 28;

/** Reliability diagrams of both, and the same as a table. */
export function reliabilityCard({ reliability, numbers }: GapReport): HTMLElement {
  const of = (
    who: string,
    bins: readonly ReliabilityBin[],
    error: GapReport['numbers']['kl'],
    kind: string,
  ) => {
    const title = strings.reliabilityOf(who, shareText(error));
    return element(
      'figure',
      { class: 'reliability-figure' },
      diagram(bins, title, kind) as unknown as HTMLElement,
      element('figcaption', {}, title),
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
  const cell = (value: number | null) => element('td', {}, value === null ? '' : shareText(value));
  const head = (text: string) => element('th', { attributes: { scope: 'col' } }, text);
  const size = Math.max(teacher.length, student.length);
  const rows = Array.from({ length: size }, (_, at) => {
    const [t, s] = [teacher[at], student[at]];
    return element(
      'tr',
      {},
      element(
        'th',
        { attributes: { scope: 'row' } },
        `${shareText(at / size)} – ${shareText((at + 1) / size)}`,
      ),
      element('td', {}, countText(t?.count ?? 0)),
      cell(t?.accuracy ?? null),
      element('td', {}, countText(s?.count ?? 0)),
      cell(s?.accuracy ?? null),
    );
  });
  return element(
    'details',
    { class: 'data' },
    element('summary', {}, strings.reliabilityTable),
    element(
      'div',
      {
        class: 'table-scroll',
        attributes: { tabindex: 0, role: 'region', 'aria-label': strings.reliabilityTable },
      },
      element(
        'table',
        { class: 'numbers' },
        element(
          'thead',
          {},
          element(
            'tr',
            {},
            head(strings.confidence),
            head(`${strings.teacher}: ${strings.samples}`),
            head(`${strings.teacher}: ${strings.rightShare}`),
            head(`${strings.studentValue}: ${strings.samples}`),
            head(`${strings.studentValue}: ${strings.rightShare}`),
          ),
        ),
        element('tbody', {}, ...rows),
      ),
    ),
  );
}
