import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ServerClient } from '../server/client.ts';
import { createProject, healthyOf, type Project } from '../server/project.ts';

const SERVER = resolve('dist/server.cjs');
const WARM_UP = 20;
const KEYSTROKES = 200;
const QUESTIONS = 100;
const EDITS = 10_000;
/** The fault is typed in the last of these. */
const FAULT = 'epochs: 3';

/**
 * Prints what an editor waits for, through the built server: milliseconds from each keystroke in files of 300 and 5,000 lines
 * to the diagnostics of that very text, for completion, hover and the start, and the megabytes after ten thousand edits.
 */
async function measure(): Promise<void> {
  const project = createProject();
  try {
    console.log(
      JSON.stringify({
        start: await start(project),
        keystrokes: { 300: await keystrokesIn(project, 300), 5000: await keystrokesIn(project, 5000) },
        ...(await answersIn(project, 300)),
        megabytes: await memoryAfterEdits(project, 300),
      }),
    );
  } finally {
    project.remove();
  }
}

/** From starting the process to its answer to `initialize`. */
async function start(project: Project): Promise<number> {
  const started = performance.now();
  const client = await ServerClient.start(SERVER, [project.folder]);
  const milliseconds = performance.now() - started;
  client.dispose();
  return milliseconds;
}

async function served<T>(project: Project, work: (client: ServerClient) => Promise<T>): Promise<T> {
  const client = await ServerClient.start(SERVER, [project.folder]);
  try {
    return await work(client);
  } finally {
    client.dispose();
  }
}

/** A key is misspelt and corrected in turns. */
function keystrokesIn(project: Project, lineCount: number): Promise<readonly number[]> {
  return served(project, async (client) => {
    const { uri, type } = await opened(client, project, lineCount);
    const milliseconds: number[] = [];
    for (let stroke = 0; stroke < WARM_UP + KEYSTROKES; stroke += 1) {
      const started = performance.now();
      const published = client.diagnostics(uri, stroke + 2);
      await type(stroke);
      const found = await published;
      if (stroke >= WARM_UP) milliseconds.push(performance.now() - started);
      // An answer that is fast and wrong measures nothing.
      if (found.some(({ severity }) => severity === 1) !== isSpoilt(stroke)) {
        throw new Error(`keystroke ${stroke}: ${JSON.stringify(found)}`);
      }
    }
    return milliseconds;
  });
}

/** Completion and hover right after a keystroke, which no earlier answer can serve. */
function answersIn(
  project: Project,
  lineCount: number,
): Promise<{ readonly completion: readonly number[]; readonly hover: readonly number[] }> {
  return served(project, async (client) => {
    const { uri, type, place } = await opened(client, project, lineCount);
    const times = { completion: [] as number[], hover: [] as number[] };
    for (let stroke = 0; stroke < WARM_UP + 2 * QUESTIONS; stroke += 1) {
      await type(stroke);
      // Every second stroke mends the text; there each question is asked in turns.
      if (isSpoilt(stroke)) continue;
      const kind = stroke % 4 === 1 ? 'completion' : 'hover';
      const started = performance.now();
      const answer = await (kind === 'completion' ? client.complete(uri, place) : client.hover(uri, place));
      const milliseconds = performance.now() - started;
      if (answer === null || (Array.isArray(answer) && answer.length === 0)) {
        throw new Error(`no ${kind} after keystroke ${stroke}`);
      }
      if (stroke >= WARM_UP) times[kind].push(milliseconds);
    }
    return times;
  });
}

/** Resident megabytes of the server. */
function memoryAfterEdits(project: Project, lineCount: number): Promise<number | null> {
  return served(project, async (client) => {
    const { uri, type } = await opened(client, project, lineCount);
    for (let stroke = 0; stroke < EDITS; stroke += 1) {
      await type(stroke);
      if (stroke % 100 === 99) await client.diagnostics(uri, stroke + 2);
    }
    return residentMegabytes(client.process.pid ?? 0);
  });
}

/** Null on systems that have no such file. */
function residentMegabytes(pid: number): number | null {
  try {
    const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? null : (Number(kilobytes) * 1024) / 1e6;
  } catch {
    return null;
  }
}

function isSpoilt(stroke: number): boolean {
  return stroke % 2 === 0;
}

/** A file of so many lines in the server, and how the next character is typed into it. */
async function opened(client: ServerClient, project: Project, lineCount: number) {
  const uri = project.uri(`bench-${lineCount}.kd.yaml`);
  const lines = healthyOf(lineCount).split('\n');
  const line = lines.findLastIndex((text) => text.trim() === FAULT);
  const character = lines[line]?.indexOf('h') ?? -1;
  await client.open(uri, lines.join('\n'));
  const type = (stroke: number): Promise<void> => {
    const spoil = isSpoilt(stroke);
    const range = { start: { line, character }, end: { line, character: character + (spoil ? 0 : 1) } };
    // The comment at the top counts, so that no text comes twice and no earlier answer can serve.
    const top = { start: { line: 0, character: 0 }, end: { line: 0, character: 9 } };
    return client.change(uri, stroke + 2, [
      { range: top, text: `#${String(stroke).padStart(8, '0')}` },
      { range, text: spoil ? 'x' : '' },
    ]);
  };
  return { uri, type, place: { line, character } };
}

void measure();
