import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Document, isScalar, isSeq, visit } from 'yaml';
import { BASES } from './systems.mjs';

const STYLE = { flowCollectionPadding: true, lineWidth: 140 };

/** @typedef {import('./systems.mjs').System} System */

/** @param {System} system */
export function baseOf({ base = 'fashion-mnist' }) {
  return { name: base, ...BASES[base] };
}

/**
 * The name of the method, refiner or generator's loss that the row is about.
 *
 * @param {System} system
 * @returns {string}
 */
export function coveredBy({ name, covers }) {
  return covers ?? name.slice(name.lastIndexOf('/') + 1);
}

/** `response/kd` becomes `response-kd.kd.yaml`. */
export function fileOf({ name }) {
  return `${name.replaceAll('/', '-')}.kd.yaml`;
}

/** What the stored table says of each base. */
export function describedBases() {
  return Object.fromEntries(
    Object.entries(BASES).map(([name, { doc, reference, plain, config }]) => [
      name,
      { doc, reference, plain, settings: yamlText(config) },
    ]),
  );
}

/** The teacher of the row, the row whose run trains it, and plain `kd` taught by it; null where there is none. */
export function teacherOf(system) {
  const { teacher = 'wide' } = system;
  return teacher === null ? null : baseOf(system).teachers[teacher];
}

/** What the row adds to its base, as it stands in its file. */
export function settingsText(system) {
  const teacher = teacherOf(system);
  const models = {
    ...(teacher === null ? {} : { teacher: { architecture: teacher.architecture } }),
    ...system.config.models,
  };
  const added = Object.keys(models).length === 0 ? {} : { models };
  return yamlText({ ...added, ...system.config, ...added });
}

/**
 * Writes the experiment file of every row and of every base into `folder`, from where `kd run` runs any of them.
 *
 * @param {string} folder
 * @param {readonly System[]} systems
 */
export function writeConfigs(folder, systems) {
  mkdirSync(folder, { recursive: true });
  for (const [name, { config }] of Object.entries(BASES)) {
    writeFileSync(join(folder, `${name}.kd.yaml`), yamlText({ partial: true, ...config }));
  }
  for (const system of systems) {
    const head = { name: system.name, extends: `${baseOf(system).name}.kd.yaml` };
    writeFileSync(join(folder, fileOf(system)), `${yamlText(head)}\n${settingsText(system)}`);
  }
}

/** YAML as a person writes it: lists of plain values, and small maps of them, stand on one line. */
function yamlText(value) {
  const document = new Document(value);
  visit(document, {
    Map: (_key, node, path) => {
      node.flow = path.length > 2 && node.items.every((pair) => isScalar(pair.value));
    },
    Seq: (_key, node) => {
      node.flow = isPlainList(node);
    },
  });
  return document.toString(STYLE);
}

/** Whether a list holds scalars, and lists of them, alone. */
function isPlainList(node) {
  return isScalar(node) || (isSeq(node) && node.items.every(isPlainList));
}
