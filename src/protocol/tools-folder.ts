import { userFolder } from './user-folder.ts';

/**
 * Where large optional tools are installed for this user. The engine looks there for what `kd install` put there. `KD_TOOLS` names
 * another folder.
 */
export function toolsFolder(): string {
  return userFolder('tools', 'KD_TOOLS');
}
