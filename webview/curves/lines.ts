import type { SeriesKey } from '../../src/protocol/panel.ts';
import type { PanelContent } from '../../src/protocol/panel-content.ts';
import type { Split } from '../../src/protocol/records.ts';
import type { CurveColumns } from '../../src/protocol/thinning.ts';
import { RAW } from '../chart/table.ts';
import { strings } from '../strings.ts';
import type { Band, Line, RunOfLine } from './line.ts';
import { DASHED, DOTTED, SOLID, styleOf, styleOfPhase, styleOfRun } from './line.ts';
import type { MetricChoice } from './metric-choice.ts';
import { isShownBy, phasesOf } from './metric-choice.ts';
import { LinePoints } from './points.ts';
import { foldSeeds } from './seeds.ts';
import { smoothed } from './smoothing.ts';
import type { Placing, XAxis } from './x-axis.ts';
import { Placings } from './x-axis.ts';

const DASH_OF_SPLIT: Readonly<Record<Split, readonly number[]>> = {
  train: SOLID,
  validation: DASHED,
  test: DOTTED,
};
/** The test split is read once, at the end: a single point. */
const SPLITS: readonly Split[] = ['train', 'validation', 'test'];

/** How several seeds are shown around their mean: as a band, or each as a line behind it. */
export const SPREADS = ['range', 'deviation', 'seeds'] as const;
export type Spread = (typeof SPREADS)[number];

export interface LineOptions {
  /** One seed alone; null: all. */
  readonly seed: number | null;
  readonly axis: XAxis;
  readonly spread: Spread;
  /** Weight of the moving average, 0 (none) to below 1. */
  readonly smoothing: number;
}

/** One of several runs whose curves are laid over each other. */
export interface LaidRun extends RunOfLine {
  readonly content: PanelContent;
}

/** Bands of more runs than these would hide each other. */
const MOST_BANDED_RUNS = 6;

/** The lines of a chart of one run. With several seeds: their mean and what lies around it, or the one chosen. */
export function linesOf(content: PanelContent, choice: MetricChoice, options: LineOptions): readonly Line[] {
  return linesOfRun(content, choice, options, null, 0);
}

/** The lines of a chart of several runs, each with a colour of its own; the run shown comes first. */
export function linesOfRuns(
  runs: readonly LaidRun[],
  choice: MetricChoice,
  options: LineOptions,
): readonly Line[] {
  const spread = runs.length > MOST_BANDED_RUNS ? 'none' : options.spread;
  return runs.flatMap((run, index) => linesOfRun(run.content, choice, { ...options, spread }, run, index));
}

type OwnOptions = Omit<LineOptions, 'spread'> & { readonly spread: Spread | 'none' };

/** More ways than this of looking at one run are not kept: one for each chart that there may be. */
const MOST_LISTS = 8;

interface MadeLines {
  readonly version: number;
  readonly lists: Map<string, readonly Line[]>;
}

/** Of a hundred runs one changes at a time, so the lines of each are made once. */
const made = new WeakMap<PanelContent, MadeLines>();

function linesOfRun(
  content: PanelContent,
  choice: MetricChoice,
  options: OwnOptions,
  run: LaidRun | null,
  index: number,
): readonly Line[] {
  const { seed, axis, spread, smoothing } = options;
  const { version } = content;
  const asked = JSON.stringify([choice, seed, axis, spread, smoothing, run?.id, run?.name, index]);
  const before = made.get(content);
  const lists = before?.version === version ? before.lists : new Map<string, readonly Line[]>();
  const known = lists.get(asked);
  if (known !== undefined) return known;
  const lines = makeLines(content, choice, options, run, index);
  if (lists.size >= MOST_LISTS) lists.clear();
  lists.set(asked, lines);
  made.set(content, { version, lists });
  return lines;
}

function makeLines(
  content: PanelContent,
  choice: MetricChoice,
  options: OwnOptions,
  run: LaidRun | null,
  index: number,
): readonly Line[] {
  const keys = content.keys().filter((key) => isShownBy(key, choice));
  const phases = phasesOf(content.keys());
  const metrics = [...new Set(keys.map(({ metric }) => metric))].sort(byDepth);
  const placings = new Placings(content, options.axis);
  return phases.flatMap((phase) =>
    metrics.flatMap((metric) =>
      SPLITS.flatMap((split) => {
        const ofSeeds = keys.filter(
          (key) => key.phase === phase && key.metric === metric && key.split === split,
        );
        if (ofSeeds.length === 0) return [];
        const own = choice.kind === 'metric' ? styleOfPhase(phase, phases) : styleOfTerm(metric, metrics);
        const name = `${choice.kind === 'metric' ? phase : termName(metric)}, ${strings.split[split]}`;
        return linesOfSeeds(content, ofSeeds, placings, options, {
          group: JSON.stringify([phase, metric, split]),
          name,
          dash: DASH_OF_SPLIT[split],
          ...own,
          ...(run && {
            ...styleOfRun(index),
            ...(choice.kind !== 'metric' && { marker: own.marker }),
            run: { id: run.id, name: run.name },
          }),
        });
      }),
    ),
  );
}

type Look = Omit<Line, 'id' | 'role' | 'label' | 'points' | 'band'>;

function linesOfSeeds(
  content: PanelContent,
  keys: readonly SeriesKey[],
  placings: Placings,
  { seed, spread, smoothing }: OwnOptions,
  look: Look,
): Line[] {
  // What is trained once, like the teacher, is the same for every seed.
  const shown = keys.length > 1 && seed !== null ? keys.filter((key) => key.seed === seed) : keys;
  const curves = shown
    .map((key) => ({ seed: key.seed, ...placed(content.columns(key), placings.of(key)) }))
    .sort((a, b) => a.seed - b.seed);
  const folded = foldSeeds(curves);
  const [name, id] = look.run
    ? [`${look.run.name}: ${look.name}`, `${look.run.id} ${look.group}`]
    : [look.name, look.group];
  const lines = curves.map((curve): Line => ({
    ...look,
    id: `${id}${curve.seed}`,
    role: folded === null ? 'main' : 'background',
    label: curves.length > 1 || keys.length > 1 ? `${name}, ${strings.ofSeed(curve.seed)}` : name,
    points: curve.points,
  }));
  if (folded === null) return lines.flatMap((line) => withSmoothing(line, smoothing, null));
  const band = spread === 'range' || spread === 'deviation' ? folded.bands[spread] : null;
  const mean: Line = {
    ...look,
    id: `${id}mean`,
    role: 'main',
    label: `${name}, ${meanText(folded.count, band)}`,
    points: folded.points,
  };
  return [...(spread === 'seeds' ? lines : []), ...withSmoothing(mean, smoothing, band)];
}

function meanText(count: number, band: Band | null): string {
  return band === null ? strings.meanOf(count) : strings.meanWithBand(count, strings.bandKind[band.kind]);
}

/** The smoothed line, and what was recorded faintly behind it. */
function withSmoothing(line: Line, weight: number, band: Band | null): Line[] {
  const around = band === null ? {} : { band };
  if (weight === 0 || line.points.length < 2) return [{ ...line, ...around }];
  return [
    { ...line, id: `${line.id}${RAW}`, role: 'background' },
    { ...line, ...around, points: smoothed(line.points, weight) },
  ];
}

interface Placed {
  readonly points: LinePoints;
  readonly steps: Float64Array;
}

/** Curves have the same columns until they grow, so each is placed once. */
const known = new WeakMap<CurveColumns, { readonly name: string; readonly placed: Placed }>();

/** The points that have a place; by step these are the columns of the curve themselves. */
function placed(columns: CurveColumns, { xsOf, name }: Placing): Placed {
  const before = known.get(columns);
  if (before?.name === name) return before.placed;
  const xs = xsOf(columns);
  const { values, epochs, steps } = columns;
  const isWhole = !xs.includes(NaN);
  const own = (column: Float64Array) =>
    isWhole ? column : column.filter((_, row) => !Number.isNaN(xs[row]));
  const points = new LinePoints({ xs: own(xs), ys: own(values), epochs: own(epochs), raws: null });
  const once = { points, steps: own(steps) };
  known.set(columns, { name, placed: once });
  return once;
}

/** The total before its terms. */
function byDepth(a: string, b: string): number {
  return a.split('/').length - b.split('/').length || a.localeCompare(b);
}

function termName(metric: string): string {
  return metric === 'loss' ? strings.total : metric.slice(metric.indexOf('/') + 1);
}

function styleOfTerm(metric: string, metrics: readonly string[]): ReturnType<typeof styleOf> {
  if (metric === 'loss') return { color: 'foreground', marker: 'circle' };
  const terms = metrics.filter((other) => other !== 'loss');
  return styleOf(terms.indexOf(metric));
}
