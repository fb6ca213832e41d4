import { findRoot } from '../config/root.ts';
import type { LanguageContext } from '../config/language/types.ts';
import { soundRecord } from '../protocol/sound-record.ts';
import { RunStore } from '../runs/index.ts';
import type { LastRun } from './lenses.ts';

/** The newest run of each config, read from the run directories and kept until told that runs changed. */
export class LastRuns {
  private readonly known = new Map<string, LastRun | null>();

  of({ file, workspaceFolders }: LanguageContext): LastRun | null {
    if (file === null) return null;
    const known = this.known.get(file);
    if (known !== undefined) return known;
    const store = new RunStore(findRoot(file, workspaceFolders));
    const newest = store.list().find(({ record }) => record.config === file);
    const last = newest === undefined ? null : { record: soundRecord(newest.record), status: newest.status };
    this.known.set(file, last);
    return last;
  }

  forget(): void {
    this.known.clear();
  }
}
