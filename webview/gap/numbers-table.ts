import { fromJsonNumber } from '../../src/protocol/panel-content.ts';
import type { GapNumbers } from '../../src/protocol/gap-report.ts';
import { dataTable } from '../data-table.ts';
import { element } from '../dom.ts';
import { numberText, pointsText, shareText } from '../format.ts';
import { gapStrings as strings } from './strings.ts';

const POINTS = 100;

/** Every number of the gap, each with the formula that it comes from. */
export function numbersTable(numbers: GapNumbers): HTMLElement {
  const { softened } = numbers;
  const temperature = numberText(softened.temperature);
  const apart =
    fromJsonNumber(numbers.studentCalibrationError) - fromJsonNumber(numbers.teacherCalibrationError);
  const rows: readonly (readonly [string, string, string, string, string])[] = [
    [
      strings.accuracy,
      shareText(numbers.teacherAccuracy),
      shareText(numbers.studentAccuracy),
      pointsText((numbers.studentAccuracy - numbers.teacherAccuracy) * POINTS),
      strings.accuracyHow,
    ],
    [
      strings.ece,
      shareText(numbers.teacherCalibrationError),
      shareText(numbers.studentCalibrationError),
      pointsText(apart * POINTS),
      strings.eceHow,
    ],
    [strings.agreement, '', '', shareText(numbers.agreement), strings.agreementHow],
    [strings.kl, '', '', numberText(numbers.kl), strings.klHow],
    [strings.js, '', '', numberText(numbers.js), strings.jsHow],
    [strings.klSoft(temperature), '', '', numberText(softened.kl), strings.klSoftHow(temperature)],
    [strings.jsSoft(temperature), '', '', numberText(softened.js), strings.jsSoftHow(temperature)],
  ];
  const heads = [strings.measure, strings.teacher, strings.studentValue, strings.gap, strings.how];
  return dataTable(
    strings.numbers,
    heads,
    rows.map(([name, teacher, student, gap, how]) => [
      ...[name, teacher, student, gap],
      element('td', { class: 'how note' }, how),
    ]),
    { class: 'numbers gap-numbers' },
  );
}
