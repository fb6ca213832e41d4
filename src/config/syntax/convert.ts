import { isAlias, isMap, isScalar, isSeq, type Document, type Node, type Pair } from 'yaml';
import { replaceFix, type Report } from '../report.ts';
import { isQuoted } from './faults.ts';
import { DEEPEST_LEVEL, MOST_NODES } from './limits.ts';
import type { ConfigNode, Entry, Place, ScalarNode } from './node.ts';
import type { PatchedText } from './patched.ts';
import type { Source } from './source.ts';

/** Tags that the parser knows, so that it does not warn, but that are no plain data. */
const REFUSED_TAGS = /^tag:yaml\.org,2002:(binary|omap|pairs|set|timestamp|merge)$/;

/** Turns the parser's tree into plain nodes with places in the text as it was written. */
export function convertDocument(
  document: Document,
  text: PatchedText,
  source: Source,
  report: Report,
): ConfigNode {
  const anchors = new Map<string, ConfigNode | 'open'>();
  const sizes = new Map<ConfigNode, number>();
  let nodes = 0;

  const place = (start: number, end: number): Place => ({
    source,
    start: text.original(start),
    end: Math.max(text.original(start), text.original(end)),
  });
  const nothing = (at: Place): ScalarNode => ({ kind: 'scalar', value: null, quoted: false, place: at });
  const unread = (at: Place): ScalarNode => ({ ...nothing(at), unread: true });

  function convert(node: unknown, depth: number, fallback: Place): ConfigNode {
    const size = nodes;
    const known = node as Node | null;
    const range = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range : null;
    const at = range === null || range === undefined ? fallback : place(range[0], range[1]);
    nodes += 1;
    if (nodes > MOST_NODES) {
      report.add('KD1009', at, {
        message: tooManyMessage,
        help: 'Split the experiment, or use fewer aliases.',
      });
      return unread(at);
    }
    if (depth > DEEPEST_LEVEL) {
      report.add('KD1010', at, { message: tooDeepMessage, help: 'Flatten this part.' });
      return unread(at);
    }
    if (isAlias(node)) return expand(node.source, at);
    const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
    if (anchor !== undefined) anchors.set(anchor, 'open');
    if (known?.tag !== undefined && REFUSED_TAGS.test(known.tag)) refuseTag(known.tag, at);
    const result = build(node, depth, at);
    if (anchor !== undefined) anchors.set(anchor, result);
    sizes.set(result, nodes - size);
    return result;
  }

  function build(node: unknown, depth: number, at: Place): ConfigNode {
    if (isMap(node)) {
      return {
        kind: 'map',
        flow: node.flow === true,
        place: at,
        entries: convertEntries(node.items, depth, at),
      };
    }
    if (isSeq(node)) {
      const items = node.items.map((item) => convert(item, depth + 1, at));
      return { kind: 'list', flow: node.flow === true, place: at, items };
    }
    if (!isScalar(node)) return nothing(at);
    const { value } = node;
    const plain =
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null;
    return { kind: 'scalar', value: plain ? value : null, quoted: isQuoted(node), place: at };
  }

  function convertEntries(items: readonly Pair[], depth: number, map: Place): Entry[] {
    const entries = new Map<string, Entry>();
    for (const { key, value } of items) {
      const range = isScalar(key) || isMap(key) || isSeq(key) ? key.range : null;
      const keyPlace = range === null || range === undefined ? map : place(range[0], range[1]);
      const name = isScalar(key) ? key.value : undefined;
      if (
        name === null ||
        (typeof name !== 'string' && typeof name !== 'number' && typeof name !== 'boolean')
      ) {
        report.add('KD1014', keyPlace, { message: 'a key is a plain word', help: 'Write `key: value`.' });
        continue;
      }
      const text = String(name);
      if (text === '<<' && !isQuoted(key)) {
        const help =
          'Merge keys are not part of YAML 1.2. Repeat the keys, or put them into a base file and use `extends`.';
        report.add('KD1014', keyPlace, { message: 'the merge key "<<" is not read', help });
        continue;
      }
      const first = entries.get(text);
      if (first !== undefined) reportDuplicate(text, keyPlace, first.keyPlace, value);
      const afterKey = { source, start: keyPlace.end + 1, end: keyPlace.end + 1 };
      const converted = convert(value, depth + 1, afterKey);
      if (first === undefined) entries.set(text, { key: text, keyPlace, value: converted });
    }
    return [...entries.values()];
  }

  function reportDuplicate(key: string, again: Place, first: Place, value: unknown): void {
    const end = isScalar(value) || isMap(value) || isSeq(value) ? value.range?.[1] : undefined;
    const whole = lineOf(source, again.start, end === undefined ? again.end : text.original(end));
    report.add('KD1006', again, {
      message: `"${key}" stands twice; only the first counts`,
      help: 'Remove one of them.',
      fixes: whole === null ? [] : [replaceFix(`Remove this "${key}"`, whole, '')],
      related: [{ place: first, message: `"${key}" stands here first` }],
    });
  }

  function refuseTag(tag: string, at: Place): void {
    report.add('KD1007', at, {
      message: `the tag ${tag} is not read`,
      help: 'Remove it: a config is plain data.',
    });
  }

  function expand(name: string, at: Place): ConfigNode {
    const target = anchors.get(name);
    if (target === undefined || target === 'open') {
      const message =
        target === undefined ? `no anchor &${name} stands before this` : `&${name} would hold itself`;
      report.add('KD1008', at, {
        message,
        help: `Write the value out, or mark an earlier one with &${name}.`,
      });
      return unread(at);
    }
    nodes += sizes.get(target) ?? 1;
    if (nodes <= MOST_NODES) return target;
    report.add('KD1009', at, { message: tooManyMessage, help: 'Write the values out.' });
    return unread(at);
  }

  return convert(document.contents, 0, { source, start: 0, end: 0 });
}

const tooManyMessage = `the file has more than ${MOST_NODES} elements, aliases expanded; the rest is not read`;
const tooDeepMessage = `the file is nested deeper than ${DEEPEST_LEVEL} levels; what lies deeper is not read`;

/**
 * What to remove so that no trace of an entry is left: its lines in a block, or itself with the comma before it within
 * brackets; null where that cannot be told.
 */
function lineOf(source: Source, start: number, end: number): Place | null {
  const line = source.lineAt(start);
  const before = source.text.slice(source.lineStart(line), start);
  const lastLine = source.lineAt(end);
  const after = source.text.slice(end, source.lineEnd(lastLine));
  if (/^\s*$/.test(before) && /^\s*(#.*)?$/.test(after)) {
    return { source, start: source.lineStart(line), end: source.lineStart(lastLine + 1) };
  }
  const comma = /,\s*$/.exec(before);
  return comma === null ? null : { source, start: source.lineStart(line) + comma.index, end };
}
