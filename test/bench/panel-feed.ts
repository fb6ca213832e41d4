import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PanelFeed } from '../../src/extension/panel/feed.ts';
import { RunFollower } from '../../src/extension/panel/run-follower.ts';
import { systemTimer } from '../../src/extension/panel/system-timer.ts';
import type { HostMessage } from '../../src/protocol/panel.ts';
import type { RunStatus } from '../../src/protocol/records.ts';
import { RunDirectory } from '../../src/runs/directory.ts';
import { FILES } from '../../src/runs/layout.ts';
import { sampleRun } from '../panel/sample-run.ts';
import { WELCOME } from '../panel/support/host-messages.ts';
import type { OpenPanel } from '../panel/support/stand.ts';

/** Lines that are written together. */
const BLOCK = 10_000;

/** A run directory with so many records of training: loss, its terms, accuracy, learning rate, throughput. */
export function writeRun(folder: string, id: string, records: number, status: RunStatus): string {
  const directory = join(folder, id);
  const { record } = sampleRun({ seeds: [1], epochs: 1, status, id });
  mkdirSync(dirname(join(directory, FILES.metrics)), { recursive: true });
  writeFileSync(join(directory, FILES.record), JSON.stringify(record));
  const file = openSync(join(directory, FILES.metrics), 'w');
  for (let from = 0; from < records; from += BLOCK) {
    const lines = Array.from({ length: Math.min(BLOCK, records - from) }, (_, index) =>
      lineOf(from + index, saltOf(id)),
    );
    writeSync(file, lines.join(''));
  }
  closeSync(file);
  return directory;
}

/** Runs of different names are different. */
function saltOf(id: string): number {
  return Buffer.from(id).reduce((sum, byte) => (31 * sum + byte) % 1_009, 7);
}

/** A line of `metrics.jsonl`. */
export function lineOf(seq: number, salt: number, more: Readonly<Record<string, number>> = {}): string {
  const noise = Math.sin(seq * 12.9898 + salt) * 43758.5453;
  const fall = Math.exp(-seq / (3_000 + salt)) + 0.1 * (noise - Math.floor(noise));
  const values = {
    loss: fall,
    'loss/ce': fall * 0.4,
    'loss/kd': fall * 0.6,
    accuracy: 1 - fall / 2,
    learningRate: 0.05,
    imagesPerSecond: 5_000 + (noise % 100),
    ...more,
  };
  const step = seq + 1;
  const epoch = Math.floor(seq / 100);
  return `${JSON.stringify({ seq, time: 1_764_000_000 + seq, phase: 'student', seed: 1, epoch, step, split: 'train', values })}\n`;
}

/** What the extension tells a page, handed over in order. */
export class Fed {
  readonly feed: PanelFeed;
  readonly #panel: OpenPanel;
  #sent: Promise<void> = Promise.resolve();
  readonly #waiting: HostMessage[] = [];
  #followers: readonly RunFollower[] = [];
  #isOver = false;

  constructor(panel: OpenPanel) {
    this.#panel = panel;
    this.feed = new PanelFeed((message) => this.post(message), systemTimer);
    this.post(WELCOME);
    this.feed.setLive(true);
  }

  post(message: HostMessage): void {
    this.#waiting.push(message);
    this.#sent = this.#sent.then(() => this.#send());
  }

  /**
   * What has gathered at once, as messages of one round reach a page of the editor. There each is a structured clone whose columns are
   * transferred, and so they are here; before that, text is made of them on the way, so the page has rather more to clear away.
   */
  async #send(): Promise<void> {
    const messages = this.#waiting.splice(0);
    if (this.#isOver || messages.length === 0) return;
    await this.#panel.page.evaluate((all) => {
      for (const message of all) {
        const told =
          message.type === 'snapshot' ? message.content : message.type === 'delta' ? message.changes : null;
        const columns = (told?.series ?? []).flatMap((one) => [one.steps, one.epochs, one.times, one.values]);
        postMessage(message, '*', [...new Set(columns.map(({ buffer }) => buffer as ArrayBuffer))]);
      }
    }, messages);
  }

  /** Follows a run and shows it. */
  follow(directory: string): void {
    const follower = new RunFollower(new RunDirectory(directory), {
      onModel: (model) => this.feed.show(model),
      onChange: () => this.feed.changed(),
      onLost: (reason) => {
        throw new Error(reason);
      },
    });
    this.#followers = [...this.#followers, follower];
  }

  /** Waits for the messages so far. */
  settled(): Promise<void> {
    return this.#sent;
  }

  /** Nothing more is told, and the page is closed. */
  async close(): Promise<void> {
    this.#isOver = true;
    for (const follower of this.#followers) follower.dispose();
    this.feed.dispose();
    await this.#sent;
    await this.#panel.close();
  }
}
