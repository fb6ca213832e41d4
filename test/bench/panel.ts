import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { OverlaidRuns } from '../../src/extension/panel/overlaid-runs.ts';
import { summaryOfRun } from '../../src/extension/panel/run-view.ts';
import type { PanelMessage } from '../../src/protocol/panel.ts';
import { RunDirectory } from '../../src/runs/directory.ts';
import { FILES } from '../../src/runs/layout.ts';
import { sampleRun } from '../panel/sample-run.ts';
import type { OpenPanel } from '../panel/support/stand.ts';
import { PanelStand } from '../panel/support/stand.ts';
import { Fed, lineOf, writeRun } from './panel-feed.ts';

/**
 * What a person waits for in the panel, in a real browser that is fed by the extension's own code from run directories on disk:
 * `record`, `open`, `pan` or `code`. The last line of the output is JSON: milliseconds of each record, of each opening and of each
 * frame; megabytes of the page when it is empty, at the end, and without what the browser had not cleared away; kilobytes. A line of standard error tells how far it has come, and what took too long to wait for.
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
/** A drag goes once to and fro in so long. */
const PAN_PERIOD_MS = 4_000;
const SHIFT = 8;
/** The longest that one thing may take. */
const LONGEST_MS = 120_000;

const PARTS: Readonly<Record<string, (stand: PanelStand, folder: string) => Promise<object>>> = {
  record: recordToPixel,
  open: openMillion,
  pan: panHundred,
  code: (stand) =>
    Promise.resolve({ kilobytes: stand.files.reduce((sum, file) => sum + gzipSync(file).length, 0) / 1024 }),
};

const [name = ''] = process.argv.slice(2);
const part = PARTS[name];
if (part === undefined) throw new Error(`no part is called "${name}": ${Object.keys(PARTS).join(', ')}`);
const folder = mkdtempSync(join(tmpdir(), 'kd-bench-panel-'));
const stand = await PanelStand.open();
let stage = '';
let overdue: ReturnType<typeof setTimeout> | undefined;
try {
  const outcome = await part(stand, folder);
  clearTimeout(overdue);
  console.log(JSON.stringify(outcome));
} finally {
  await stand.close();
  rmSync(folder, { recursive: true });
}

/** Says what is done now. What does not end in time ends the process: a page that hangs answers nobody. */
function now(what: string): void {
  stage = what;
  console.error(`panel ${name}: ${stage}`);
  clearTimeout(overdue);
  overdue = setTimeout(() => {
    console.error(`panel ${name}: not done in ${LONGEST_MS / 1000} s: ${stage}`);
    process.exit(1);
  }, LONGEST_MS);
}

/** From a line in the file to the end of the frame that shows it. */
async function recordToPixel(stand: PanelStand, folder: string): Promise<{ record: number[] }> {
  const directory = writeRun(folder, 'live', LIVE_RECORDS, 'running');
  const panel = await stand.page();
  const fed = new Fed(panel);
  now('opens');
  fed.follow(directory);
  await drawn(panel);
  const record: number[] = [];
  for (let index = 0; index < RECORDS; index += 1) {
    await pause(RECORD_PAUSE_MS + 37 * (index % 7));
    now(`record ${index + 1}`);
    await watchPixels(panel);
    const written = Date.now();
    // A peak that was not there before, so that the picture must change.
    appendFileSync(join(directory, FILES.metrics), lineOf(LIVE_RECORDS + index, 1, { loss: 2 + index / 10 }));
    record.push((await seen(panel)) - written);
  }
  await fed.close();
  return { record };
}

/** From the choice of the run to the end of the frame that shows its curves. */
async function openMillion(stand: PanelStand, folder: string): Promise<{ open: number[] }> {
  now('writes');
  const directory = writeRun(folder, 'million', MANY_RECORDS, 'completed');
  const open: number[] = [];
  for (let index = 0; index < OPENINGS; index += 1) {
    const panel = await stand.page();
    const fed = new Fed(panel);
    await fed.settled();
    now(`opens ${index + 1}`);
    const chosen = Date.now();
    fed.follow(directory);
    await drawn(panel);
    open.push((await panel.page.evaluate(() => Date.now())) - chosen);
    await fed.close();
  }
  return { open };
}

async function panHundred(
  stand: PanelStand,
  folder: string,
): Promise<{ frames: number[]; megabytes: Readonly<Record<'empty' | 'after' | 'kept', number | null>> }> {
  now('writes');
  const runs = Array.from({ length: RUNS }, (_, index) =>
    writeRun(folder, `run-${index}`, RECORDS_OF_A_RUN, 'completed'),
  );
  const memory = {
    ...{ run: null, view: 'curves', seed: null, axis: 'step', spread: 'range', smoothing: 0, hasMarks: true },
    charts: [{ metric: 'metric:loss', isLogarithmic: false }],
    overlays: runs,
  };
  const panel = await stand.page({ memory, width: 1_400 });
  const empty = await privateMegabytes(stand);
  const fed = new Fed(panel);
  const overlaid = new OverlaidRuns((run) => new RunDirectory(run), {
    onModel: (run, model) => fed.feed.overlay(run, model),
    onChange: () => fed.feed.changed(),
    onDrop: (run) => fed.feed.dropOverlay(run),
  });
  fed.post({
    type: 'runs',
    runs: runs.map((run, index) =>
      summaryOfRun(sampleRun({ seeds: [1], epochs: 1, id: `run-${index}` }).record, run),
    ),
    config: null,
    trusted: true,
  });
  now('opens the first run');
  fed.follow(runs[0] ?? '');
  await drawn(panel);
  now('opens the others');
  const asked = (await panel.sent()).findLast(
    (message): message is Extract<PanelMessage, { type: 'overlay' }> => message.type === 'overlay',
  );
  if (asked === undefined) throw new Error('the page asks for no runs');
  overlaid.set(asked.runs, asked.metrics);
  fed.post({ type: 'reply', id: asked.id, ok: true, message: '' });
  await named(panel, RUNS);
  await fed.settled();
  now('zooms');
  await panel.page.locator('canvas').first().focus();
  for (let press = 0; press < ZOOM_PRESSES; press += 1) await panel.page.keyboard.press('+');
  await pause(2_000);
  now('pans');
  const frames = await pan(panel);
  now('weighs');
  const after = await privateMegabytes(stand);
  const session = await panel.page.context().newCDPSession(panel.page);
  await session.send('HeapProfiler.collectGarbage');
  const megabytes = { empty, after, kept: await privateMegabytes(stand) };
  overlaid.dispose();
  await fed.close();
  return { frames, megabytes };
}

/**
 * Drags the chart to and fro and takes the time of each frame. The events go to the browser as a mouse's do; the ways of the test
 * library around a drag would take a part of every frame.
 */
async function pan(panel: OpenPanel): Promise<number[]> {
  const box = await panel.page.locator('canvas').first().boundingBox();
  if (!box) throw new Error('there is no chart');
  const session = await panel.page.context().newCDPSession(panel.page);
  const [middle, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const mouse = (type: 'mouseMoved' | 'mousePressed' | 'mouseReleased', x: number, buttons: number) =>
    session.send('Input.dispatchMouseEvent', {
      ...{ type, x, y, modifiers: SHIFT, buttons, clickCount: type === 'mouseMoved' ? 0 : 1 },
      button: type === 'mouseMoved' && buttons === 0 ? 'none' : 'left',
    });
  await mouse('mouseMoved', middle, 0);
  await mouse('mousePressed', middle, 1);
  await panel.page.evaluate(() => {
    const times: number[] = [];
    const frame = (time: number) => {
      times.push(time);
      if (!('hasEnded' in globalThis)) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    Object.assign(globalThis, { times });
  });
  for (const start = Date.now(); Date.now() - start < PAN_MS;) {
    const turn = (2 * Math.PI * (Date.now() - start)) / PAN_PERIOD_MS;
    await mouse('mouseMoved', middle + (box.width / 3) * Math.sin(turn), 1);
  }
  const times = await panel.page.evaluate(() => {
    Object.assign(globalThis, { hasEnded: true });
    return (globalThis as unknown as { times: number[] }).times;
  });
  await mouse('mouseReleased', middle, 0);
  await session.detach();
  return times.slice(1).map((time, index) => Math.round(10 * (time - (times[index] ?? 0))) / 10);
}

/** Private memory of the page's process: of those that draw pages, the largest. */
async function privateMegabytes(stand: PanelStand): Promise<number | null> {
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

/**
 * Waits until the first chart has curves, that is pixels of a colour that is no grey. Here and below the page waits for itself: what
 * looks again and again by `waitForFunction` makes code from text, which the policy of the page forbids after the first time.
 */
function drawn(panel: OpenPanel): Promise<void> {
  return panel.page.evaluate(async () => {
    const isDrawn = () => {
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
    };
    while (!isDrawn()) await new Promise((resolve) => requestAnimationFrame(resolve));
  });
}

/** Waits until the legend of the first chart names so many runs. */
function named(panel: OpenPanel, runs: number): Promise<void> {
  return panel.page.evaluate(async (count) => {
    while (document.querySelectorAll('.legend-runs li').length !== count)
      await new Promise((resolve) => requestAnimationFrame(resolve));
  }, runs);
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
