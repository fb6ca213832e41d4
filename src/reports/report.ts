import type { ComparisonReport } from '../protocol/comparison.ts';
import { judgedMetricOf } from '../protocol/main-metric.ts';
import { sayIn, type Say } from '../protocol/say.ts';
import type { RunDirectory } from '../runs/index.ts';
import { intervalChart } from './charts/interval-chart.ts';
import { paretoChart } from './charts/pareto-chart.ts';
import { settingsTable, statisticsTable, studentsTable, verdictSentences } from './comparison-tables.ts';
import { compareRuns, meanOf, nameOf, type ComparingOptions } from './compare-runs.ts';
import { curveFigures } from './curves.ts';
import {
  ENGLISH,
  tableBlock,
  type Block,
  type ReportDocument,
  type ReportLanguage,
  type Section,
} from './document.ts';
import { htmlPage } from './html.ts';
import { markdownPage } from './markdown.ts';
import { explainedSection } from './explained.ts';
import { factsOf } from './run-facts.ts';
import {
  configSection,
  environmentSection,
  gapSection,
  guardSection,
  provenanceSection,
  resultsSection,
  verdictSection,
} from './run-sections.ts';

export type ReportFormat = 'html' | 'md';

/**
 * A run, or a comparison of several, as one file that tells all it stands on.
 *
 * @throws UserError KD5050, KD5051, KD7022, KD7023 where there is nothing to report or compare
 */
export function reportOf(
  runs: readonly RunDirectory[],
  format: ReportFormat,
  options: ComparingOptions = {},
  { now = new Date(), language = ENGLISH }: { readonly now?: Date; readonly language?: ReportLanguage } = {},
): string {
  const [first, second] = runs;
  const say = sayIn(language.translations);
  if (first === undefined) throw new Error('A report is about one run at least.');
  const written =
    second === undefined && options.toBaseline !== true
      ? runDocument(first, now, say)
      : comparisonDocument(runs, { ...options, say }, now);
  return format === 'html'
    ? htmlPage({ ...written, language: language.name })
    : markdownPage({ ...written, language: language.name });
}

type Written = Omit<ReportDocument, 'language'>;

function runDocument(run: RunDirectory, now: Date, say: Say): Written {
  const facts = factsOf(run);
  const curves = curveFigures(run, judgedMetricOf(facts.results), say);
  const sections = [
    verdictSection(facts, say),
    resultsSection(facts, say),
    curves.length === 0 ? null : { title: say`Curves`, blocks: curves },
    gapSection(facts, say),
    explainedSection(facts, say),
    guardSection(facts, say),
    environmentSection(facts, say),
    provenanceSection(facts, say),
    configSection(facts, say),
  ].filter((section) => section !== null);
  return { title: facts.record.name, subtitle: subtitle(facts.record.id, now, say), sections };
}

function comparisonDocument(
  runs: readonly RunDirectory[],
  options: ComparingOptions & { readonly say: Say },
  now: Date,
): Written {
  const { say } = options;
  const report = compareRuns(runs, options);
  const count = report.runs.length;
  const facts = [...new Map(runs.map((run) => [run.path, run])).values()].map(factsOf);
  const ofRuns = (section: (one: (typeof facts)[number], say: Say) => Section) =>
    facts.map((one) => {
      const { title, blocks } = section(one, say);
      return { title: `${title}: ${one.record.id}`, blocks };
    });
  return {
    title: count === 1 ? say`Comparison of 1 run` : say`Comparison of ${count} runs`,
    subtitle: subtitle(report.runs.join(', '), now, say),
    sections: [
      comparisonSection(report, say),
      {
        title: say`Students`,
        blocks: [tableBlock(studentsTable(report, say)), ...paretoFigures(report, say)],
      },
      settingsSection(report, say),
      ...ofRuns(guardSection),
      ...ofRuns(environmentSection),
      ...ofRuns(provenanceSection),
      ...ofRuns(configSection),
    ],
  };
}

function subtitle(what: string, now: Date, say: Say): string {
  return say`${what} · written ${now.toISOString().slice(0, 16).replace('T', ' ')} UTC by KD Workbench`;
}

function comparisonSection(report: ComparisonReport, say: Say): Section {
  const { comparisons, contenders, metric } = report;
  const rows = comparisons.map(({ contender, best }) => {
    const own = contenders[contender];
    return {
      name: own === undefined ? '' : nameOf(own),
      difference: best.difference,
      interval: best.interval,
    };
  });
  const sentences = verdictSentences(report, say);
  const reference = contenders[0] === undefined ? '' : nameOf(contenders[0]);
  return {
    title: say`Verdict`,
    blocks: [
      ...comparisons.map(({ best }, at): Block => ({
        kind: 'verdict',
        word: best.adjusted,
        text: sentences[at] ?? '',
      })),
      {
        kind: 'figure',
        svg: intervalChart(rows, say`${metric.unit} ${metric.name}, against ${reference}`, say),
        caption: say`Mean difference over the paired seeds with its interval, not corrected; the verdicts are.`,
        table: null,
      },
      tableBlock(statisticsTable(report, say)),
      ...(report.remarks.length === 0 ? [] : [{ kind: 'list', items: report.remarks } as const]),
    ],
  };
}

function settingsSection(report: ComparisonReport, say: Say): Section {
  const table = settingsTable(report, say);
  return {
    title: say`Settings that differ`,
    blocks: [
      table.rows.length === 0
        ? { kind: 'paragraph', text: say`The effective configs are the same.` }
        : tableBlock(table),
    ],
  };
}

/** What is reached over what it costs; a cost that no run has measured is left out. */
function paretoFigures({ contenders, dominated, metric }: ComparisonReport, say: Say): readonly Block[] {
  const scale = metric.unit === 'points' ? 100 : 1;
  const valueName = metric.unit === 'points' ? `${metric.name}, %` : `${metric.name}, ${metric.unit}`;
  const figure = (costName: string, costOf: (one: (typeof contenders)[number]) => number): Block | null => {
    const points = contenders.map((one, at) => ({
      name: String(at + 1),
      cost: costOf(one),
      value: meanOf(one, 'best') * scale,
      isDominated: (dominated[at] ?? null) !== null,
    }));
    if (!points.some(({ cost }) => cost > 0)) return null;
    return {
      kind: 'figure',
      svg: paretoChart(points, costName, valueName, say),
      caption: say`${metric.name} over ${costName}, by the numbers of the table. Hollow: another one is nowhere worse and somewhere better in ${metric.name}, parameters and latency.`,
      table: null,
    };
  };
  return [
    figure(say`parameters`, ({ parameters }) => parameters),
    figure(say`milliseconds an image`, ({ latency }) => latency?.milliseconds ?? NaN),
  ].filter((one) => one !== null);
}
