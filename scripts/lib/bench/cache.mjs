import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where the peers are installed and what they compile is kept, outside the checkout. */
export function benchCache() {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'kd-bench');
}

/** Python of the virtual environment that `npm run bench:peers` makes for a framework. */
export function pythonOf(framework) {
  const [folder, program] = process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python'];
  return join(benchCache(), framework, folder, program);
}
