import type { RunChanges, SeriesPoints } from '../../protocol/panel.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { newestEvents } from '../../protocol/panel-content.ts';
import type { EventRecord, GapRecord, PictureRecord, SimilarityRecord } from '../../protocol/records.ts';
import { GatheredSeries } from './gathered-series.ts';

/** Beyond so many waiting points a snapshot is smaller than the delta. */
const MAX_WAITING_POINTS = LIMITS.pointsInSeries;
/** What a record of a gap, of similarity or of a picture weighs against points. */
const POINTS_OF_A_RECORD = 20;

/** Changes that the panel has not been told of, joined into one delta. */
export class PendingChanges {
  #latest: Pick<RunChanges, 'run' | 'ignored' | 'layers'> = {};
  #series = new Map<string, GatheredSeries>();
  #gap: GapRecord[] = [];
  #similarity: SimilarityRecord[] = [];
  #pictures: PictureRecord[] = [];
  #events: readonly EventRecord[] = [];
  #points = 0;
  #isEmpty = true;

  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  /** More has gathered than a delta is good for. */
  get isTooMuch(): boolean {
    return this.#points > MAX_WAITING_POINTS;
  }

  add(changes: RunChanges): void {
    this.#isEmpty = false;
    if (changes.run !== undefined) this.#latest = { ...this.#latest, run: changes.run };
    if (changes.layers !== undefined) this.#latest = { ...this.#latest, layers: changes.layers };
    if (changes.ignored !== undefined) this.#latest = { ...this.#latest, ignored: changes.ignored };
    // What a snapshot will carry anyway need not be kept twice.
    if (this.isTooMuch) return;
    for (const record of changes.gap ?? []) this.#gap.push(record);
    for (const record of changes.similarity ?? []) this.#similarity.push(record);
    for (const record of changes.pictures ?? []) this.#pictures.push(record);
    this.#events = newestEvents([...this.#events, ...(changes.events ?? [])]);
    const records = [changes.gap, changes.similarity, changes.pictures];
    for (const list of records) this.#points += POINTS_OF_A_RECORD * (list?.length ?? 0);
    for (const series of changes.series ?? []) this.#addSeries(series);
  }

  take(): RunChanges {
    const taken: RunChanges = {
      ...this.#latest,
      ...(this.#series.size > 0 && {
        series: [...this.#series.values()].map((series) => series.points()),
      }),
      ...(this.#gap.length > 0 && { gap: this.#gap }),
      ...(this.#similarity.length > 0 && { similarity: this.#similarity }),
      ...(this.#pictures.length > 0 && { pictures: this.#pictures }),
      ...(this.#events.length > 0 && { events: this.#events }),
    };
    this.clear();
    return taken;
  }

  clear(): void {
    this.#latest = {};
    this.#series = new Map();
    this.#gap = [];
    this.#similarity = [];
    this.#pictures = [];
    this.#events = [];
    this.#points = 0;
    this.#isEmpty = true;
  }

  #addSeries(series: SeriesPoints): void {
    const { phase, seed, split, metric } = series;
    const name = JSON.stringify([phase, seed, split, metric]);
    const waiting = this.#series.get(name) ?? new GatheredSeries(series);
    this.#series.set(name, waiting);
    waiting.addAll(series);
    this.#points += series.steps.length;
  }
}
