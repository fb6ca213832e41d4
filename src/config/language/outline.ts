import type { Range } from '../../protocol/errors.ts';
import { parsePath } from '../compose/overrides.ts';
import { Report } from '../report.ts';
import { valueText } from '../schema/words.ts';
import { entryOf, keyPlace, nodeAt, placeRange, type ConfigNode, type Entry } from '../syntax/node.ts';
import { parseConfig } from '../syntax/parse.ts';
import { Source } from '../syntax/source.ts';
import type { Block, ConfigSymbol } from './types.ts';

const LONGEST_DETAIL = 60;

/** The outline: every key, with models and terms told apart. */
export function symbols(text: string): ConfigSymbol[] {
  const { root, source } = read(text);
  return root?.kind === 'map' ? root.entries.map((entry) => symbolOf(entry, [], source)) : [];
}

/** Parts of the text that code lenses stand at. The document comes first, and is there for any text. */
export function blocks(text: string): Block[] {
  const { root, source } = read(text);
  const document: Block = {
    kind: 'document',
    name: 'document',
    path: 'document',
    range: source.range(0, source.lineEnd(0)),
  };
  if (root?.kind !== 'map') return [document];
  const models = entryOf(root, 'models')?.value;
  const names = models?.kind === 'map' ? models.entries.map(({ key }) => key) : [];
  const found = [
    ...names.map((name) => ['models', name]),
    ['distill', 'match'],
    ['train'],
    ['compare'],
  ].flatMap((path): Block[] => {
    if (nodeAt(root, path) === undefined) return [];
    const name = path.at(-1) ?? '';
    const range = placeRange(keyPlace(root, path));
    return [{ kind: kindOf(path, root), name, path: path.join('.'), range }];
  });
  return [document, ...found];
}

/** A teacher can be trained alone where the scheme is the usual one and no phases say otherwise. */
function kindOf([top, name]: readonly string[], root: ConfigNode): Block['kind'] {
  if (top === 'distill') return 'match';
  const from = nodeAt(root, ['distill', 'from']);
  const teachers =
    from === undefined
      ? ['teacher']
      : (from.kind === 'list' ? from.items : [from]).map((node) =>
          node.kind === 'scalar' ? String(node.value) : '',
        );
  const isTrained = nodeAt(root, ['models', name ?? '', 'architecture']) !== undefined;
  const isUsual = [['distill', 'scheme'], ['phases'], ['extends']].every(
    (path) => nodeAt(root, path) === undefined,
  );
  return top === 'models' && isTrained && isUsual && teachers.includes(name ?? '') ? 'teacher' : 'block';
}

/** Where a key such as `distill.match[0].at.pairs` stands; null where it does not. */
export function locateKey(text: string, path: string): Range | null {
  const { root } = read(text);
  const steps = parsePath(path);
  if (root === null || steps === null || nodeAt(root, steps) === undefined) return null;
  return placeRange(keyPlace(root, steps));
}

function read(text: string): { readonly root: ConfigNode | null; readonly source: Source } {
  const source = new Source('', text);
  return { root: parseConfig(source, new Report('')).root, source };
}

function symbolOf(
  { key, keyPlace: place, value }: Entry,
  path: readonly string[],
  source: Source,
): ConfigSymbol {
  const own = [...path, key];
  const isModel = path.length === 1 && path[0] === 'models';
  return {
    name: key === '' ? '""' : key,
    detail: detailOf(value),
    kind: isModel ? 'model' : value.kind === 'scalar' ? 'value' : value.kind === 'list' ? 'list' : 'block',
    range: blockRange(place, value, source),
    selectionRange: placeRange(place),
    children: childrenOf(value, own, source),
  };
}

function childrenOf(node: ConfigNode, path: readonly string[], source: Source): ConfigSymbol[] {
  if (node.kind === 'map') return node.entries.map((entry) => symbolOf(entry, path, source));
  if (node.kind !== 'list' || path.join('.') !== 'distill.match') return [];
  return node.items.flatMap((item): ConfigSymbol[] => {
    const entry = item.kind === 'map' ? item.entries[0] : undefined;
    if (entry !== undefined) return [{ ...symbolOf(entry, path, source), kind: 'term' }];
    if (item.kind !== 'scalar' || typeof item.value !== 'string' || item.value === '') return [];
    const range = placeRange(item.place);
    return [{ name: item.value, detail: '', kind: 'term', range, selectionRange: range, children: [] }];
  });
}

function detailOf(node: ConfigNode): string {
  if (node.kind !== 'scalar' || node.value === null) return '';
  const text = valueText(node.value).replace(/\s+/g, ' ');
  return text.length > LONGEST_DETAIL ? `${text.slice(0, LONGEST_DETAIL)}…` : text;
}

/** From the key to the end of its value, which lies before it where the value is an alias. */
function blockRange(key: Entry['keyPlace'], value: ConfigNode, source: Source): Range {
  const end = value.place.start >= key.end ? value.place.end : key.end;
  const content = source.text.slice(0, end).trimEnd().length;
  return source.range(key.start, Math.max(content, key.end));
}
