import type { RunChanges, RunContent, RunView, SeriesKey, SeriesPoints } from './panel.ts';
import { LIMITS } from './limits.ts';
import { MOST_PICTURES } from './picture-shapes.ts';
import type {
  EventRecord,
  GapRecord,
  JsonNumber,
  LayersRecord,
  PictureRecord,
  SimilarityRecord,
} from './records.ts';
import type { CurveColumns, CurvePoint } from './thinning.ts';
import { Curve, NO_COLUMNS } from './thinning.ts';

/** Per-class rows, and cells of similarity tables, that are kept; beyond, the oldest records go. */
const MAX_CLASS_ROWS = 200_000;
const MAX_SIMILARITY_CELLS = 500_000;
/** Events that tell of checkpoints; the others have the rest of the limit. */
const MAX_CHECKPOINTS = 100;
/** Numbers of pictures that are kept. */
const MAX_PICTURE_NUMBERS = 500_000;

interface KeyedCurve {
  readonly key: SeriesKey;
  readonly curve: Curve;
}

/**
 * What is known of a run, thinned. Host and panel hold one each and feed it the same changes, so the panel's equals
 * the host's after every message:
 *
 *     from(content(a)) + b = a + b
 */
export class PanelContent {
  #run: RunView;
  #ignored = 0;
  readonly #curves = new Map<string, KeyedCurve>();
  readonly #gap = new Map<string, GapRecord>();
  readonly #similarity = new Map<string, SimilarityRecord>();
  readonly #pictures = new Map<string, PictureRecord>();
  #events: readonly EventRecord[] = [];
  #layers: LayersRecord | null = null;
  #version = 0;

  constructor(run: RunView) {
    this.#run = run;
  }

  static from(content: RunContent): PanelContent {
    const made = new PanelContent(content.run);
    const { layers, ...rest } = content;
    made.add(layers === null ? rest : { ...rest, layers });
    return made;
  }

  /** Takes changes and tells how many points were left out: out of order, or a series beyond the limit. */
  add(changes: RunChanges): number {
    this.#version += 1;
    if (changes.run !== undefined) this.#run = changes.run;
    if (changes.ignored !== undefined) this.#ignored = changes.ignored;
    for (const record of changes.gap ?? []) putLast(this.#gap, record);
    for (const record of changes.similarity ?? []) putLast(this.#similarity, record, record.measure);
    if (changes.layers !== undefined) this.#layers = changes.layers;
    for (const record of changes.pictures ?? []) putLast(this.#pictures, record, record.kind);
    if (changes.gap)
      keepNewest(this.#gap, LIMITS.gapRecords, MAX_CLASS_ROWS, (record) => record.perClass.length);
    if (changes.similarity) {
      keepNewest(this.#similarity, LIMITS.similarityRecords, MAX_SIMILARITY_CELLS, cellsOf);
    }
    if (changes.pictures) keepNewest(this.#pictures, MOST_PICTURES, MAX_PICTURE_NUMBERS, numbersOf);
    if (changes.events) this.#events = newestEvents([...this.#events, ...changes.events]);
    let dropped = 0;
    for (const series of changes.series ?? []) dropped += this.#addSeries(series);
    return dropped;
  }

  /** How often it has taken changes: what was made of it holds while this stays. */
  get version(): number {
    return this.#version;
  }
  get run(): RunView {
    return this.#run;
  }
  get ignored(): number {
    return this.#ignored;
  }
  get gap(): readonly GapRecord[] {
    return [...this.#gap.values()];
  }
  get similarity(): readonly SimilarityRecord[] {
    return [...this.#similarity.values()];
  }
  /** Null: layers were not compared, or by an older version. */
  get layers(): LayersRecord | null {
    return this.#layers;
  }
  get pictures(): readonly PictureRecord[] {
    return [...this.#pictures.values()];
  }
  get events(): readonly EventRecord[] {
    return this.#events;
  }
  keys(): readonly SeriesKey[] {
    return [...this.#curves.values()].map(({ key }) => key);
  }
  /** Of a curve that is not there none; the same columns until another point of it comes. */
  columns(key: SeriesKey): CurveColumns {
    return this.#curves.get(nameOf(key))?.curve.columns() ?? NO_COLUMNS;
  }
  /** As `columns`, one by one. */
  points(key: SeriesKey): readonly CurvePoint[] {
    return this.#curves.get(nameOf(key))?.curve.points() ?? [];
  }

  content(): RunContent {
    return {
      run: this.#run,
      series: [...this.#curves.values()].map(({ key, curve }) => packSeries(key, curve.columns())),
      gap: this.gap,
      similarity: this.similarity,
      ...(this.#pictures.size === 0 ? {} : { pictures: this.pictures }),
      events: [...this.#events],
      layers: this.#layers,
      ignored: this.#ignored,
    };
  }

  #addSeries(series: SeriesPoints): number {
    const name = nameOf(series);
    let keyed = this.#curves.get(name);
    if (keyed === undefined) {
      if (this.#curves.size >= LIMITS.series) return series.steps.length;
      const { phase, seed, split, metric } = series;
      keyed = { key: { phase, seed, split, metric }, curve: new Curve() };
      this.#curves.set(name, keyed);
    }
    return keyed.curve.appendColumns(series);
  }
}

function nameOf(key: SeriesKey): string {
  return JSON.stringify([key.phase, key.seed, key.split, key.metric]);
}

function packSeries(key: SeriesKey, { steps, epochs, times, values }: CurveColumns): SeriesPoints {
  return { ...key, steps, epochs, times, values };
}

export function toJsonNumber(value: number): JsonNumber {
  return Number.isFinite(value) ? value : (String(value) as JsonNumber);
}

export function fromJsonNumber(value: JsonNumber): number {
  return typeof value === 'number' ? value : Number(value);
}

/** Of checkpoints and of all else the newest, so that many checkpoints do not crowd out what is rarer. */
export function newestEvents(events: readonly EventRecord[]): readonly EventRecord[] {
  const room = { checkpoints: MAX_CHECKPOINTS, others: LIMITS.events - MAX_CHECKPOINTS };
  const kept = events.toReversed().filter(({ kind }) => {
    const sort = kind === 'checkpoint' ? 'checkpoints' : 'others';
    room[sort] -= 1;
    return room[sort] >= 0;
  });
  return kept.toReversed();
}

/** A record measured again after a resume replaces the earlier one and counts as the newest. */
function putLast<T extends { phase: string; seed: number; epoch: number }>(
  map: Map<string, T>,
  record: T,
  kind = '',
): void {
  const name = JSON.stringify([record.phase, record.seed, record.epoch, kind]);
  map.delete(name);
  map.set(name, record);
}

/** Drops the oldest entries until at most `most` remain and their sizes add up to at most `budget`. */
function keepNewest<T>(
  map: Map<string, T>,
  most: number,
  budget: number,
  sizeOf: (entry: T) => number,
): void {
  let total = 0;
  for (const entry of map.values()) total += sizeOf(entry);
  for (const [name, entry] of map) {
    if (map.size <= most && total <= budget) return;
    map.delete(name);
    total -= sizeOf(entry);
  }
}

function cellsOf(record: SimilarityRecord): number {
  return record.teacherLayers.length * record.studentLayers.length;
}

/** Numbers in a picture. */
function numbersOf(record: PictureRecord): number {
  if (record.kind === 'regions')
    return record.sets.reduce((sum, { images }) => sum + images.flat().length * 5, 0);
  if (record.kind === 'targets')
    return record.sets.reduce((sum, { images }) => sum + images.flat().length * 2, 0);
  const shares = record.levels.reduce((sum, { weights }) => sum + weights.flat().length, 0);
  return shares + record.conflicts.length ** 2;
}
