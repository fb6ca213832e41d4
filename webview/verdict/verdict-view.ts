import { judgedMetricOf } from '../../src/protocol/main-metric.ts';
import type { PanelContent } from '../../src/protocol/panel-content.ts';
import type { RunResults, Verdict } from '../../src/protocol/records.ts';
import { dataTable, factList } from '../data-table.ts';
import { element } from '../dom.ts';
import { compactText, countText, numberText, shareTickText, signedText } from '../format.ts';
import { differenceIn, judgedText, unitOf, withUnit } from '../metric-text.ts';
import { saveWith, type Save } from '../save.ts';
import { drawingButtons } from '../standalone-svg.ts';
import { strings } from '../strings.ts';
import type { Panel, View } from '../view.ts';
import { intervalPicture } from './interval-picture.ts';
import type { ModelRow, Spread } from './results.ts';
import { modelRows, seedRows } from './results.ts';

const VERDICT_CLASS = { BEATS: 'beats', 'NO BEATS': 'no-beats', INCONCLUSIVE: 'inconclusive' } as const;

/** Whether teaching helped, in words and numbers. */
export class VerdictView implements View {
  readonly element = element('div', { class: 'stack' });
  readonly #save: Save;
  #known = '';

  constructor(panel: Panel) {
    this.#save = saveWith(panel);
  }

  show(content: PanelContent): void {
    const { results, status } = content.run;
    const now = JSON.stringify([results, status]);
    if (now === this.#known || results === undefined) return;
    this.#known = now;
    const metric = judgedMetricOf(results);
    this.element.replaceChildren(
      ...(results.verdict ? verdictCards(results, results.verdict, this.#save) : [pendingCard(content)]),
      ...(results.phases.length > 0 ? resultTables(results, metric) : []),
    );
  }

  retheme(): void {
    // Everything here is drawn by style sheets.
  }
}

/** Why there is no verdict, and what to do. */
export function verdictHelp(content: PanelContent): string {
  const { status, results } = content.run;
  const isOver = ['completed', 'failed', 'stopped', 'interrupted'].includes(status);
  if (!isOver) return strings.verdictWaiting;
  const hasBaseline = results?.phases.some(({ phase }) => phase === 'baseline') === true;
  return status === 'completed' && !hasBaseline ? strings.verdictNoBaseline : strings.verdictStopped;
}

function pendingCard(content: PanelContent): HTMLElement {
  return element(
    'section',
    { class: 'card' },
    element('h2', {}, strings.verdictEmpty),
    element('p', { class: 'note' }, verdictHelp(content)),
  );
}

/** Of several students the verdict of each, which is corrected for their number. */
function verdictCards({ verdicts = [] }: RunResults, only: Verdict, save: Save): readonly HTMLElement[] {
  if (verdicts.length < 2) return [verdictCard(only, save)];
  return verdicts.map(({ student, verdict }) => verdictCard(verdict, save, student));
}

function verdictCard(verdict: Verdict, save: Save, student?: string): HTMLElement {
  const text = (value: number) => differenceIn(value, verdict.unit);
  const inUnit = (value: number) => withUnit(text(value), verdict.unit);
  const facts: (readonly [string, string])[] = [
    [strings.meanDifference, inUnit(verdict.difference)],
    [
      strings.interval(shareTickText(verdict.level)),
      verdict.interval
        ? strings.intervalText(text(verdict.interval[0]), inUnit(verdict.interval[1]))
        : strings.noInterval,
    ],
    [strings.pairs, countText(verdict.pairs)],
    [strings.test, verdict.test],
    ...(verdict.lastEpoch === undefined
      ? []
      : [
          [strings.lastEpoch, inUnit(verdict.lastEpoch.difference)] as const,
          [
            strings.lastInterval,
            verdict.lastEpoch.interval
              ? strings.intervalText(
                  text(verdict.lastEpoch.interval[0]),
                  inUnit(verdict.lastEpoch.interval[1]),
                )
              : strings.noInterval,
          ] as const,
        ]),
  ];
  return element(
    'section',
    { class: `card verdict ${VERDICT_CLASS[verdict.verdict]}` },
    element('p', { class: 'verdict-word' }, verdict.verdict),
    element(
      'h2',
      {},
      student === undefined
        ? strings.verdictTitle[verdict.verdict]
        : strings.verdictOf(student, strings.verdictTitle[verdict.verdict]),
    ),
    element('p', {}, strings.verdictSentence[verdict.verdict](verdict.metric, inUnit(verdict.difference))),
    ...(verdict.note === undefined ? [] : [element('p', { class: 'note' }, verdict.note)]),
    ...(verdict.interval ? pictureOf(verdict, text, save) : []),
    factList(facts),
  );
}

function pictureOf(verdict: Verdict, text: (value: number) => string, save: Save): readonly HTMLElement[] {
  const picture = intervalPicture(verdict, text);
  const { metric, unit, difference, interval, level, pairs } = verdict;
  const buttons = drawingButtons(save, strings.meanDifference, picture, [
    ['metric', 'unit', 'difference', 'low', 'high', 'level', 'pairs'],
    [metric, unit, difference, interval?.[0], interval?.[1], level, pairs],
  ]);
  return [element('div', { class: 'interval' }, picture), buttons];
}

function resultTables(results: RunResults, metric: string): HTMLElement[] {
  const rows = modelRows(results.phases, metric);
  const seeds = seedRows(results.phases, metric, results.verdict?.compared);
  return [
    element(
      'section',
      { class: 'card' },
      element('h2', {}, strings.results),
      element('p', { class: 'note' }, strings.resultsHelp),
      dataTable(
        strings.results,
        [
          strings.model,
          strings.seeds,
          `${strings.testSplit} ${metric}`,
          `${strings.lastEpoch} ${metric}`,
          `${strings.validation} ${metric}`,
          strings.parameters,
          strings.multiplyAdds,
          strings.perStep,
          strings.imagesPerSecond,
        ],
        rows.map((row) => modelCells(row, metric)),
      ),
    ),
    ...(seeds.length > 0
      ? [
          element(
            'section',
            { class: 'card' },
            element('h2', {}, strings.bySeed),
            element('p', { class: 'note' }, strings.bySeedHelp),
            dataTable(
              strings.bySeed,
              [strings.seedHead, strings.student, strings.baseline, strings.difference],
              seeds.map(({ seed, student, baseline }) => [
                String(seed),
                judgedText(metric, student),
                judgedText(metric, baseline),
                differenceText(metric, student - baseline),
              ]),
            ),
          ),
        ]
      : []),
  ];
}

function modelCells(row: ModelRow, metric: string): string[] {
  return [
    row.phase,
    countText(row.seeds),
    spreadText(row.test, metric),
    spreadText(row.last, metric),
    spreadText(row.validation, metric),
    compactText(row.parameters),
    compactText(row.multiplyAdds),
    numberText(row.millisecondsPerStep),
    countText(row.imagesPerSecond),
  ];
}

function spreadText(spread: Spread | null, metric: string): string {
  if (spread === null) return strings.dash;
  const mean = judgedText(metric, spread.mean);
  if (spread.deviation === null) return mean;
  const isShare = unitOf(metric) === 'points';
  return `${mean} ± ${isShare ? pointsOf(spread.deviation) : numberText(spread.deviation)}`;
}

function pointsOf(share: number): string {
  return numberText(Math.round(share * 10_000) / 100);
}

function differenceText(metric: string, difference: number): string {
  const unit = unitOf(metric);
  if (unit === null) return signedText(difference);
  return withUnit(differenceIn(unit === 'points' ? difference * 100 : difference, unit), unit);
}
