import type { AttentionRecord, GapReport } from '../../src/protocol/gap-report.ts';
import type {
  EventRecord,
  GapRecord,
  LayerMeeting,
  MetricsRecord,
  PictureRecord,
  RunResults,
  SimilarityRecord,
  Verdict,
} from '../../src/protocol/records.ts';
import type { Checkpoint, RunWriter, StoredTensor } from '../../src/runs/writer.ts';

type Told = Omit<MetricsRecord, 'time'>;

/** A run directory that lives in memory, deep copies on the way in as a disk would make them. */
export class MemoryWriter implements RunWriter {
  metricsLog: Told[] = [];
  readonly events: Omit<EventRecord, 'type' | 'time'>[] = [];
  readonly lines: string[] = [];
  gaps: GapRecord[] = [];
  similarities: SimilarityRecord[] = [];
  readonly meetings: LayerMeeting[] = [];
  attentions: AttentionRecord[] = [];
  readonly gapReports = new Map<string, Omit<GapReport, 'run'>>();
  pictures: PictureRecord[] = [];
  readonly checkpoints: Checkpoint[] = [];
  readonly models = new Map<string, Readonly<Record<string, StoredTensor>>>();
  lastVerdict: Verdict | null = null;
  lastResults: RunResults | null = null;
  lastProgress: Parameters<RunWriter['progress']>[0] | null = null;
  /** Called after every record of metrics. */
  onMetrics: () => void = () => undefined;

  get nextSeq(): number {
    return this.metricsLog.length;
  }
  metrics(record: Omit<MetricsRecord, 'seq' | 'time'>): void {
    this.metricsLog.push(structuredClone({ seq: this.nextSeq, ...record }));
    this.onMetrics();
  }
  event(record: Omit<EventRecord, 'type' | 'time'>): void {
    this.events.push(record);
  }
  log(line: string): void {
    this.lines.push(line);
  }
  gap(record: GapRecord): void {
    this.gaps.push(record);
  }
  similarity(record: SimilarityRecord): void {
    this.similarities.push(record);
  }
  layers(meeting: LayerMeeting): void {
    this.meetings.push(meeting);
  }
  attention(record: AttentionRecord): void {
    this.attentions.push(record);
  }
  gapReport(report: Omit<GapReport, 'run'>): void {
    this.gapReports.set(report.student, structuredClone(report));
  }
  picture(record: PictureRecord): void {
    this.pictures.push(record);
  }
  checkpoint(checkpoint: Checkpoint): void {
    // A checkpoint on disk has been through JSON.
    const meta = JSON.parse(JSON.stringify(checkpoint.meta)) as Checkpoint['meta'];
    const { tensors, best } = structuredClone({ tensors: checkpoint.tensors, best: checkpoint.best });
    this.checkpoints.push({ meta, tensors, best });
  }
  saveModel(name: string, tensors: Readonly<Record<string, StoredTensor>>): void {
    this.models.set(name, structuredClone(tensors));
  }
  loadModel(name: string): Readonly<Record<string, StoredTensor>> {
    const found = this.models.get(name);
    if (found === undefined) throw new Error(`no model ${name}`);
    return structuredClone(found);
  }
  progress(progress: Parameters<RunWriter['progress']>[0]): void {
    this.lastProgress = progress;
  }
  verdict(verdict: Verdict): void {
    this.lastVerdict = verdict;
  }
  results(results: RunResults): void {
    this.lastResults = results;
  }

  /** As the run directory does before a run goes on: everything after the checkpoint is cut off. */
  cutBackTo({ meta }: Checkpoint): void {
    this.metricsLog = this.metricsLog.slice(0, meta.seq);
  }
}
