import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TENSORFLOW_RUNTIMES } from '../../protocol/runtimes.ts';
import { toolsFolder } from '../../protocol/tools-folder.ts';

/** Folders whose `node_modules` may hold an official package: our tools, beside the engine's bundle, the workspace. */
export function tensorFlowFolders(): readonly string[] {
  return [
    ...TENSORFLOW_RUNTIMES.map(({ folder }) => join(toolsFolder(), folder)),
    dirname(process.argv[1] ?? '.'),
    process.cwd(),
  ];
}

/** True where a driver for graphics cards of NVIDIA is at work; without one their package would load for nothing. */
export function hasNvidiaDriver(): boolean {
  if (process.platform === 'win32')
    return existsSync(join(process.env.SystemRoot ?? 'C:\\Windows', 'System32', 'nvcuda.dll'));
  return ['/proc/driver/nvidia/version', '/dev/nvidiactl', '/dev/dxg'].some((path) => existsSync(path));
}
