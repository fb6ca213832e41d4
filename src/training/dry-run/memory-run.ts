import type { MetricsRecord } from '../../protocol/records.ts';
import type { RunWriter, StoredTensor } from '../../runs/writer.ts';

type Metrics = Omit<MetricsRecord, 'seq' | 'time'>;

/** A run that leaves nothing behind: metrics and models are kept in memory, everything else is dropped. */
export class MemoryRun implements RunWriter {
  readonly records: Metrics[] = [];
  readonly #models = new Map<string, Readonly<Record<string, StoredTensor>>>();

  get nextSeq(): number {
    return this.records.length;
  }

  metrics(record: Metrics): void {
    this.records.push(record);
  }

  saveModel(name: string, tensors: Readonly<Record<string, StoredTensor>>): void {
    this.#models.set(name, tensors);
  }

  loadModel(name: string): Readonly<Record<string, StoredTensor>> {
    const tensors = this.#models.get(name);
    if (tensors === undefined) throw new Error(`no model ${name}`);
    return tensors;
  }

  event(): void {
    // What is said of models that took ten steps says nothing.
  }
  log(): void {
    // Nobody reads it.
  }
  gap(): void {
    // Measured for its time alone.
  }
  similarity(): void {
    // Measured for its time alone.
  }
  checkpoint(): void {
    // Nothing is resumed.
  }
  progress(): void {
    // Nobody waits for it.
  }
  verdict(): void {
    // There is one seed.
  }
  results(): void {
    // The outcome holds them.
  }
}
