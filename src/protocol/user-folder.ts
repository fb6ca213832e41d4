import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * A folder of the product for this user, apart from the product itself, so that an update of it leaves them alone.
 *
 * @param variable of the environment that names another place for it
 */
export function userFolder(name: string, variable: string): string {
  const named = process.env[variable];
  if (named !== undefined && named !== '') return named;
  return join(userDataFolder(), 'kd-workbench', name);
}

function userDataFolder(): string {
  if (process.platform === 'win32') return process.env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support');
  const named = process.env.XDG_DATA_HOME;
  return named === undefined || named === '' ? join(homedir(), '.local', 'share') : named;
}
