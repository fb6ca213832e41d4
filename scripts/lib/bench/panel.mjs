import { existsSync } from 'node:fs';
import { bundleBench, measureProcess } from './processes.mjs';
import { row } from './rows.mjs';
import { median } from './statistics.mjs';
import { PANEL } from './targets.mjs';

const CHROMIUM = process.env.KD_CHROMIUM ?? '/usr/bin/chromium';

/**
 * A row of a part: what it is of the numbers that one process found.
 *
 * @typedef {{ name: string, unit: string, target: number | null, of: (outcome: any) => number | null }} Figure
 */

/**
 * Each part in a process of its own, so that one that fails takes no figure from the others.
 *
 * @type {Record<string, Figure[]>}
 */
const PARTS = {
  record: [
    {
      ...{ name: 'panel/record-to-pixel/median', unit: 'ms', target: PANEL.recordMs },
      of: ({ record }) => median(record),
    },
    {
      ...{ name: 'panel/record-to-pixel/worst', unit: 'ms', target: PANEL.recordMs },
      of: ({ record }) => Math.max(...record),
    },
  ],
  open: [
    {
      ...{ name: 'panel/open/million-records/median', unit: 'ms', target: PANEL.openMs },
      of: ({ open }) => median(open),
    },
    {
      ...{ name: 'panel/open/million-records/worst', unit: 'ms', target: PANEL.openMs },
      of: ({ open }) => Math.max(...open),
    },
  ],
  pan: [
    {
      ...{ name: 'panel/pan/100-runs/frame/median', unit: 'ms', target: PANEL.frameMs },
      of: ({ frames }) => median(frames),
    },
    {
      ...{ name: 'panel/pan/100-runs/frame/mean', unit: 'ms', target: null },
      of: ({ frames }) => frames.reduce((sum, frame) => sum + frame, 0) / frames.length,
    },
    {
      ...{ name: 'panel/pan/100-runs/frame/p95', unit: 'ms', target: null },
      of: ({ frames }) => percentile(frames, 0.95),
    },
    {
      ...{ name: 'panel/pan/100-runs/frame/worst', unit: 'ms', target: null },
      of: ({ frames }) => Math.max(...frames),
    },
    {
      ...{ name: 'panel/memory/100-runs', unit: 'MB', target: PANEL.megabytes },
      of: ({ megabytes }) => megabytes.after,
    },
    {
      ...{ name: 'panel/memory/100-runs/kept', unit: 'MB', target: null },
      of: ({ megabytes }) => megabytes.kept,
    },
    {
      ...{ name: 'panel/memory/empty', unit: 'MB', target: null },
      of: ({ megabytes }) => megabytes.empty,
    },
  ],
  code: [
    {
      ...{ name: 'panel/code', unit: 'KB', target: PANEL.kilobytes },
      of: ({ kilobytes }) => kilobytes,
    },
  ],
};

export const TASKS = Object.entries(PARTS).map(([part, figures]) => ({
  names: figures.map(({ name }) => name),
  measure: (options) => measure(part, figures, options),
}));

/**
 * @param {string} part
 * @param {Figure[]} figures
 * @param {{ rounds: number, progress: (line: string) => void }} options
 * @returns {Promise<import('./rows.mjs').Result>}
 */
async function measure(part, figures, { rounds, progress }) {
  if (!existsSync(CHROMIUM)) {
    const why = `no Chromium at ${CHROMIUM}: KD_CHROMIUM names another`;
    return { rows: [], notRun: figures.map(({ name }) => ({ name, why })) };
  }
  const program = await bundleBench('panel');
  const outcomes = [];
  for (let round = 0; round < rounds; round++) {
    outcomes.push(await measureProcess([process.execPath, program, part]));
    progress(`panel ${part}: round ${round + 1} of ${rounds}`);
  }
  /** @type {import('./rows.mjs').Result} */
  const result = { rows: [], notRun: [] };
  for (const { name, unit, target, of } of figures) {
    const values = outcomes.map(of).filter((value) => value !== null);
    if (values.length === outcomes.length) result.rows.push(row({ name, unit, target }, values));
    else result.notRun.push({ name, why: 'this system does not tell it' });
  }
  return result;
}

function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
