import type { ComparisonReport, Setting } from '../../src/protocol/comparison.ts';
import { card, dataTable } from '../data-table.ts';
import { element } from '../dom.ts';
import { compactText, countText, numberText, shareTickText } from '../format.ts';
import type { Save } from '../save.ts';
import { drawingButtons } from '../standalone-svg.ts';
import { strings } from '../strings.ts';
import { ComparisonText, meanOf, nameOf } from './comparison-text.ts';
import { parallelPicture, type ParallelAxis } from './parallel-picture.ts';
import { paretoPicture, type ParetoPoint } from './pareto-picture.ts';
import { compareStrings } from './strings.ts';

/** More axes than this no eye follows; the table has all. */
const MOST_AXES = 12;
const VERDICT_CLASS = { BEATS: 'beats', 'NO BEATS': 'no-beats', INCONCLUSIVE: 'inconclusive' } as const;

/** A comparison as cards: verdicts with their statistics, students and what they cost, settings that differ. */
export function comparisonCards(report: ComparisonReport, save: Save): readonly HTMLElement[] {
  const text = new ComparisonText(report);
  return [
    verdictCard(report, text),
    studentsCard(report, text, save),
    settingsCard(report),
    ...(report.settings.length > 0 && report.contenders.length > 1 ? [parallelCard(report, text, save)] : []),
  ];
}

function verdictCard(report: ComparisonReport, text: ComparisonText): HTMLElement {
  const { comparisons, contenders, level, remarks } = report;
  const [reference] = contenders;
  const sentences = comparisons.flatMap(({ contender, best }) => {
    const own = contenders[contender];
    if (own === undefined || reference === undefined) return [];
    return [
      element(
        'li',
        { class: `verdict-line ${VERDICT_CLASS[best.adjusted]}` },
        element('span', { class: 'verdict-word' }, best.adjusted),
        ' ',
        text.sentence(own, reference, best),
      ),
    ];
  });
  const caption = compareStrings.statistics(reference === undefined ? '' : nameOf(reference));
  return card(
    compareStrings.comparison,
    element('ul', { class: 'stack tight' }, ...sentences),
    element('p', { class: 'note' }, caption),
    dataTable(
      caption,
      [
        compareStrings.student,
        compareStrings.pairs,
        compareStrings.difference,
        compareStrings.interval(shareTickText(level)),
        compareStrings.probability,
        compareStrings.adjusted,
        compareStrings.verdict,
        compareStrings.lastDifference,
        compareStrings.interval(shareTickText(level)),
      ],
      comparisons.map(({ contender, best, last }) => [
        contenders[contender] === undefined ? '' : nameOf(contenders[contender]),
        countText(best.pairs),
        text.withUnit(best.difference),
        text.interval(best.interval),
        text.probability(best.p),
        text.probability(best.adjustedP),
        best.adjusted,
        last === null ? strings.dash : text.withUnit(last.difference),
        last === null ? strings.dash : text.interval(last.interval),
      ]),
    ),
    remarks.length === 0
      ? null
      : element('ul', { class: 'remarks' }, ...remarks.map((remark) => element('li', {}, remark))),
  );
}

function studentsCard(report: ComparisonReport, text: ComparisonText, save: Save): HTMLElement {
  const { contenders, dominated, metric } = report;
  const behind = (at: number) => {
    const by = dominated[at] ?? null;
    return by === null ? null : String(by + 1);
  };
  const pointsBy = (cost: (one: (typeof contenders)[number]) => number): ParetoPoint[] =>
    contenders.map((one, at) => ({
      label: String(at + 1),
      name: `${at + 1}, ${nameOf(one)}`,
      cost: cost(one),
      value: meanOf(one, 'best'),
      behind: behind(at),
    }));
  const pictures = [
    { points: pointsBy(({ parameters }) => parameters), name: compareStrings.column.parameters },
    { points: pointsBy(({ latency }) => latency?.milliseconds ?? NaN), name: compareStrings.column.latency },
  ].filter(({ points }) => points.some(({ cost }) => cost > 0));
  return card(
    compareStrings.students,
    element('p', { class: 'note' }, compareStrings.studentsHelp),
    dataTable(
      compareStrings.students,
      [
        '#',
        compareStrings.student,
        strings.seeds,
        compareStrings.best,
        compareStrings.lastEpoch,
        compareStrings.alone,
        strings.parameters,
        strings.multiplyAdds,
        compareStrings.column.latency,
        strings.perStep,
        compareStrings.pareto,
      ],
      contenders.map((one, at) => [
        String(at + 1),
        nameOf(one),
        one.seeds.map(({ seed }) => seed).join(', '),
        text.spread(one, 'best'),
        text.spread(one, 'last'),
        one.verdict?.verdict ?? strings.dash,
        compactText(one.parameters),
        compactText(one.multiplyAdds),
        one.latency === null ? strings.dash : numberText(one.latency.milliseconds),
        numberText(one.millisecondsPerStep),
        behind(at) === null ? compareStrings.front : compareStrings.behind(behind(at) ?? ''),
      ]),
    ),
    element('p', { class: 'note' }, compareStrings.paretoHelp),
    element(
      'div',
      { class: 'cards' },
      ...pictures.map(({ points, name }) => {
        const picture = paretoPicture(points, name, metric.name, (value) => text.value(value));
        const rows = points.map((one) => [one.name, one.cost, one.value, one.behind ?? undefined]);
        return element(
          'div',
          { class: 'picture-holder' },
          picture,
          drawingButtons(save, compareStrings.paretoOf(metric.name, name), picture, [
            [compareStrings.student, name, metric.name, compareStrings.pareto],
            ...rows,
          ]),
        );
      }),
    ),
  );
}

function settingsCard({ settings, runs }: ComparisonReport): HTMLElement {
  if (settings.length === 0)
    return card(compareStrings.settings, element('p', { class: 'note' }, compareStrings.sameSettings));
  return card(
    compareStrings.settings,
    element('p', { class: 'note' }, compareStrings.settingsHelp),
    dataTable(
      compareStrings.settings,
      [compareStrings.setting, ...runs],
      settings.map(({ key, values }) => [
        key,
        ...values.map((value) => (value === null ? compareStrings.notSet : String(value))),
      ]),
    ),
  );
}

function parallelCard(report: ComparisonReport, text: ComparisonText, save: Save): HTMLElement {
  const { contenders, settings, runs, metric } = report;
  const axes: ParallelAxis[] = settings
    .filter(({ key }) => key !== 'name')
    .slice(0, MOST_AXES)
    .map(({ key, values }) => ({
      name: key,
      values: contenders.map(({ run }) => values[runs.indexOf(run)] ?? null),
    }));
  const means = contenders.map((one) => meanOf(one, 'best'));
  const result: ParallelAxis = {
    name: metric.name,
    values: means.map((mean) => (Number.isFinite(mean) ? mean : null)),
    text: (value) => text.value(value),
  };
  const names = contenders.map((one, at) => `${at + 1}, ${nameOf(one)}`);
  const all = [...axes, result];
  const picture = parallelPicture(names, all);
  const rows = names.map((name, line) => [name, ...all.map(({ values }) => cellOf(values[line] ?? null))]);
  return card(
    compareStrings.parallel,
    element('p', { class: 'note' }, compareStrings.parallelHelp),
    element(
      'div',
      {
        class: 'table-scroll',
        attributes: { tabindex: 0, role: 'region', 'aria-label': compareStrings.parallel },
      },
      picture,
    ),
    drawingButtons(save, compareStrings.parallel, picture, [
      [compareStrings.student, ...all.map(({ name }) => name)],
      ...rows,
    ]),
  );
}

function cellOf(value: Setting): string | number | undefined {
  return value === null ? undefined : typeof value === 'boolean' ? String(value) : value;
}
