import { UserError } from '../../protocol/errors.ts';
import type { AttentionRecord, GapReport } from '../../protocol/gap-report.ts';
import { attentionRecord, gapReport } from '../../protocol/gap-shapes.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { HostMessage } from '../../protocol/panel.ts';
import { read } from '../../protocol/shape.ts';
import type { RunDirectory } from '../../runs/directory.ts';

/** Of a run directory, what is needed here. */
export type GapFiles = Pick<RunDirectory, 'path' | 'gapReports' | 'gapReport' | 'attention'>;

/**
 * What the panel is told of the gap of a run: a report within its limits, and where its student looked over the epochs.
 *
 * @param student whose report; null: the student of `seed`, or the first there is
 * @throws UserError KD5040 where the file holds something else
 */
export function gapMessage(run: GapFiles, student: string | null, seed: number | null): HostMessage {
  const reports = run.gapReports().filter((name) => name.length <= LIMITS.nameLength);
  const chosen = student ?? preferred(reports, seed);
  const raw = chosen === null || !reports.includes(chosen) ? null : run.gapReport(chosen);
  const report = raw === null ? null : checked(raw, run.path);
  return {
    type: 'gapReport',
    run: run.path,
    reports: reports.slice(0, LIMITS.gapReports),
    report,
    attention: report === null ? [] : attentionOf(run, report),
  };
}

function preferred(reports: readonly string[], seed: number | null): string | null {
  const ofSeed = reports.filter((name) => seed === null || name.endsWith(`-${seed}`));
  return ofSeed.find((name) => /^student-\d+$/.test(name)) ?? ofSeed[0] ?? null;
}

function checked(raw: unknown, file: string): GapReport {
  const found = read(gapReport, raw, 'report');
  if (found.ok) return found.value;
  throw new UserError({
    code: 'KD5040',
    message: `the report of the gap holds something else: ${found.problem}`,
    help: 'measure it again with `kd gap RUN`',
    file,
  });
}

function attentionOf(run: GapFiles, { phase, seed }: GapReport): readonly AttentionRecord[] {
  return run
    .attention()
    .flatMap((record) => {
      const found = read(attentionRecord, record, 'record');
      return found.ok && found.value.phase === phase && found.value.seed === seed ? [found.value] : [];
    })
    .slice(-LIMITS.attentionRecords);
}
