import { runProgress, runResults } from './panel-shapes.ts';
import type { RunRecord } from './records.ts';
import { object, read, text } from './shape.ts';

const LONGEST_TEXT = 10_000;
const failureShape = object<NonNullable<RunRecord['failure']>>({
  code: text(LONGEST_TEXT),
  message: text(LONGEST_TEXT),
  help: text(LONGEST_TEXT),
});

/**
 * A run record whose parts can be shown: a record on disk promises types, but may be damaged, made by hand, or written
 * by a later version. Parts that make no sense are left out, so the run itself stays in the list.
 */
export function soundRecord(record: RunRecord): RunRecord {
  const { progress, results, failure, ...rest } = record;
  return {
    ...rest,
    ...kept('progress', read(runProgress, progress, 'progress')),
    ...kept('results', read(runResults, results, 'results')),
    ...kept('failure', read(failureShape, failure, 'failure')),
  };
}

function kept<K extends string, T>(
  key: K,
  found: { readonly ok: true; readonly value: T } | { readonly ok: false },
): Partial<Record<K, T>> {
  return found.ok ? ({ [key]: found.value } as Record<K, T>) : {};
}
