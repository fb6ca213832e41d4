import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { UserError } from '../protocol/errors.ts';

export const OLDEST_NODE = 20;
const VERSION_MILLISECONDS = 10_000;

/** A Node.js that can run the engine. */
export interface NodeCommand {
  readonly path: string;
  /** `20.11.1` */
  readonly version: string;
  /** What must be added to the environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where it was found, for people. */
  readonly from: 'setting' | 'path' | 'editor';
}

export interface NodeSearch {
  /** The setting `kd.nodePath`; empty: not set. */
  readonly configured?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** The program this process runs in: Node itself, or the editor, which is Node in disguise. */
  readonly self?: string;
}

/**
 * The configured Node, else the first Node >= 20 on PATH, else the editor's own.
 * Throws KD5017 where the configured one is missing or too old: what was asked for is never replaced in silence.
 */
export async function findNode(search: NodeSearch = {}): Promise<NodeCommand> {
  const environment = search.environment ?? process.env;
  const configured = search.configured ?? '';
  if (configured !== '') {
    const version = await versionOf(configured);
    if (version === null || majorOf(version) < OLDEST_NODE) throw unusable(configured, version);
    return { path: configured, version, environment: {}, from: 'setting' };
  }
  for (const path of onPath(environment)) {
    const version = await versionOf(path);
    if (version !== null && majorOf(version) >= OLDEST_NODE)
      return { path, version, environment: {}, from: 'path' };
  }
  return {
    path: search.self ?? process.execPath,
    version: process.versions.node,
    environment: { ELECTRON_RUN_AS_NODE: '1' },
    from: 'editor',
  };
}

/** The Node this process runs in, for programs that are plain Node. */
export function thisNode(): NodeCommand {
  return { path: process.execPath, version: process.versions.node, environment: {}, from: 'path' };
}

function unusable(path: string, version: string | null): UserError {
  return new UserError({
    code: 'KD5017',
    message:
      version === null
        ? `"${path}" is not a Node.js program`
        : `Node.js ${version} is too old for the engine`,
    help: `set \`kd.nodePath\` to Node.js ${OLDEST_NODE} or newer, or leave it empty to use the one on PATH`,
    key: 'kd.nodePath',
  });
}

/** Programs called `node` on PATH, in its order. */
function onPath(environment: NodeJS.ProcessEnv): string[] {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const path = environment['PATH'] ?? environment['Path'] ?? '';
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .filter(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function versionOf(path: string): Promise<string | null> {
  return new Promise((resolve) => {
    const options = { timeout: VERSION_MILLISECONDS, windowsHide: true };
    execFile(path, ['--version'], options, (error, output) => {
      const version = error === null ? /^v(\d+\.\d+\.\d+)/.exec(output.trim())?.[1] : undefined;
      resolve(version ?? null);
    });
  });
}

function majorOf(version: string): number {
  return Number(version.split('.')[0]);
}
