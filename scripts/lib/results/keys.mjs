import { createHash } from 'node:crypto';
import { baseOf, fileOf, teacherOf } from './configs.mjs';
import { ensureData } from './data.mjs';
import { codeHash } from './fingerprint.mjs';
import { SYSTEMS } from './systems.mjs';

/**
 * @param {string} name
 * @returns {import('./systems.mjs').System}
 */
export function systemNamed(name) {
  const found = SYSTEMS.find((system) => system.name === name);
  if (found === undefined) throw new Error(`systems.mjs has no row ${name}`);
  return found;
}

/**
 * The rows whose runs this one builds on: its teacher's and the student alone's.
 *
 * @param {import('./systems.mjs').System} system
 * @returns {string[]}
 */
export function referencesOf(system) {
  const names = [teacherOf(system)?.reference ?? system.name, baseOf(system).reference];
  return [...new Set(names)].filter((name) => name !== system.name);
}

/**
 * What each row's result depends on, in one hash: its experiment with every default, the data, the code, and the same of the
 * rows it builds on.
 *
 * @param {string} folder of the experiment files
 * @param {(name: string, folder: string) => { effective: string, diagnostics: readonly { severity: string, message: string }[] }} checkFile
 * @returns {Promise<ReadonlyMap<string, string>>} by the row's name
 */
export async function keysOf(folder, checkFile) {
  const own = new Map();
  for (const system of SYSTEMS) {
    const data = ensureData(baseOf(system).data, folder);
    const { effective, diagnostics } = checkFile(fileOf(system), folder);
    const error = diagnostics.find(({ severity }) => severity === 'error');
    if (error !== undefined) throw new Error(`${fileOf(system)}: ${error.message}`);
    own.set(system.name, [effective, data, await codeHash(system)]);
  }
  return new Map(
    SYSTEMS.map((system) => {
      const parts = [system.name, ...referencesOf(system)].flatMap((name) => own.get(name));
      return [system.name, createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)];
    }),
  );
}
