import { differencesOf, settingsOf } from '../config/differences.ts';
import type { ComparedMetric, ComparisonReport, Contender } from '../protocol/comparison.ts';
import { UserError } from '../protocol/errors.ts';
import { inEnglish, type Say } from '../protocol/say.ts';
import { compareAll } from '../statistics/comparison.ts';
import { metricNamed } from '../protocol/compared-metric.ts';
import { dominators } from '../statistics/pareto.ts';
import { corrected, type Judging, type SeedPair } from '../statistics/verdict.ts';
import type { RunDirectory } from '../runs/index.ts';
import { judgedBy, type Judged } from './judged-by.ts';
import { requireSameData } from './likeness.ts';
import { baselineOf, contenderOf, factsOf, studentsOf, type RunFacts } from './run-facts.ts';

export interface ComparingOptions {
  /** Of the test split; left out or empty: what the students are judged by (`judgedBy`). */
  readonly metric?: string;
  /** Compare every student with the first run's student alone in place of the first run's student. */
  readonly toBaseline?: boolean;
  /** In which words its remarks are; default: in English. */
  readonly say?: Say;
}

/**
 * Compares the students of several runs on the test split, paired by seed: every one with the first, or with the first run's
 * baseline. What is compared was chosen on validation; the last epoch stands beside it.
 *
 * @throws UserError KD5050, KD5051, KD7022, KD7023: no results, other data, no such metric, nothing to pair
 */
export function compareRuns(runs: readonly RunDirectory[], options: ComparingOptions = {}): ComparisonReport {
  const all = distinct(runs).map(factsOf);
  requireSameData(all);
  const { metric: asked = '' } = options;
  const metric = metricOf(asked === '' ? judgedBy(all.map(judgedOf)).name : asked, all);
  const contenders = contendersOf(all, metric, options.toBaseline === true);
  const judging = { ...statisticsOf(all), metric, against: 'other' } as const;
  const [reference, ...others] = contenders;
  if (reference === undefined || others.length === 0) throw nothingToCompare(all);
  const pairs = others.map((other) => requiredPairs(other, reference));
  const lastPairs = others.map((other) => pairsOf(other, reference, 'last'));
  const [best, last] = [compareAll(pairs, judging), compareAll(lastPairs, judging)];
  const settings = all.map(({ config }) => settingsOf(config));
  return {
    metric,
    level: judging.level,
    test: corrected(best[0]?.test ?? '', others.length),
    runs: all.map(({ record }) => record.id),
    contenders,
    comparisons: others.flatMap((_, at) => {
      const own = best[at];
      const atLast = lastPairs[at]?.length === 0 ? null : (last[at] ?? null);
      return own === undefined ? [] : [{ contender: at + 1, best: own, last: atLast }];
    }),
    settings: differencesOf(settings),
    dominated: dominatedOf(contenders, metric),
    remarks: remarksOn(all, contenders, judging, options.say ?? inEnglish),
  };
}

function judgedOf({ config, results }: RunFacts): Judged {
  const students = studentsOf(results);
  const own = results.phases.filter(({ phase }) => students.includes(phase));
  return { config, tests: own.map(({ test }) => test) };
}

/** A run that is named twice counts once. */
function distinct(runs: readonly RunDirectory[]): readonly RunDirectory[] {
  return [...new Map(runs.map((run) => [run.path, run])).values()];
}

function nothingToCompare(all: readonly RunFacts[]): UserError {
  return new UserError({
    code: 'KD7023',
    message: `there is nothing to compare ${all[0]?.record.id ?? 'these runs'} with`,
    help: 'name two different runs or more, or compare one with its baseline: `kd compare RUN --baseline`',
  });
}

function contendersOf(
  all: readonly RunFacts[],
  metric: ComparedMetric,
  toBaseline: boolean,
): readonly Contender[] {
  const students = all.flatMap((facts) =>
    studentsOf(facts.results).flatMap((student) => contenderOf(facts, student, metric.name) ?? []),
  );
  if (!toBaseline) return students;
  const [withBaseline] = all.flatMap((facts) => {
    const name = baselineOf(facts.results);
    return name === null ? [] : (contenderOf(facts, name, metric.name) ?? []);
  });
  if (withBaseline !== undefined) return [withBaseline, ...students];
  throw new UserError({
    code: 'KD7023',
    message: 'none of these runs has a baseline to compare with',
    help: 'set compare.baseline: true in one of them and run it again',
  });
}

/** Throws KD7022 where a run has not measured it, or nobody can say whether more of it is better. */
function metricOf(name: string, all: readonly RunFacts[]): ComparedMetric {
  const metric = metricNamed(name);
  const measured = all.map(({ results }) => new Set(results.phases.flatMap(({ test }) => Object.keys(test))));
  const common = [...(measured[0] ?? [])].filter(
    (one) => measured.every((own) => own.has(one)) && metricNamed(one) !== null,
  );
  if (metric !== null && common.includes(name)) return metric;
  throw new UserError({
    code: 'KD7022',
    message: `${name} is not measured on the test split by all of these runs`,
    help: `choose among: ${common.sort().join(', ')}`,
  });
}

/** As the configs ask for, where all ask for the same. */
function statisticsOf(all: readonly RunFacts[]): Pick<Judging, 'test' | 'level'> {
  const asked = all.map(({ config }) => askedOf(config));
  const [first] = asked;
  const agree = asked.every((one) => one.test === first?.test && one.level === first.level);
  return agree && first !== undefined ? first : USUAL;
}

const USUAL = { test: 'pairedT', level: 0.95 } as const;

function askedOf(config: string): Pick<Judging, 'test' | 'level'> {
  const settings = settingsOf(config);
  const [test, level] = [settings.get('compare.statistics.test'), settings.get('compare.statistics.level')];
  return {
    test: test === 'wilcoxon' ? 'wilcoxon' : USUAL.test,
    level: typeof level === 'number' && level >= 0.5 && level < 1 ? level : USUAL.level,
  };
}

/** The seeds that both have finished with a number, in order. */
function pairsOf(contender: Contender, reference: Contender, which: 'best' | 'last'): readonly SeedPair[] {
  const valueOf = (of: Contender, seed: number) =>
    Number(of.seeds.find((one) => one.seed === seed)?.[which] ?? NaN);
  return contender.seeds
    .map(({ seed }) => ({ seed, student: valueOf(contender, seed), baseline: valueOf(reference, seed) }))
    .filter(({ student, baseline }) => Number.isFinite(student) && Number.isFinite(baseline))
    .sort((a, b) => a.seed - b.seed);
}

function requiredPairs(contender: Contender, reference: Contender): readonly SeedPair[] {
  const pairs = pairsOf(contender, reference, 'best');
  if (pairs.length > 0) return pairs;
  const seeds = (of: Contender) => of.seeds.map(({ seed }) => seed).join(', ');
  throw new UserError({
    code: 'KD7023',
    message: `${nameOf(contender)} (seeds ${seeds(contender)}) and ${nameOf(reference)} (seeds ${seeds(reference)}) have no seed in common`,
    help: 'run one of them again with the seeds of the other: `kd run FILE --seeds 1,2,3`',
  });
}

/** Name of a contender in words. */
export function nameOf({ run, student }: Contender): string {
  return student === 'student' ? run : `${run} ${student}`;
}

/** Mean over the seeds; NaN where there is none. */
export function meanOf({ seeds }: Contender, which: 'best' | 'last'): number {
  const values = seeds.flatMap(({ [which]: value }) => (value === null ? [] : [Number(value)]));
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function dominatedOf(contenders: readonly Contender[], metric: ComparedMetric): readonly (number | null)[] {
  const points = contenders.map((one) => [
    meanOf(one, 'best'),
    one.parameters,
    one.latency?.milliseconds ?? NaN,
  ]);
  return dominators(points, [metric.better, 'lower', 'lower']);
}

function remarksOn(
  all: readonly RunFacts[],
  contenders: readonly Contender[],
  { test, level }: Judging,
  say: Say,
): readonly string[] {
  const remarks: string[] = [];
  const asked = all.map(({ config }) => askedOf(config));
  if (asked.some((one) => one.test !== test || one.level !== level))
    remarks.push(say`the configs ask for different statistics, so the usual ones were used`);
  const unfinished = all.filter(({ run, record }) => run.status(record) !== 'completed');
  if (unfinished.length > 0)
    remarks.push(
      say`not complete, compared by the seeds that are finished: ${unfinished.map(({ record }) => record.id).join(', ')}`,
    );
  if (new Set(contenders.map(({ machine }) => machine)).size > 1)
    remarks.push(
      say`times were measured on different executors or machines, so they say little beside one another`,
    );
  if (new Set(contenders.flatMap(({ latency }) => latency?.batch ?? [])).size > 1)
    remarks.push(say`latency was measured with different batch sizes`);
  return remarks;
}
