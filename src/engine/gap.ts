import { EXIT_CODES } from '../protocol/exit-codes.ts';
import { UserError } from '../protocol/errors.ts';
import type { GapReport } from '../protocol/gap-report.ts';
import { writeGapReport } from '../runs/gap-reports.ts';
import { measureRun, type GapQuestion } from '../training/gap/measure-run.ts';
import { openRun } from './open-run.ts';

/**
 * Measures the gap between a student of a run and its teachers, puts the report into the run and prints it as JSON. A run that
 * cannot be written to is measured all the same.
 *
 * @param directory of the run
 */
export async function gap(directory: string, question: GapQuestion): Promise<number> {
  const { record, models } = await openRun(directory);
  const report: GapReport = { run: record.id, ...(await measureRun(models, question)) };
  try {
    writeGapReport(directory, report);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    process.stderr.write(`the report is not kept in the run: ${error.problem.message}\n`);
  }
  process.stdout.write(`${JSON.stringify(report)}\n`);
  return EXIT_CODES.done;
}

/** `null` or a number for each of seed, samples and temperature, and the name of the student, as JSON; null: it is none. */
export function gapQuestion(text: string): GapQuestion | null {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) return null;
  const {
    student = null,
    seed = null,
    samples = null,
    temperature = null,
  } = value as Record<string, unknown>;
  const isNumber = (one: unknown): one is number | null => one === null || typeof one === 'number';
  if (!(student === null || typeof student === 'string')) return null;
  if (!isNumber(seed) || !isNumber(samples) || !isNumber(temperature)) return null;
  return { student, seed, samples, temperature };
}
