import { existsSync } from 'node:fs';
import { ensurePackages } from '../../../scripts/lib/debian.mjs';

/** Debian's chromium brings a Vulkan driver that computes on the processor. */
const DRIVER = '/usr/lib/chromium/vk_swiftshader_icd.json';

/** @returns the environment in which a process finds a software adapter, or in words why none can be had */
export function softwareAdapter(): Readonly<Record<string, string>> | string {
  if (process.platform !== 'linux')
    return `the software adapter comes from Debian, this is ${process.platform}`;
  const missing = ensurePackages(['chromium', 'libvulkan1']);
  if (missing !== undefined) return missing;
  if (!existsSync(DRIVER)) return `this chromium brings no software adapter (${DRIVER})`;
  return { VK_ICD_FILENAMES: DRIVER };
}
