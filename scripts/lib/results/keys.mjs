import { createHash } from 'node:crypto';
import { baseOf, fileOf, settingsText, teacherOf } from './configs.mjs';
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

/** Whether the row trains a teacher and nobody else. */
export function isTeacher(system) {
  return teacherOf(system)?.trainedBy === system.name;
}

/**
 * The rows that this one builds on or is set beside: its teacher's, plain `kd` with that teacher, and the student alone's.
 *
 * @param {import('./systems.mjs').System} system
 * @returns {string[]}
 */
export function referencesOf(system) {
  if (isTeacher(system)) return [];
  const teacher = teacherOf(system);
  const names = [...(teacher === null ? [] : [teacher.trainedBy, teacher.kd]), baseOf(system).reference];
  return [...new Set(names)].filter((name) => name !== system.name);
}

/**
 * `key`: what a row's result depends on, in one hash: its experiment with every default, the data, the code, and the same of the
 * rows that it builds on. `asked`: of the experiments as they are written, and the data, alone.
 *
 * @typedef {{ key: string, asked: string }} Keys
 */

/**
 * @param {string} folder of the experiment files
 * @param {(name: string, folder: string) => { effective: string, diagnostics: readonly { severity: string, message: string }[] }} checkFile
 * @returns {Promise<ReadonlyMap<string, Keys>>} by the row's name
 */
export async function keysOf(folder, checkFile) {
  const own = new Map();
  for (const system of SYSTEMS) {
    const { data: name, slices } = baseOf(system);
    const data = ensureData(name, folder, Object.values(slices));
    const { effective, diagnostics } = checkFile(fileOf(system), folder);
    const error = diagnostics.find(({ severity }) => severity === 'error');
    if (error !== undefined) throw new Error(`${fileOf(system)}: ${error.message}`);
    own.set(system.name, {
      asked: [baseOf(system).config, settingsText(system), data],
      needed: [effective, data, await codeHash(system)],
    });
  }
  return new Map(
    SYSTEMS.map((system) => {
      const parts = [system.name, ...referencesOf(system)].map((name) => own.get(name));
      const hash = (kind) => hashOf(parts.flatMap((part) => part[kind]));
      return [system.name, { key: hash('needed'), asked: hash('asked') }];
    }),
  );
}

function hashOf(value) {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}
