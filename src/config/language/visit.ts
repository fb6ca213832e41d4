import type { Field } from '../../schema/field.ts';
import { childField, concreteField } from '../schema/navigate.ts';
import type { ConfigNode, Entry, Path } from '../syntax/node.ts';

export interface Visitor {
  /** A key of a map; `parent` is what the map stands for. */
  readonly key?: (entry: Entry, parent: Field, path: Path) => void;
  readonly value?: (node: Extract<ConfigNode, { kind: 'scalar' }>, field: Field, path: Path) => void;
}

/** Goes through everything that the language knows, from the top. */
export function visitFields(field: Field, node: ConfigNode, visitor: Visitor, path: Path = []): void {
  const concrete = concreteField(field, node);
  if (node.kind === 'scalar') {
    visitor.value?.(node, concrete, path);
    return;
  }
  if (node.kind === 'list') {
    node.items.forEach((item, index) => {
      const inner = childField(concrete, node, index);
      if (inner !== undefined) visitFields(inner, item, visitor, [...path, index]);
    });
    return;
  }
  for (const entry of node.entries) {
    const own = [...path, entry.key];
    visitor.key?.(entry, concrete, own);
    const inner = childField(concrete, node, entry.key);
    if (inner !== undefined) visitFields(inner, entry.value, visitor, own);
  }
}
