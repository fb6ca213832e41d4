import type { Contender } from '../protocol/comparison.ts';
import { UserError } from '../protocol/errors.ts';
import type { PhaseResult, RunRecord, RunResults, Verdict } from '../protocol/records.ts';
import { soundRecord } from '../protocol/sound-record.ts';
import type { RunDirectory } from '../runs/index.ts';

/** A finished run, or what it has finished so far, as comparisons and reports read it. */
export interface RunFacts {
  readonly run: RunDirectory;
  readonly record: RunRecord;
  readonly results: RunResults;
  /** The config as it ran. */
  readonly config: string;
}

/** Throws KD5050 where the run has no results to compare. */
export function factsOf(run: RunDirectory): RunFacts {
  const record = soundRecord(run.record());
  const results = record.results;
  if (results === undefined || results.phases.length === 0) {
    throw new UserError({
      code: 'KD5050',
      message: `run ${run.id} has no results yet; it is ${run.status()}`,
      help: 'wait until a student has finished, or resume it with `kd resume`',
      file: run.path,
    });
  }
  return { run, record, results, config: run.config() };
}

/** The verdicts of a run by the name of the student: of several students of each, else of the one. */
export function verdictsOf({
  verdict,
  verdicts,
  phases,
}: RunResults): readonly { readonly student: string; readonly verdict: Verdict }[] {
  if (verdicts !== undefined) return verdicts;
  return verdict === null ? [] : [{ student: verdict.compared?.student ?? studentOf(phases), verdict }];
}

/** The phase of the same student alone. */
export function baselineOf({ verdict, phases }: RunResults): string | null {
  const name = verdict?.compared?.baseline ?? 'baseline';
  return phases.some(({ phase }) => phase === name) ? name : null;
}

/** A phase called `student`, else the last one that is no teacher's and no baseline's, else the last. */
function studentOf(phases: readonly PhaseResult[]): string {
  const names = [...new Set(phases.map(({ phase }) => phase))];
  if (names.includes('student')) return 'student';
  const others = names.filter((name) => name !== 'baseline' && name !== 'teacher');
  return others.at(-1) ?? names.at(-1) ?? '';
}

/** The students of a run: all that it judged, else the one it is about. */
export function studentsOf(results: RunResults): readonly string[] {
  const judged = verdictsOf(results).map(({ student }) => student);
  return judged.length > 0 ? judged : [studentOf(results.phases)];
}

/** One phase of a run over all its seeds as a row of a comparison. Null where it has finished under no seed. */
export function contenderOf(facts: RunFacts, student: string, metric: string): Contender | null {
  const { record, results, run } = facts;
  const own = results.phases.filter(({ phase }) => phase === student);
  const [first] = own;
  if (first === undefined) return null;
  const { environment } = record;
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const latencies = own.flatMap(({ latency }) => (latency === undefined ? [] : [latency]));
  return {
    run: record.id,
    directory: run.path,
    experiment: record.name,
    student,
    seeds: own.map(({ seed, test, lastTest }) => ({
      seed,
      best: test[metric] ?? null,
      last: lastTest?.[metric] ?? null,
    })),
    verdict: verdictsOf(results).find((one) => one.student === student)?.verdict ?? null,
    parameters: first.parameters,
    multiplyAdds: first.multiplyAdds,
    bytes: first.bytes,
    millisecondsPerStep: mean(own.map(({ millisecondsPerStep }) => millisecondsPerStep)),
    latency:
      latencies[0] === undefined
        ? null
        : {
            milliseconds: mean(latencies.map(({ milliseconds }) => milliseconds)),
            batch: latencies[0].batch,
          },
    machine: environment === undefined ? '' : `${environment.executor}, ${environment.cpu}`,
  };
}
