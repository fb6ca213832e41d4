import type { ConfigNode, Path, Place } from '../syntax/node.ts';

/** A key or a plain value of a file. */
export interface Target {
  readonly path: Path;
  readonly part: 'key' | 'value';
  readonly place: Place;
}

/** The innermost key or plain value that holds the offset. */
export function findTarget(node: ConfigNode, offset: number, file: string, path: Path = []): Target | null {
  if (node.kind === 'scalar')
    return holds(node.place, offset, file) ? { path, part: 'value', place: node.place } : null;
  const children: [Path, ConfigNode][] =
    node.kind === 'list'
      ? node.items.map((item, index) => [[...path, index], item])
      : node.entries.map((entry) => [[...path, entry.key], entry.value]);
  if (node.kind === 'map') {
    const entry = node.entries.find(({ keyPlace }) => holds(keyPlace, offset, file));
    if (entry !== undefined) return { path: [...path, entry.key], part: 'key', place: entry.keyPlace };
  }
  for (const [inner, child] of children) {
    const found = findTarget(child, offset, file, inner);
    if (found !== null) return found;
  }
  return null;
}

function holds({ source, start, end }: Place, offset: number, file: string): boolean {
  return source.file === file && start <= offset && offset <= end && end > start;
}
