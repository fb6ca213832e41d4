import type { Report } from '../report.ts';
import { nodeAt, pathText, type ConfigNode, type Entry, type Path, type Place } from '../syntax/node.ts';
import { parseConfig } from '../syntax/parse.ts';
import { Source } from '../syntax/source.ts';

const ASSIGNMENT = /^\s*([^=\s]+)\s*=([\s\S]*)$/;
const STEP = /([A-Za-z_][\w-]*)|\[(\d+)\]/y;

/** Writes each `path=value` over the config, in order. The value is YAML. Faults are shown at the top of the file. */
export function applyOverrides(
  root: ConfigNode,
  overrides: readonly string[],
  source: Source,
  report: Report,
): ConfigNode {
  return overrides.reduce((node, override) => applyOverride(node, override, source, report), root);
}

function applyOverride(root: ConfigNode, override: string, config: Source, report: Report): ConfigNode {
  const top: Place = { source: config, start: 0, end: 0 };
  const match = ASSIGNMENT.exec(override);
  const path = match?.[1] === undefined ? null : parsePath(match[1]);
  if (match === null || path === null) {
    report.add('KD1030', top, {
      message: `--set ${override}: not of the form path=value`,
      help: 'Write for instance --set train.epochs=3 or --set distill.match[0].kd.weight=0.5.',
    });
    return root;
  }
  const source = new Source(`--set ${override}`, match[2] ?? '');
  report.bringIn(source.file, top);
  const { root: value } = parseConfig(source, report);
  if (value === null) return root;
  const result = write(root, path, value);
  if (result !== null) return result;
  const reached = path.findIndex((_, length) => nodeAt(root, path.slice(0, length + 1)) === undefined);
  report.add('KD1031', top, {
    message: `--set ${override}: there is no ${pathText(path.slice(0, reached + 1))}`,
    help: 'Name keys and list positions that the config has; positions start at 0.',
  });
  return root;
}

/** `distill.match[0].kd.weight` as keys and positions; null where it is none. */
export function parsePath(text: string): Path | null {
  const path: (string | number)[] = [];
  let at = 0;
  while (at < text.length) {
    if (text[at] === '.' && at > 0) at += 1;
    STEP.lastIndex = at;
    const match = STEP.exec(text);
    if (match === null) return null;
    path.push(match[2] === undefined ? (match[1] ?? '') : Number(match[2]));
    at = STEP.lastIndex;
  }
  return path.length === 0 ? null : path;
}

/** A copy with `value` at `path`; keys on the way are made, list positions must exist. */
function write(node: ConfigNode | undefined, path: Path, value: ConfigNode): ConfigNode | null {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (typeof step === 'number') {
    if (node?.kind !== 'list' || step >= node.items.length) return null;
    const item = write(node.items[step], rest, value);
    return item === null ? null : { ...node, items: node.items.with(step, item) };
  }
  const empty = node === undefined || (node.kind === 'scalar' && node.value === null);
  // A word stands for itself with default settings: `kd` becomes `kd: { weight: ... }`.
  const word = node?.kind === 'scalar' && node.value === step;
  if (!empty && !word && node.kind !== 'map') return null;
  const entries = node?.kind === 'map' ? node.entries : [];
  const known = entries.find((entry) => entry.key === step);
  const inner = write(known?.value, rest, value);
  if (inner === null) return null;
  const place = node?.place ?? value.place;
  const entry: Entry = { key: step, keyPlace: known?.keyPlace ?? value.place, value: inner };
  const others =
    known === undefined ? [...entries, entry] : entries.map((old) => (old === known ? entry : old));
  return { kind: 'map', flow: node?.kind === 'map' && node.flow, place, entries: others };
}
