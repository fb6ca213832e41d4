import { findRoot } from '../config/root.ts';
import type { LanguageContext, Measured } from '../config/language/types.ts';
import type { RunRecord, SimilarityRecord } from '../protocol/records.ts';
import { soundRecord } from '../protocol/sound-record.ts';
import { RunStore, type RunDirectory } from '../runs/index.ts';
import type { LastRun } from './lenses.ts';

type Place = Pick<LanguageContext, 'file' | 'workspaceFolders'>;

/** The newest run of each config and what it measured, read from the run directories and kept until told that runs changed. */
export class LastRuns {
  private readonly known = new Map<string, (LastRun & { readonly run: RunDirectory }) | null>();
  private readonly measurements = new Map<string, Measured | null>();

  of(place: Place): LastRun | null {
    return this.newest(place);
  }

  measured(place: Place): Measured | null {
    if (place.file === null) return null;
    const known = this.measurements.get(place.file);
    if (known !== undefined) return known;
    const last = this.newest(place);
    const measured = last === null ? null : measuredBy(last.record, last.run.similarity());
    this.measurements.set(place.file, measured);
    return measured;
  }

  forget(): void {
    this.known.clear();
    this.measurements.clear();
  }

  private newest({ file, workspaceFolders }: Place): (LastRun & { readonly run: RunDirectory }) | null {
    if (file === null) return null;
    const known = this.known.get(file);
    if (known !== undefined) return known;
    const store = new RunStore(findRoot(file, workspaceFolders));
    const newest = store.list().find(({ record }) => record.config === file);
    const last =
      newest === undefined
        ? null
        : { record: soundRecord(newest.record), status: newest.status, run: newest.run };
    this.known.set(file, last);
    return last;
  }
}

function measuredBy(record: RunRecord, similarities: readonly SimilarityRecord[]): Measured {
  const last = similarities.at(-1);
  return {
    run: record.id,
    phases: (record.results?.phases ?? []).map(({ phase, millisecondsPerStep }) => ({
      name: phase,
      millisecondsPerStep,
    })),
    similarity(teacher, student) {
      const [row, column] = [
        last?.teacherLayers.indexOf(teacher) ?? -1,
        last?.studentLayers.indexOf(student) ?? -1,
      ];
      const value = last?.values[row]?.[column];
      return typeof value === 'number' ? value : null;
    },
  };
}
