import type {
  EventRecord,
  GapRecord,
  LayerMeeting,
  MetricsRecord,
  PictureRecord,
  RunResults,
  SimilarityRecord,
  Verdict,
} from '../../protocol/records.ts';
import type { AttentionRecord, GapReport } from '../../protocol/gap-report.ts';
import type { Checkpoint, RunWriter, StoredTensor } from '../../runs/writer.ts';
import type { Timeline } from './timeline.ts';

type Metrics = Omit<MetricsRecord, 'seq' | 'time'>;
type Progress = Parameters<RunWriter['progress']>[0];

/**
 * A run that is looked at for its pace: metrics and models are kept in memory, and the moments that the loop goes through on a
 * timeline. Everything is written to `behind` too, where there is one, since writing takes time.
 */
export class MemoryRun implements RunWriter {
  readonly records: Metrics[] = [];
  readonly #models = new Map<string, Readonly<Record<string, StoredTensor>>>();
  readonly #timeline: Timeline;
  readonly #behind: RunWriter | null;
  #job = 0;

  constructor(timeline: Timeline, behind: RunWriter | null) {
    this.#timeline = timeline;
    this.#behind = behind;
  }

  get nextSeq(): number {
    return this.#behind?.nextSeq ?? this.records.length;
  }

  metrics(record: Metrics): void {
    this.records.push(record);
    const write = () => this.#behind?.metrics(record);
    if (record.split === 'test') write();
    else this.#timeline.during(record.split === 'validation' ? 'validated' : 'record', write);
  }

  saveModel(name: string, tensors: Readonly<Record<string, StoredTensor>>): void {
    this.#models.set(name, tensors);
    this.#timeline.during('saved', () => this.#behind?.saveModel(name, tensors));
  }

  loadModel(name: string): Readonly<Record<string, StoredTensor>> {
    const tensors = this.#models.get(name);
    if (tensors === undefined) throw new Error(`no model ${name}`);
    return tensors;
  }

  event(record: Omit<EventRecord, 'type' | 'time'>): void {
    this.#behind?.event(record);
  }

  log(line: string): void {
    this.#timeline.during('loaded', () => this.#behind?.log(line));
  }

  gap(record: GapRecord): void {
    this.#timeline.during('gap', () => this.#behind?.gap(record));
  }

  attention(record: AttentionRecord): void {
    this.#timeline.during('attention', () => this.#behind?.attention(record));
  }

  gapReport(report: Omit<GapReport, 'run'>): void {
    this.#behind?.gapReport(report);
  }

  picture(record: PictureRecord): void {
    this.#timeline.during('picture', () => this.#behind?.picture(record));
  }

  similarity(record: SimilarityRecord): void {
    this.#timeline.during('similarity', () => this.#behind?.similarity(record));
  }

  layers(meeting: LayerMeeting): void {
    this.#behind?.layers(meeting);
  }

  checkpoint(checkpoint: Checkpoint): void {
    this.#timeline.during('checkpoint', () => this.#behind?.checkpoint(checkpoint));
    const { job } = checkpoint.meta;
    if (job === this.#job) return;
    this.#job = job;
    this.#timeline.next();
  }

  progress(progress: Progress): void {
    this.#timeline.during('progress', () => this.#behind?.progress(progress));
  }

  verdict(verdict: Verdict): void {
    this.#behind?.verdict(verdict);
  }

  results(results: RunResults): void {
    this.#behind?.results(results);
    this.#timeline.end();
  }
}
