import { savedPairedBars } from '../chart/paired-bars.ts';
import { element } from '../dom.ts';
import { shareText } from '../format.ts';
import type { Saved } from '../save.ts';
import { gapStrings as strings } from './strings.ts';

/**
 * Probabilities of both as bars: the classes that either finds most likely, the label among them.
 *
 * @param teacher, student log probabilities
 */
export function distributionTable(
  classes: readonly string[],
  label: number,
  teacher: readonly number[],
  student: readonly number[],
  caption: string,
  most: number,
): HTMLElement {
  const shown = shownClasses(classes, label, teacher, student, most);
  const head = (text: string) => element('th', { attributes: { scope: 'col' } }, text);
  return element(
    'table',
    { class: 'distribution' },
    element('caption', { class: 'spoken' }, caption),
    element(
      'thead',
      {},
      element('tr', {}, head(strings.className), head(strings.teacher), head(strings.studentValue)),
    ),
    element(
      'tbody',
      {},
      ...shown.map((k) =>
        element(
          'tr',
          { class: k === label ? 'is-label' : '' },
          element(
            'th',
            { attributes: { scope: 'row' } },
            classes[k] ?? '',
            k === label ? element('span', { class: 'note' }, ` ${strings.label.toLowerCase()}`) : null,
          ),
          barCell(Math.exp(teacher[k] ?? Number.NaN), 'teacher-bar'),
          barCell(Math.exp(student[k] ?? Number.NaN), 'student-bar'),
        ),
      ),
    ),
  );
}

/** The classes that either finds most likely, the label among them. */
function shownClasses(
  classes: readonly string[],
  label: number,
  teacher: readonly number[],
  student: readonly number[],
  most: number,
): readonly number[] {
  const highest = (k: number) => Math.max(teacher[k] ?? -Infinity, student[k] ?? -Infinity);
  const ranked = classes.map((_, k) => k).sort((a, b) => highest(b) - highest(a) || a - b);
  const shown = ranked.slice(0, most);
  if (!shown.includes(label) && classes[label] !== undefined) shown[shown.length - 1] = label;
  return shown;
}

/** What both say of some samples in the formats that it can be kept in, as many classes of each as are shown. */
export function savedDistributions(
  title: string,
  classes: readonly string[],
  samples: readonly Answered[],
  most: number,
): Saved {
  return savedPairedBars({
    title,
    heads: [strings.teacher, strings.studentValue],
    names: ['sample', 'class'],
    most: 1,
    text: shareText,
    groups: samples.map(({ title: name, label, teacher, student, picture }) => ({
      title: name,
      rows: shownClasses(classes, label, teacher, student, most).map((k) => ({
        name: classes[k] ?? '',
        values: [Math.exp(teacher[k] ?? Number.NaN), Math.exp(student[k] ?? Number.NaN)],
      })),
      ...(picture === undefined ? {} : { picture }),
    })),
  });
}

/** What both say of a sample, in log probabilities. */
interface Answered {
  readonly title: string;
  readonly label: number;
  readonly teacher: readonly number[];
  readonly student: readonly number[];
  readonly picture?: HTMLCanvasElement;
}

/** A share as a bar and in numbers. @param kind class of the bar */
export function barCell(share: number, kind: string): HTMLElement {
  const bar = element('span', { class: `bar ahead ${kind}`, attributes: { 'aria-hidden': 'true' } });
  bar.style.setProperty('--share', String(Math.min(1, Math.max(0, Number.isFinite(share) ? share : 0))));
  return element(
    'td',
    { class: 'bar-cell' },
    element('span', { class: 'bar-track from-start' }, bar),
    element('span', { class: 'bar-number' }, shareText(share)),
  );
}
