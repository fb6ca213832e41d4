import { metricNamed } from '../protocol/compared-metric.ts';
import { isMainMetric } from '../protocol/main-metric.ts';
import type { MetricsRecord, Split } from '../protocol/records.ts';
import type { Say } from '../protocol/say.ts';
import type { RunDirectory } from '../runs/index.ts';
import { lineChart, type ChartLine } from './charts/line-chart.ts';
import type { Block } from './document.ts';

/** Points of a line in a report; more than there are pixels are of no use. */
const MOST_POINTS = 300;

interface Curve {
  readonly phase: string;
  readonly split: Split;
  /** Sum and count over the seeds, by epoch. */
  readonly epochs: Map<number, { sum: number; count: number }>;
}

/** One value an epoch, the mean over the records of all seeds; values that are no finite numbers are left out. */
class Curves {
  readonly #metric: string;
  readonly #split: Split;
  readonly #curves = new Map<string, Curve>();

  constructor(metric: string, split: Split) {
    this.#metric = metric;
    this.#split = split;
  }

  add({ phase, split, epoch, values }: MetricsRecord): void {
    const value = values[this.#metric];
    if (split !== this.#split || typeof value !== 'number') return;
    let curve = this.#curves.get(phase);
    if (curve === undefined) {
      curve = { phase, split, epochs: new Map() };
      this.#curves.set(phase, curve);
    }
    const known = curve.epochs.get(epoch) ?? { sum: 0, count: 0 };
    curve.epochs.set(epoch, { sum: known.sum + value, count: known.count + 1 });
  }

  lines(scale: number, say: Say): ChartLine[] {
    const splits: Readonly<Record<Split, string>> = {
      train: say`train`,
      validation: say`validation`,
      test: say`test`,
    };
    return [...this.#curves.values()].map(({ phase, split, epochs }) => ({
      name: `${phase}, ${splits[split]}`,
      points: thinned([...epochs].sort(([a], [b]) => a - b)).map(
        ([epoch, { sum, count }]) => [epoch + 1, (sum / count) * scale] as const,
      ),
    }));
  }
}

function thinned<T>(points: readonly T[]): readonly T[] {
  const stride = Math.ceil(points.length / MOST_POINTS);
  return points.filter((_, at) => at % stride === 0 || at === points.length - 1);
}

/** Loss and accuracy, or PSNR, over the epochs, every phase a line; and what the run is judged by, where that is another. */
export function curveFigures(run: RunDirectory, judged: string, say: Say): readonly Block[] {
  const [trained, validated] = [new Curves('loss', 'train'), new Curves('loss', 'validation')];
  const [accuracy, psnr] = [new Curves('accuracy', 'validation'), new Curves('psnr', 'validation')];
  const others = isMainMetric(judged) ? [] : [new Curves(judged, 'validation')];
  const inPoints = metricNamed(judged)?.unit === 'points';
  const judgedTitle = inPoints ? say`${judged} on validation, %` : say`${judged} on validation`;
  for (const records of run.metricsInBlocks()) {
    for (const record of records)
      for (const curves of [trained, validated, accuracy, psnr, ...others]) curves.add(record);
  }
  return [
    figure(say`Loss`, [...trained.lines(1, say), ...validated.lines(1, say)], say),
    figure(say`Accuracy on validation, %`, accuracy.lines(100, say), say),
    figure(say`PSNR on validation, dB`, psnr.lines(1, say), say),
    ...others.map((curves) => figure(judgedTitle, curves.lines(inPoints ? 100 : 1, say), say)),
  ].filter((one) => one !== null);
}

function figure(name: string, lines: readonly ChartLine[], say: Say): Block | null {
  if (lines.length === 0) return null;
  const epochs = [...new Set(lines.flatMap(({ points }) => points.map(([epoch]) => epoch)))].sort(
    (a, b) => a - b,
  );
  return {
    kind: 'figure',
    svg: lineChart(lines, say`epoch`, name, say),
    caption: say`${name} by epoch, the mean over the seeds and the records of an epoch.`,
    table: {
      title: name,
      head: [say`epoch`, ...lines.map((line) => line.name)],
      rows: epochs.map((epoch) => [
        String(epoch),
        ...lines.map(({ points }) => {
          const value = points.find(([at]) => at === epoch)?.[1];
          return value === undefined ? '—' : value.toPrecision(4);
        }),
      ]),
      numbers: lines.map((_, at) => at + 1).concat(0),
    },
  };
}
