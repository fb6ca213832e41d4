import type { JsonNumber, MetricsRecord, RunRecord, RunStatus } from '../../protocol/records.ts';
import type { RunChange } from '../../runs/index.ts';

const CURVE_VALUES = 4096;

/** Where a run stands, put together from its changes: what the live display and the plain lines show. */
export class Standing {
  record: RunRecord | null = null;
  status: RunStatus = 'queued';
  /** The phase being trained and its seed: `student 2`. */
  job = '';
  /** The newest training record of the job. */
  train: MetricsRecord | null = null;
  /** The newest validation record of the job. */
  validation: MetricsRecord | null = null;
  /** Training losses of the job. */
  losses: number[] = [];

  /** Takes a change; true where it says something new about the standing. */
  take(change: RunChange): boolean {
    switch (change.type) {
      case 'record':
        this.record = change.record;
        this.status = change.status;
        return true;
      case 'metrics':
        for (const record of change.records) this.#takeMetrics(record);
        return true;
      case 'cut':
        this.#startJob('');
        return true;
      case 'events':
      case 'gap':
      case 'similarity':
      case 'pictures':
      case 'verdict':
      case 'layers':
      case 'log':
        return false;
    }
  }

  #takeMetrics(record: MetricsRecord): void {
    const job = `${record.phase} ${record.seed}`;
    if (job !== this.job) this.#startJob(job);
    if (record.split === 'validation') this.validation = record;
    if (record.split !== 'train') return;
    this.train = record;
    const loss = finite(record.values['loss']);
    if (loss !== null) this.losses.push(loss);
    if (this.losses.length > CURVE_VALUES) this.losses = this.losses.slice(-CURVE_VALUES / 2);
  }

  #startJob(job: string): void {
    this.job = job;
    this.train = null;
    this.validation = null;
    this.losses = [];
  }
}

function finite(value: JsonNumber | undefined): number | null {
  return typeof value === 'number' ? value : null;
}
