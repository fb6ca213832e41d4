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
