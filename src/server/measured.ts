import type { Measured } from '../config/language/types.ts';
import type { NewestRun } from './newest-run.ts';

/** What a run says that only a run can know. */
export function measuredBy({ record, similarity }: NewestRun): Measured {
  return {
    run: record.id,
    phases: (record.results?.phases ?? []).map(({ phase, millisecondsPerStep }) => ({
      name: phase,
      millisecondsPerStep,
    })),
    similarity(teacher, student) {
      const row = similarity?.teacherLayers.indexOf(teacher) ?? -1;
      const column = similarity?.studentLayers.indexOf(student) ?? -1;
      const value = similarity?.values[row]?.[column];
      return typeof value === 'number' ? value : null;
    },
  };
}
