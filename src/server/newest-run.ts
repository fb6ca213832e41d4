import type { RunRecord, RunStatus, SimilarityRecord } from '../protocol/records.ts';
import { soundRecord } from '../protocol/sound-record.ts';
import { RunStore } from '../runs/index.ts';

/** The newest run of a config, as its directory tells it. */
export interface NewestRun {
  readonly record: RunRecord;
  /** What is true now, not what a dead engine wrote last. */
  readonly status: RunStatus;
  /** Of its layers, last measured; null where nothing was. */
  readonly similarity: SimilarityRecord | null;
}

/** @param file absolute path of the config @param root folder with its `.kd` */
export function newestRun(file: string, root: string): NewestRun | null {
  const newest = new RunStore(root).list().find(({ record }) => record.config === file);
  if (newest === undefined) return null;
  const { record, status, run } = newest;
  const linear = run.similarity().findLast(({ measure }) => measure === 'linearCka');
  return { record: soundRecord(record), status, similarity: linear ?? null };
}
