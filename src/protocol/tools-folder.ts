import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where large optional tools are installed for this user, apart from the product, so that an update of it leaves them alone. The
 * engine looks there for what `kd install` put there. `KD_TOOLS` names another folder.
 */
export function toolsFolder(): string {
  const named = process.env.KD_TOOLS;
  if (named !== undefined && named !== '') return named;
  return join(userDataFolder(), 'kd-workbench', 'tools');
}

function userDataFolder(): string {
  if (process.platform === 'win32') return process.env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support');
  const named = process.env.XDG_DATA_HOME;
  return named === undefined || named === '' ? join(homedir(), '.local', 'share') : named;
}
