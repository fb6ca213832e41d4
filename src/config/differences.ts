import type { Setting, SettingDifference } from '../protocol/comparison.ts';
import { Report } from './report.ts';
import type { ConfigNode } from './syntax/node.ts';
import { parseConfig } from './syntax/parse.ts';
import { Source } from './syntax/source.ts';

/** Values longer than this are cut: they are shown, not read back. */
const LONGEST_VALUE = 200;
/** Ends the key under which the order of a list stands. */
const ORDER = ' (order)';

/**
 * Every value of a config by its key, `train.optimizer.sgd.momentum`. Entries of a list that name what they are go by that name
 * (`distill.match[kd].temperature`, of a second one `[kd#2]`), so that one more term does not shift all others; other lists of
 * plain values are one value. Whatever cannot be read is left out. Nothing is checked.
 */
export function settingsOf(text: string): ReadonlyMap<string, Setting> {
  const file = 'config.yaml';
  const { root } = parseConfig(new Source(file, text), new Report(file));
  const settings = new Map<string, Setting>();
  if (root?.kind === 'map') collect(root, '', settings);
  return settings;
}

function collect(node: ConfigNode, key: string, settings: Map<string, Setting>): void {
  switch (node.kind) {
    case 'scalar':
      settings.set(key, typeof node.value === 'string' ? node.value.slice(0, LONGEST_VALUE) : node.value);
      return;
    case 'map':
      if (node.entries.length === 0) settings.set(key, '{}');
      for (const entry of node.entries)
        collect(entry.value, key === '' ? entry.key : `${key}.${entry.key}`, settings);
      return;
    case 'list':
      collectList(node.items, key, settings);
  }
}

function collectList(items: readonly ConfigNode[], key: string, settings: Map<string, Setting>): void {
  if (!items.some(({ kind }) => kind === 'map')) {
    settings.set(key, plainText(items).slice(0, LONGEST_VALUE));
    return;
  }
  const uses = new Map<string, number>();
  const order: string[] = [];
  items.forEach((item, index) => {
    const word = wordOf(item) ?? String(index);
    const use = (uses.get(word) ?? 0) + 1;
    uses.set(word, use);
    const name = use === 1 ? word : `${word}#${use}`;
    order.push(name);
    collectEntry(item, `${key}[${name}]`, settings);
  });
  if (order.length > 1) settings.set(key + ORDER, order.join(', ').slice(0, LONGEST_VALUE));
}

/** A word alone, or with no settings, is there and says no more. */
function collectEntry(item: ConfigNode, key: string, settings: Map<string, Setting>): void {
  const own = item.kind === 'map' && item.entries.length === 1 ? item.entries[0]?.value : undefined;
  const isBare = item.kind === 'scalar' || (own?.kind === 'map' && own.entries.length === 0);
  if (isBare) settings.set(key, true);
  else collect(own ?? item, key, settings);
}

/** The word that an entry is about: `kd`, `{ kd: … }`, or the `name` of a phase. */
function wordOf(node: ConfigNode): string | null {
  if (node.kind === 'scalar') return String(node.value);
  if (node.kind !== 'map') return null;
  const name = node.entries.find(({ key }) => key === 'name')?.value;
  if (name?.kind === 'scalar') return String(name.value);
  return node.entries.length === 1 ? (node.entries[0]?.key ?? null) : null;
}

function plainText(items: readonly ConfigNode[]): string {
  const texts = items.map((item) =>
    item.kind === 'scalar' ? String(item.value) : item.kind === 'list' ? plainText(item.items) : '…',
  );
  return `[${texts.join(', ')}]`;
}

/**
 * In which settings configs differ, by key, with one value of each config; null where it has no such key.
 *
 * @param settings of each config, as `settingsOf` reads them
 */
export function differencesOf(
  settings: readonly ReadonlyMap<string, Setting>[],
): readonly SettingDifference[] {
  const keys = [...new Set(settings.flatMap((one) => [...one.keys()]))];
  return keys
    .map((key) => ({ key, values: settings.map((one) => one.get(key) ?? null) }))
    .filter(({ key, values }) =>
      key.endsWith(ORDER) ? haveOtherOrders(values) : values.some((value) => value !== values[0]),
    );
}

/** Of what all lists hold. One that lacks an entry differs in that entry alone. */
function haveOtherOrders(orders: readonly Setting[]): boolean {
  const lists = orders.map((order) => String(order ?? '').split(', '));
  const common = lists.map((list) => list.filter((name) => lists.every((other) => other.includes(name))));
  return common.some((names) => names.join() !== common[0]?.join());
}
