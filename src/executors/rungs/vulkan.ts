import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Variables by which the Vulkan loader is told of drivers directly. */
const NAMED = ['VK_DRIVER_FILES', 'VK_ADD_DRIVER_FILES', 'VK_ICD_FILENAMES'];

/**
 * Whether the Vulkan loader will find a driver (Linux): it reads manifests from fixed folders. Asking Vulkan itself takes
 * longer and prints warnings where there is none.
 */
export function hasVulkanDriver(environment: Environment = process.env): boolean {
  if (NAMED.some((name) => (environment[name] ?? '') !== '')) return true;
  return driverFolders(environment).some((folder) => {
    try {
      return readdirSync(folder).some((file) => file.endsWith('.json'));
    } catch {
      return false; // the folder does not exist
    }
  });
}

function driverFolders(environment: Environment): string[] {
  const own = environment.XDG_DATA_HOME ?? join(homedir(), '.local', 'share');
  const shared = environment.XDG_DATA_DIRS ?? '/usr/local/share:/usr/share';
  return ['/etc', '/etc/xdg', own, ...shared.split(':')].map((base) => join(base, 'vulkan', 'icd.d'));
}
