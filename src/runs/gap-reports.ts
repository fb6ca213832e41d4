import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../protocol/errors.ts';
import type { GapReport } from '../protocol/gap-report.ts';
import { systemCode, writeAtomically, writing } from './disk.ts';
import { FILES } from './layout.ts';

/** Reports are below 2 MB; anything much larger is none. */
const LARGEST_BYTES = 16 * 2 ** 20;
const NAME = /^([\w.@#-]+)\.json$/;

/** Puts a report in place of the one before of the same student. Throws KD5005 to KD5007. */
export function writeGapReport(directory: string, report: GapReport): string {
  const path = pathOf(directory, report.student);
  writing(path, () => mkdirSync(join(directory, FILES.gapReports), { recursive: true }));
  writeAtomically(path, `${JSON.stringify(report)}\n`);
  return path;
}

/** Names of the students that have a report. */
export function gapReportNames(directory: string): string[] {
  try {
    return readdirSync(join(directory, FILES.gapReports))
      .flatMap((name) => NAME.exec(name)?.[1] ?? [])
      .sort();
  } catch {
    return [];
  }
}

/** The report of a student as it stands in its file; null where there is none. Throws KD5040. */
export function readGapReport(directory: string, student: string): unknown {
  const path = pathOf(directory, student);
  try {
    if (statSync(path).size > LARGEST_BYTES) throw damaged(path, 'is too large');
    return JSON.parse(readFileSync(path, 'utf8')) as unknown;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    if (error instanceof SyntaxError) throw damaged(path, 'is no JSON');
    throw error;
  }
}

function damaged(path: string, what: string): UserError {
  return new UserError({
    code: 'KD5040',
    message: `the report of the gap ${what}`,
    help: 'measure it again with `kd gap RUN`',
    file: path,
  });
}

function pathOf(directory: string, student: string): string {
  if (!NAME.test(`${student}.json`) || student.startsWith('.'))
    throw new Error(`"${student}" cannot name a model.`);
  return join(directory, FILES.gapReports, `${student}.json`);
}
