import { bundleBench, measureProcess } from './processes.mjs';
import { row } from './rows.mjs';

/** Largest good values. */
const TARGETS_MS = {
  keystroke300: 50,
  keystroke5000: 250,
  p95: 100,
  answer: 30,
  start: 400,
};
const TARGET_MEGABYTES = 150;

export const TASKS = [
  { names: ['diagnostic/300-lines', 'diagnostic/5000-lines', 'completion', 'hover', 'server'], measure },
];

/**
 * What an editor waits for, through the packaged language server: from a keystroke to its diagnostics, for completion and hover
 * right after a keystroke, for the start; and the server's memory after ten thousand edits.
 *
 * @param {{ rounds: number }} options
 * @returns {Promise<import('./rows.mjs').Result>}
 */
async function measure({ rounds }) {
  const program = await bundleBench('server');
  const results = [];
  for (let round = 0; round < rounds; round++) {
    results.push(await measureProcess([process.execPath, program]));
  }
  const ms = (name, target, of) => row({ name, unit: 'ms', target }, results.map(of));
  const short = ({ keystrokes }) => keystrokes['300'];
  const long = ({ keystrokes }) => keystrokes['5000'];
  const megabytes = results.map((result) => result.megabytes).filter((value) => value !== null);
  return {
    rows: [
      ms('diagnostic/300-lines/median', TARGETS_MS.keystroke300, (result) => percentile(short(result), 0.5)),
      ms('diagnostic/300-lines/p95', TARGETS_MS.p95, (result) => percentile(short(result), 0.95)),
      ms('diagnostic/300-lines/worst', null, (result) => percentile(short(result), 1)),
      ms('diagnostic/5000-lines/median', TARGETS_MS.keystroke5000, (result) => percentile(long(result), 0.5)),
      ms('diagnostic/5000-lines/worst', null, (result) => percentile(long(result), 1)),
      ms('completion/median', TARGETS_MS.answer, (result) => percentile(result.completion, 0.5)),
      ms('completion/worst', null, (result) => percentile(result.completion, 1)),
      ms('hover/median', TARGETS_MS.answer, (result) => percentile(result.hover, 0.5)),
      ms('hover/worst', null, (result) => percentile(result.hover, 1)),
      ms('server/start', TARGETS_MS.start, (result) => result.start),
      ...(megabytes.length === 0
        ? []
        : [
            row({ name: 'server/memory-after-10000-edits', unit: 'MB', target: TARGET_MEGABYTES }, megabytes),
          ]),
    ],
    notRun:
      megabytes.length === 0
        ? [
            {
              name: 'server/memory-after-10000-edits',
              why: 'this system does not tell the memory of a process',
            },
          ]
        : [],
  };
}

function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
