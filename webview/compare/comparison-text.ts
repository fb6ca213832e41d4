import type { Comparison, ComparisonReport, Contender } from '../../src/protocol/comparison.ts';
import { countText, numberText, shareText } from '../format.ts';
import { differenceIn, intervalText, withUnit } from '../metric-text.ts';
import { strings } from '../strings.ts';
import { spreadOf } from '../verdict/results.ts';
import { compareStrings } from './strings.ts';

/** Numbers of a comparison in words: shares in percent and points, losses in nats, images in dB. */
export class ComparisonText {
  readonly #report: ComparisonReport;

  constructor(report: ComparisonReport) {
    this.#report = report;
  }

  get isShare(): boolean {
    return this.#report.metric.unit === 'points';
  }

  value(value: number): string {
    return this.isShare ? shareText(Number.isFinite(value) ? value : 'NaN') : numberText(value);
  }

  spread({ seeds }: Contender, which: 'best' | 'last'): string {
    const values = seeds.flatMap(({ [which]: value }) => (value === null ? [] : [Number(value)]));
    const spread = spreadOf(values);
    if (spread === null) return strings.dash;
    if (spread.deviation === null) return this.value(spread.mean);
    const deviation = this.isShare ? Math.round(spread.deviation * 10_000) / 100 : spread.deviation;
    return `${this.value(spread.mean)} ± ${numberText(deviation)}`;
  }

  difference(value: number): string {
    return differenceIn(value, this.#report.metric.unit);
  }

  withUnit(value: number): string {
    return withUnit(this.difference(value), this.#report.metric.unit);
  }

  interval(bounds: readonly [number, number] | null): string {
    return bounds === null ? compareStrings.noInterval : intervalText(bounds, this.#report.metric.unit);
  }

  probability(p: number | null): string {
    if (p === null) return strings.dash;
    return p < 0.001 ? compareStrings.below(numberText(0.001)) : numberText(Math.round(p * 1000) / 1000);
  }

  /** What the comparison of one student with the reference says. */
  sentence(own: Contender, reference: Contender, best: Comparison): string {
    const { comparisons, metric, test } = this.#report;
    const told = compareStrings.sentence[best.adjusted](nameOf(own), nameOf(reference));
    const takenBack = best.adjusted !== best.verdict;
    const note = takenBack
      ? compareStrings.takenBack(best.verdict, countText(comparisons.length))
      : (best.note ?? '');
    const difference = `${this.withUnit(best.difference)} ${metric.name} (${this.interval(best.interval)})`;
    return `${told}: ${difference}. ${compareStrings.how(countText(best.pairs), test)} ${note}`.trim();
  }
}

/** A run by its id; of its peers, and of its student alone, the name too. */
export function nameOf({ run, student }: Contender): string {
  return student === 'student' ? run : `${run} ${student}`;
}

/** Mean over the seeds; NaN where there is none. */
export function meanOf({ seeds }: Contender, which: 'best' | 'last'): number {
  const values = seeds.flatMap(({ [which]: value }) => (value === null ? [] : [Number(value)]));
  return spreadOf(values)?.mean ?? NaN;
}
