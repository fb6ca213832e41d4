import type { RunChanges, RunContent, RunView } from '../../protocol/panel.ts';
import { PanelContent } from '../../protocol/panel-content.ts';
import type { LayersRecord } from '../../protocol/records.ts';
import type { ReadRecords } from './changes.ts';
import { readEvents, readGap, readMetrics, readPictures, readSimilarity } from './changes.ts';
import { PendingChanges } from './pending.ts';

/** Records of a run directory, as they were read from its files. */
export interface RunRecords {
  readonly metrics?: readonly unknown[];
  readonly gap?: readonly unknown[];
  readonly similarity?: readonly unknown[];
  readonly pictures?: readonly unknown[];
  readonly events?: readonly unknown[];
  /** Lines that were no JSON. */
  readonly damaged?: number;
}

/** One run as the panel shows it, and what of it the panel has not been told yet. */
export class RunModel {
  readonly #content: PanelContent;
  readonly #pending = new PendingChanges();
  readonly #isWanted: ((metric: string) => boolean) | undefined;
  #through = -1;

  /** @param isWanted which metrics are kept; all by default */
  constructor(run: RunView, isWanted?: (metric: string) => boolean) {
    this.#isWanted = isWanted;
    this.#content = new PanelContent(run);
  }

  /** Last `seq` of the metrics taken. */
  get through(): number {
    return this.#through;
  }

  get run(): RunView {
    return this.#content.run;
  }

  get hasChanges(): boolean {
    return !this.#pending.isEmpty;
  }

  /** True: what has gathered is better told by a snapshot. */
  get needsSnapshot(): boolean {
    return this.#pending.isTooMuch;
  }

  setRun(run: RunView): void {
    if (JSON.stringify(run) === JSON.stringify(this.#content.run)) return;
    this.#take({ run }, 0);
  }

  setLayers(layers: LayersRecord): void {
    this.#take({ layers }, 0);
  }

  add(records: RunRecords): void {
    if (records.damaged !== undefined && records.damaged > 0) this.#take({}, records.damaged);
    if (records.metrics) {
      const metrics = readMetrics(records.metrics, this.#isWanted);
      this.#through = Math.max(this.#through, metrics.through);
      this.#takeRead(metrics);
    }
    if (records.gap) this.#takeRead(readGap(records.gap));
    if (records.similarity) this.#takeRead(readSimilarity(records.similarity));
    if (records.pictures) this.#takeRead(readPictures(records.pictures));
    if (records.events) this.#takeRead(readEvents(records.events));
  }

  /** Everything, as it is now. */
  snapshot(): RunContent {
    this.#pending.clear();
    return this.#content.content();
  }

  /** What came since the last snapshot or changes. */
  takeChanges(): RunChanges {
    return this.#pending.take();
  }

  #takeRead({ changes, ignored }: ReadRecords): void {
    this.#take(changes, ignored);
  }

  #take(changes: RunChanges, unreadable: number): void {
    const ignored = unreadable + this.#content.add(changes);
    if (ignored === 0) {
      this.#pending.add(changes);
      return;
    }
    const total = { ignored: this.#content.ignored + ignored };
    this.#content.add(total);
    this.#pending.add({ ...changes, ...total });
  }
}
