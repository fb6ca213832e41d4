import { existsSync } from 'node:fs';
import { bundleBench, measureProcess } from './processes.mjs';
import { row } from './rows.mjs';
import { median } from './statistics.mjs';
import { PANEL } from './targets.mjs';

const CHROMIUM = process.env.KD_CHROMIUM ?? '/usr/bin/chromium';

/** What is measured, and the names of its rows. */
const PARTS = {
  record: ['panel/record-to-pixel/median', 'panel/record-to-pixel/worst'],
  open: ['panel/open/million-records/median', 'panel/open/million-records/worst'],
  pan: ['panel/pan/100-runs/frame/median', 'panel/pan/100-runs/frame/p95', 'panel/pan/100-runs/frame/worst'],
  memory: ['panel/memory/100-runs'],
  code: ['panel/code'],
};

export const TASKS = [{ names: Object.values(PARTS).flat(), measure }];

/**
 * @typedef {{ record: number[], open: number[], frames: number[], megabytes: number | null, kilobytes: number }} Outcome
 * @param {{ rounds: number, progress: (line: string) => void }} options
 * @returns {Promise<import('./rows.mjs').Result>}
 */
async function measure({ rounds, progress }) {
  if (!existsSync(CHROMIUM)) {
    const why = `no Chromium at ${CHROMIUM}: KD_CHROMIUM names another`;
    return {
      rows: [],
      notRun: Object.values(PARTS).flatMap((names) => names.map((name) => ({ name, why }))),
    };
  }
  const program = await bundleBench('panel');
  /** @type {Outcome[]} */
  const outcomes = [];
  for (let round = 0; round < rounds; round++) {
    const outcome = await measureProcess([process.execPath, program]);
    outcomes.push(outcome);
    progress(
      `panel round ${round + 1}: record ${median(outcome.record).toFixed(0)} ms, frame ${median(outcome.frames).toFixed(1)} ms`,
    );
  }
  /** @type {(name: string, unit: string, target: number | null, of: (outcome: Outcome) => number) => import('./rows.mjs').Row} */
  const one = (name, unit, target, of) => row({ name, unit, target }, outcomes.map(of));
  const known = outcomes.every(({ megabytes }) => megabytes !== null);
  return {
    rows: [
      one(PARTS.record[0], 'ms', PANEL.recordMs, ({ record }) => median(record)),
      one(PARTS.record[1], 'ms', PANEL.recordMs, ({ record }) => Math.max(...record)),
      one(PARTS.open[0], 'ms', PANEL.openMs, ({ open }) => median(open)),
      one(PARTS.open[1], 'ms', PANEL.openMs, ({ open }) => Math.max(...open)),
      one(PARTS.pan[0], 'ms', PANEL.frameMs, ({ frames }) => median(frames)),
      one(PARTS.pan[1], 'ms', null, ({ frames }) => percentile(frames, 0.95)),
      one(PARTS.pan[2], 'ms', null, ({ frames }) => Math.max(...frames)),
      ...(known ? [one(PARTS.memory[0], 'MB', PANEL.megabytes, ({ megabytes }) => megabytes ?? 0)] : []),
      one(PARTS.code[0], 'KB', PANEL.kilobytes, ({ kilobytes }) => kilobytes),
    ],
    notRun: known
      ? []
      : [{ name: PARTS.memory[0], why: 'this system does not tell the memory of a process' }],
  };
}

function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
