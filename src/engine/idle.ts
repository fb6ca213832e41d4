import { availableParallelism, loadavg } from 'node:os';

/** Share of the cores that other programs may keep busy before the machine no longer counts as idle. */
const IDLE_SHARE = 0.75;

/**
 * Whether other programs left the cores mostly alone in the last minute. Threads that wait actively are faster on an idle
 * machine and far slower on a busy one. Always true where the system tells no load (Windows).
 */
export function isMachineIdle(): boolean {
  const [lastMinute = 0] = loadavg();
  return lastMinute < availableParallelism() * IDLE_SHARE;
}
