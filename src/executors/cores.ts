import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

const CPUS = '/sys/devices/system/cpu';

/**
 * Cores that compute independently. A second thread on one core shares its arithmetic units and makes a training step
 * slower. Linux tells which threads are siblings; elsewhere x64 is taken to have two a core.
 */
export function physicalCores(): number {
  const available = availableParallelism();
  if (process.platform === 'linux') return Math.max(1, Math.min(available, linuxCores() ?? available));
  return process.arch === 'x64' ? Math.max(1, Math.floor(available / 2)) : available;
}

function linuxCores(): number | null {
  try {
    const cpus = readdirSync(CPUS).filter((name) => /^cpu\d+$/.test(name));
    const siblings = cpus.map((cpu) =>
      readFileSync(`${CPUS}/${cpu}/topology/thread_siblings_list`, 'utf8').trim(),
    );
    return siblings.length === 0 ? null : new Set(siblings).size;
  } catch {
    return null;
  }
}
