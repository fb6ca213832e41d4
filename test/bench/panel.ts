import {
  appendFileSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { PanelFeed } from '../../src/extension/panel/feed.ts';
import { OverlaidRuns } from '../../src/extension/panel/overlaid-runs.ts';
import { RunFollower } from '../../src/extension/panel/run-follower.ts';
import { summaryOfRun } from '../../src/extension/panel/run-view.ts';
import { systemTimer } from '../../src/extension/panel/system-timer.ts';
import type { HostMessage, PanelMessage } from '../../src/protocol/panel.ts';
import type { RunStatus } from '../../src/protocol/records.ts';
import { RunDirectory } from '../../src/runs/directory.ts';
import { FILES } from '../../src/runs/layout.ts';
import { sampleRun } from '../panel/sample-run.ts';
import { WELCOME } from '../panel/support/host-messages.ts';
import type { OpenPanel } from '../panel/support/stand.ts';
import { PanelStand } from '../panel/support/stand.ts';

/**
 * What a person waits for in the panel, in a real browser that is fed by the extension's own code from run directories on disk.
 * The last line of the output is JSON: milliseconds of each record, of each opening and of each frame; megabytes; kilobytes.
 */
const RECORDS = 30;
const RECORD_PAUSE_MS = 350;
const LIVE_RECORDS = 20_000;
const OPENINGS = 5;
const MANY_RECORDS = 1_000_000;
const RUNS = 100;
const RECORDS_OF_A_RUN = 10_000;
const PAN_MS = 5_000;
const ZOOM_PRESSES = 6;
const BLOCK = 10_000;

const folder = mkdtempSync(join(tmpdir(), 'kd-bench-panel-'));
const stand = await PanelStand.open();
try {
  const record = await recordToPixel();
  const open = await openMillion();
  const { frames, megabytes } = await panHundred();
  const kilobytes = stand.files.reduce((sum, file) => sum + gzipSync(file).length, 0) / 1024;
  console.log(JSON.stringify({ record, open, frames, megabytes, kilobytes }));
} finally {
  await stand.close();
  rmSync(folder, { recursive: true });
}

/** A run directory with so many records of training: loss, its terms, accuracy, learning rate, throughput. */
function writeRun(id: string, records: number, status: RunStatus): string {
  const directory = join(folder, id);
  const { record } = sampleRun({ seeds: [1], epochs: 1, status, id });
  mkdirSync(dirname(join(directory, FILES.metrics)), { recursive: true });
  writeFileSync(join(directory, FILES.record), JSON.stringify(record));
  const file = openSync(join(directory, FILES.metrics), 'w');
  for (let from = 0; from < records; from += BLOCK) {
    const lines = Array.from({ length: Math.min(BLOCK, records - from) }, (_, index) =>
      lineOf(from + index, id.length),
    );
    writeSync(file, lines.join(''));
  }
  closeSync(file);
  return directory;
}

function lineOf(seq: number, salt: number, more: Readonly<Record<string, number>> = {}): string {
  const noise = Math.sin(seq * 12.9898 + salt) * 43758.5453;
  const fall = Math.exp(-seq / 3_000) + 0.1 * (noise - Math.floor(noise));
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

interface Fed {
  readonly feed: PanelFeed;
  /** Follows a run and shows it. */
  follow(directory: string): RunFollower;
  /** Messages are handed over in order; this waits for those so far. */
  settled(): Promise<void>;
}

function feed(panel: OpenPanel): Fed {
  let sent = Promise.resolve();
  const post = (message: HostMessage) => {
    const text = JSON.stringify(message);
    sent = sent.then(() => panel.page.evaluate((json) => postMessage(JSON.parse(json), '*'), text));
  };
  const made = new PanelFeed(post, systemTimer);
  post(WELCOME);
  made.setLive(true);
  const fail = (reason: string) => {
    throw new Error(reason);
  };
  return {
    feed: made,
    settled: () => sent,
    follow: (directory) =>
      new RunFollower(new RunDirectory(directory), {
        onModel: (model) => made.show(model),
        onChange: () => made.changed(),
        onLost: fail,
      }),
  };
}

/** From a line in the file to the end of the frame that shows it. */
async function recordToPixel(): Promise<number[]> {
  const directory = writeRun('live', LIVE_RECORDS, 'running');
  const panel = await stand.page();
  const fed = feed(panel);
  const follower = fed.follow(directory);
  await drawn(panel);
  const took: number[] = [];
  for (let index = 0; index < RECORDS; index += 1) {
    await pause(RECORD_PAUSE_MS + 37 * (index % 7));
    await watchPixels(panel);
    const written = Date.now();
    // A peak that was not there before, so that the picture must change.
    appendFileSync(join(directory, FILES.metrics), lineOf(LIVE_RECORDS + index, 1, { loss: 2 + index / 10 }));
    took.push((await seen(panel)) - written);
  }
  follower.dispose();
  fed.feed.dispose();
  await panel.close();
  return took;
}

/** From the choice of the run to the end of the frame that shows its curves. */
async function openMillion(): Promise<number[]> {
  const directory = writeRun('million', MANY_RECORDS, 'completed');
  const took: number[] = [];
  for (let index = 0; index < OPENINGS; index += 1) {
    const panel = await stand.page();
    const fed = feed(panel);
    await fed.settled();
    const chosen = Date.now();
    const follower = fed.follow(directory);
    await drawn(panel);
    took.push((await panel.page.evaluate(() => Date.now())) - chosen);
    follower.dispose();
    fed.feed.dispose();
    await panel.close();
  }
  return took;
}

async function panHundred(): Promise<{ frames: number[]; megabytes: number | null }> {
  const runs = Array.from({ length: RUNS }, (_, index) =>
    writeRun(`run-${index}`, RECORDS_OF_A_RUN, 'completed'),
  );
  const memory = {
    ...{ run: null, view: 'curves', seed: null, axis: 'step', spread: 'range', smoothing: 0, hasMarks: true },
    charts: [{ metric: 'metric:loss', isLogarithmic: false }],
    overlays: runs,
  };
  const panel = await stand.page({ memory, width: 1_400 });
  const fed = feed(panel);
  const overlaid = new OverlaidRuns((run) => new RunDirectory(run), {
    onModel: (run, model) => fed.feed.overlay(run, model),
    onChange: () => fed.feed.changed(),
    onDrop: (run) => fed.feed.dropOverlay(run),
  });
  await panel.post({
    type: 'runs',
    runs: runs.map((run, index) =>
      summaryOfRun(sampleRun({ seeds: [1], epochs: 1, id: `run-${index}` }).record, run),
    ),
    config: null,
    trusted: true,
  });
  const follower = fed.follow(runs[0] ?? '');
  await drawn(panel);
  const asked = (await panel.sent()).findLast(
    (message): message is Extract<PanelMessage, { type: 'overlay' }> => message.type === 'overlay',
  );
  overlaid.set(asked?.runs ?? [], asked?.metrics ?? []);
  await panel.page.waitForFunction(
    (count) => document.querySelectorAll('.legend-runs li').length === count,
    RUNS,
    {
      timeout: 120_000,
    },
  );
  const canvas = panel.page.locator('canvas').first();
  await canvas.focus();
  for (let press = 0; press < ZOOM_PRESSES; press += 1) await panel.page.keyboard.press('+');
  await pause(2_000);
  const frames = await pan(panel);
  const megabytes = await privateMegabytes();
  overlaid.dispose();
  follower.dispose();
  fed.feed.dispose();
  await panel.close();
  return { frames, megabytes };
}

/** Drags the chart back and forth and takes the time of each frame. */
async function pan(panel: OpenPanel): Promise<number[]> {
  const box = await panel.page.locator('canvas').first().boundingBox();
  if (!box) throw new Error('there is no chart');
  const { mouse, keyboard } = panel.page;
  const [middle, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await keyboard.down('Shift');
  await mouse.move(middle, y);
  await mouse.down();
  await panel.page.evaluate(() => {
    const frames: number[] = [];
    let last = performance.now();
    const frame = (now: number) => {
      frames.push(now - last);
      last = now;
      if (!('hasEnded' in globalThis)) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    Object.assign(globalThis, { frames });
  });
  const start = Date.now();
  for (let moved = 0; Date.now() - start < PAN_MS; moved += 1) {
    await mouse.move(middle + (box.width / 3) * Math.sin(moved / 40), y);
  }
  await mouse.up();
  await keyboard.up('Shift');
  return panel.page.evaluate(() => {
    Object.assign(globalThis, { hasEnded: true });
    return (globalThis as unknown as { frames: number[] }).frames.slice(2);
  });
}

/** Private memory of the page's process: of those that draw pages, the largest. */
async function privateMegabytes(): Promise<number | null> {
  const pages = (await stand.processes()).filter(({ type }) => type === 'renderer');
  try {
    const sizes = pages.map(({ id }) => {
      const text = readFileSync(`/proc/${id}/smaps_rollup`, 'utf8');
      const kilobytes = [...text.matchAll(/^Private_(?:Clean|Dirty): +(\d+) kB$/gmu)].map(([, size]) =>
        Number(size),
      );
      return kilobytes.reduce((sum, size) => sum + size, 0) / 1000;
    });
    return Math.max(...sizes);
  } catch {
    return null;
  }
}

/** Waits until the first chart has curves, that is pixels of a colour that is no grey. */
async function drawn(panel: OpenPanel): Promise<void> {
  await panel.page.waitForFunction(
    () => {
      const canvas = document.querySelector('canvas');
      const context = canvas?.getContext('2d');
      if (!canvas || !context || canvas.width === 0 || canvas.offsetParent === null) return false;
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      let colored = 0;
      for (let at = 0; at < data.length; at += 4) {
        const [red = 0, green = 0, blue = 0] = [data[at], data[at + 1], data[at + 2]];
        if (Math.max(red, green, blue) - Math.min(red, green, blue) > 40) colored += 1;
      }
      return colored > 100;
    },
    undefined,
    { polling: 'raf', timeout: 120_000 },
  );
}

/** Looks at every frame for a change of the first chart from now on. */
function watchPixels(panel: OpenPanel): Promise<void> {
  return panel.page.evaluate(() => {
    const canvas = document.querySelector('canvas');
    const context = canvas?.getContext('2d');
    if (!canvas || !context) throw new Error('there is no chart');
    const picture = () =>
      new Uint32Array(context.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
    const before = picture();
    const changed = new Promise<number>((resolve) => {
      const look = () => {
        const now = picture();
        if (now.length === before.length && now.every((pixel, index) => pixel === before[index]))
          requestAnimationFrame(look);
        // The frame that was drawn is on the screen when the next one begins.
        else requestAnimationFrame(() => resolve(Date.now()));
      };
      requestAnimationFrame(look);
    });
    Object.assign(globalThis, { changed });
  });
}

function seen(panel: OpenPanel): Promise<number> {
  return panel.page.evaluate(() => (globalThis as unknown as { changed: Promise<number> }).changed);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
