import { cpus, loadavg, release, totalmem, type } from 'node:os';

/** The machine in one line; a figure without it says nothing. */
export function describeMachine() {
  const processors = cpus();
  const memory = (totalmem() / 2 ** 30).toFixed(0);
  return [
    `${processors.length} x ${processors[0]?.model.trim() ?? 'unknown processor'}`,
    `${memory} GB`,
    `${type()} ${release()} ${process.arch}`,
    `Node ${process.version}`,
    `load ${loadavg()[0].toFixed(1)} at start`,
  ].join(', ');
}

/** Share of processor time that other programs may take while something is measured. */
export const QUIET_SHARE = 0.08;
const LOOK_MS = 1000;

/**
 * Waits until other programs leave the processors alone, and no longer than asked: what runs beside a measurement is
 * measured with it.
 *
 * @param {number} longest milliseconds
 * @returns {Promise<number>} share of processor time that others took at the last look, 0..1
 */
export async function waitForQuiet(longest) {
  const end = performance.now() + longest;
  for (;;) {
    const before = busyTime();
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const after = busyTime();
    const share = (after.busy - before.busy) / Math.max(1, after.all - before.all);
    if (share < QUIET_SHARE || performance.now() > end) return share;
  }
}

function busyTime() {
  const times = cpus().map(({ times }) => times);
  const all = times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0);
  return { all, busy: all - times.reduce((sum, { idle }) => sum + idle, 0) };
}
