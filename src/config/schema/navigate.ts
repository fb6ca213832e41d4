import type { Field } from '../../schema/field.ts';
import { child, entryOf, type ConfigNode, type Path } from '../syntax/node.ts';
import { scheduleField } from './schedule.ts';

/** Whether a node has the shape that the field asks for, whatever its content. */
export function accepts(field: Field, node: ConfigNode): boolean {
  const value = node.kind === 'scalar' ? node.value : undefined;
  switch (field.kind) {
    case 'number':
      return typeof value === 'number' || (field.schedulable && node.kind === 'map');
    case 'boolean':
      return typeof value === 'boolean';
    case 'text':
    case 'choice':
      return typeof value === 'string';
    case 'list':
      return node.kind === 'list';
    case 'object':
    case 'record':
    case 'tagged':
      return node.kind === 'map';
    case 'variant':
      return node.kind === 'map' || typeof value === 'string';
    case 'union':
      return field.options.some((option) => accepts(option, node));
    case 'later':
      return node.kind !== 'scalar' || node.value !== null;
  }
}

/** The field itself, or the one of a union's shapes, or the schedule in place of a number, that fits the node. */
export function concreteField(field: Field, node: ConfigNode | undefined): Field {
  if (field.kind === 'union') {
    const found = node === undefined ? undefined : field.options.find((option) => accepts(option, node));
    return found === undefined ? field : concreteField(found, node);
  }
  return field.kind === 'number' && field.schedulable && node?.kind === 'map' ? scheduleField(field) : field;
}

/** The field of a child of `node`; undefined where the language has none. */
export function childField(
  field: Field,
  node: ConfigNode | undefined,
  step: string | number,
): Field | undefined {
  const concrete = concreteField(field, node);
  switch (concrete.kind) {
    case 'list':
      return typeof step === 'number' ? concrete.item : undefined;
    case 'record':
      return concrete.value;
    case 'object':
      return own(concrete.fields, step);
    case 'variant':
      return own(concrete.variants, step);
    case 'tagged': {
      if (step === concrete.tag) return tagField(concrete);
      const variant = own(concrete.variants, tagOf(concrete.tag, node));
      return variant?.kind === 'object' ? own(variant.fields, step) : undefined;
    }
    case 'number':
    case 'boolean':
    case 'text':
    case 'choice':
    case 'union':
    case 'later':
      return undefined;
  }
}

/** The field at the end of a path, following what is written. */
export function fieldAt(field: Field, root: ConfigNode | undefined, path: Path): Field | undefined {
  let at: Field | undefined = field;
  let node = root;
  for (const step of path) {
    if (at === undefined) return undefined;
    at = childField(at, node, step);
    node = child(node, step);
  }
  return at;
}

/** The word under the tag of a tagged map, where it is one. */
export function tagOf(tag: string, node: ConfigNode | undefined): string {
  const value = entryOf(node, tag)?.value;
  return value?.kind === 'scalar' && typeof value.value === 'string' ? value.value : '';
}

/** The choice that stands under the tag key. */
export function tagField(field: Extract<Field, { kind: 'tagged' }>): Extract<Field, { kind: 'choice' }> {
  const entries = Object.entries(field.variants);
  const words = (kind: 'object' | 'later') =>
    Object.fromEntries(
      entries.filter(([, variant]) => variant.kind === kind).map(([name, { doc }]) => [name, doc]),
    );
  return { kind: 'choice', choices: words('object'), later: words('later'), doc: field.tagDoc };
}

/** Words and meanings of a variant, those that can run and those that cannot yet. */
export function variantWords(variants: Readonly<Record<string, Field>>): {
  readonly now: readonly string[];
  readonly later: readonly string[];
} {
  const entries = Object.entries(variants);
  return {
    now: entries.filter(([, field]) => field.kind !== 'later').map(([name]) => name),
    later: entries.filter(([, field]) => field.kind === 'later').map(([name]) => name),
  };
}

export function own<T>(record: Readonly<Record<string, T>>, key: string | number): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
