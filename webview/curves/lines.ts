import type { SeriesKey } from '../../src/protocol/panel.ts';
import type { PanelContent } from '../../src/protocol/panel-content.ts';
import type { Split } from '../../src/protocol/records.ts';
import { fromJsonNumber } from '../../src/protocol/panel-content.ts';
import { strings } from '../strings.ts';
import type { Line, LinePoint, ReferenceLine } from './line.ts';
import { DASHED, DOTTED, SOLID, styleOf, styleOfPhase } from './line.ts';
import type { MetricChoice } from './metric-choice.ts';
import { phasesOf } from './metric-choice.ts';
import { meanOfSeeds } from './seeds.ts';

const DASH_OF_SPLIT: Readonly<Record<Split, readonly number[]>> = {
  train: SOLID,
  validation: DASHED,
  test: DOTTED,
};
/** The test split is read once, at the end: a number for the verdict and no curve. */
const SPLITS: readonly Split[] = ['train', 'validation'];

/** The lines of a chart. With several seeds: each of them in the background and their mean, or the one chosen. */
export function linesOf(content: PanelContent, choice: MetricChoice, seed: number | null): Line[] {
  const keys = content.keys().filter((key) => belongs(key, choice));
  const phases = phasesOf(content.keys());
  const metrics = [...new Set(keys.map(({ metric }) => metric))].sort(byDepth);
  return phases.flatMap((phase) =>
    metrics.flatMap((metric) =>
      SPLITS.flatMap((split) => {
        const seeds = keys.filter(
          (key) => key.phase === phase && key.metric === metric && key.split === split,
        );
        const style = choice.kind === 'metric' ? styleOfPhase(phase, phases) : styleOfTerm(metric, metrics);
        const name = choice.kind === 'metric' ? phase : termName(metric);
        return linesOfSeeds(content, seeds, seed, {
          group: JSON.stringify([phase, metric, split]),
          name: `${name}, ${strings.split[split]}`,
          dash: DASH_OF_SPLIT[split],
          ...style,
        });
      }),
    ),
  );
}

type Look = Omit<Line, 'id' | 'role' | 'label' | 'points'>;

function linesOfSeeds(
  content: PanelContent,
  keys: readonly SeriesKey[],
  seed: number | null,
  look: Look,
): Line[] {
  // What is trained once, like the teacher, is the same for every seed.
  const shown = keys.length > 1 && seed !== null ? keys.filter((key) => key.seed === seed) : keys;
  const curves = shown
    .map((key) => ({ seed: key.seed, points: content.points(key).map(toLinePoint) }))
    .sort((a, b) => a.seed - b.seed);
  const mean = meanOfSeeds(curves);
  const lines = curves.map((curve): Line => ({
    ...look,
    id: `${look.group}${curve.seed}`,
    role: mean === null ? 'main' : 'background',
    label: curves.length > 1 || keys.length > 1 ? `${look.name}, ${strings.ofSeed(curve.seed)}` : look.name,
    points: curve.points,
  }));
  if (mean === null) return lines;
  const label = `${look.name}, ${strings.meanOf(mean.count)}`;
  return [...lines, { ...look, id: `${look.group}mean`, role: 'main', label, points: mean.points }];
}

function toLinePoint(point: { step: number; epoch: number; value: number }): LinePoint {
  return { x: point.step, y: point.value, epoch: point.epoch };
}

function belongs(key: SeriesKey, choice: MetricChoice): boolean {
  switch (choice.kind) {
    case 'metric':
      return key.metric === choice.metric;
    case 'terms':
      return key.phase === choice.phase && (key.metric === 'loss' || key.metric.startsWith('loss/'));
    case 'shares':
      return key.phase === choice.phase && key.metric.startsWith('gradientShare/');
  }
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

/** The teacher's best accuracy on validation: what the student is measured against. */
export function referencesOf(content: PanelContent, choice: MetricChoice): ReferenceLine[] {
  if (choice.kind !== 'metric' || !choice.metric.toLowerCase().includes('accuracy')) return [];
  const best = bestOfTeacher(content, choice.metric);
  if (best === null) return [];
  return [{ label: strings.best('teacher'), color: 'purple', value: best }];
}

function bestOfTeacher(content: PanelContent, metric: string): number | null {
  const result = content.run.results?.phases.find(({ phase }) => phase === 'teacher')?.validation[metric];
  const recorded = result === undefined ? Number.NaN : fromJsonNumber(result);
  if (Number.isFinite(recorded)) return recorded;
  const values = content
    .keys()
    .filter((key) => key.phase === 'teacher' && key.split === 'validation' && key.metric === metric)
    .flatMap((key) => content.points(key))
    .map(({ value }) => value)
    .filter((value) => Number.isFinite(value));
  return values.length === 0 ? null : Math.max(...values);
}
