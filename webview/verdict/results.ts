import { fromJsonNumber } from '../../src/protocol/panel-content.ts';
import type { JsonNumber, PhaseResult } from '../../src/protocol/records.ts';

/** Mean and, from two values on, sample standard deviation. */
export interface Spread {
  readonly mean: number;
  readonly deviation: number | null;
}

export interface ModelRow {
  readonly phase: string;
  readonly seeds: number;
  readonly test: Spread | null;
  /** Of the last epoch, on the test split. */
  readonly last: Spread | null;
  readonly validation: Spread | null;
  readonly parameters: number;
  readonly multiplyAdds: number;
  readonly millisecondsPerStep: number;
  readonly imagesPerSecond: number;
}

export interface SeedRow {
  readonly seed: number;
  readonly student: number;
  readonly baseline: number;
}

/** Phases folded over their seeds, in the order in which they were trained. */
export function modelRows(results: readonly PhaseResult[], metric: string): ModelRow[] {
  const phases = [...new Set(results.map(({ phase }) => phase))];
  return phases.map((phase) => {
    const of = results.filter((result) => result.phase === phase);
    const mean = (value: (result: PhaseResult) => number) =>
      of.reduce((sum, one) => sum + value(one), 0) / of.length;
    return {
      phase,
      seeds: of.length,
      test: spreadOf(of.map(({ test }) => valueOf(test, metric))),
      last: spreadOf(of.map(({ lastTest }) => valueOf(lastTest ?? {}, metric))),
      validation: spreadOf(of.map(({ validation }) => valueOf(validation, metric))),
      parameters: mean(({ parameters }) => parameters),
      multiplyAdds: mean(({ multiplyAdds }) => multiplyAdds),
      millisecondsPerStep: mean(({ millisecondsPerStep }) => millisecondsPerStep),
      imagesPerSecond: mean(({ imagesPerSecond }) => imagesPerSecond),
    };
  });
}

/** Student and baseline of one seed side by side, on the test split. @param compared names of their phases */
export function seedRows(
  results: readonly PhaseResult[],
  metric: string,
  compared = { student: 'student', baseline: 'baseline' },
): SeedRow[] {
  const of = (phase: string, seed: number) => results.find((one) => one.phase === phase && one.seed === seed);
  const seeds = [...new Set(results.map(({ seed }) => seed))].sort((a, b) => a - b);
  return seeds.flatMap((seed) => {
    const [student, baseline] = [of(compared.student, seed), of(compared.baseline, seed)];
    if (!student || !baseline) return [];
    return [{ seed, student: valueOf(student.test, metric), baseline: valueOf(baseline.test, metric) }];
  });
}

export function spreadOf(values: readonly number[]): Spread | null {
  const known = values.filter((value) => Number.isFinite(value));
  if (known.length === 0) return null;
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  if (known.length === 1) return { mean, deviation: null };
  const squares = known.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (known.length - 1)) };
}

function valueOf(values: Readonly<Record<string, JsonNumber>>, metric: string): number {
  return fromJsonNumber(values[metric] ?? 'NaN');
}
