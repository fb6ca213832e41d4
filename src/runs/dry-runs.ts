import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DryRunReport } from '../protocol/records.ts';
import { writeAtomically } from './disk.ts';

/** Where the last dry run of a config is kept. @param file absolute path of the config */
export function dryRunFile(root: string, file: string): string {
  const name = createHash('sha256').update(file).digest('hex').slice(0, 16);
  return join(root, '.kd', 'dry-runs', `${name}.json`);
}

/** Written aside and renamed: a reader sees the last one or this one, whole. */
export function writeDryRun(root: string, report: DryRunReport): void {
  const path = dryRunFile(root, report.file);
  mkdirSync(dirname(path), { recursive: true });
  writeAtomically(path, `${JSON.stringify(report)}\n`);
}

/** The last dry run of a config; null where there is none, or none of this version. */
export function readDryRun(root: string, file: string): DryRunReport | null {
  try {
    const report = JSON.parse(readFileSync(dryRunFile(root, file), 'utf8')) as Partial<DryRunReport> | null;
    const { effectiveHash, seconds, peakMegabytes, phases } = report ?? {};
    const sound =
      typeof effectiveHash === 'string' &&
      typeof seconds === 'number' &&
      typeof peakMegabytes === 'number' &&
      Array.isArray(phases) &&
      phases.every(
        (phase: Partial<DryRunReport['phases'][number]> | null) =>
          Array.isArray(phase?.terms) &&
          phase.terms.every((term: { readonly id?: unknown } | null) => typeof term?.id === 'string'),
      );
    return sound ? (report as DryRunReport) : null;
  } catch {
    return null;
  }
}
