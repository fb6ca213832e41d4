import { generatorLosses } from '../../methods/data-free/index.ts';
import { catalogue } from '../../methods/index.ts';
import { refiners } from '../../methods/refine/index.ts';
import { modules } from '../../models/modules/index.ts';
import { schemes } from '../../schemes/index.ts';

/** Where the names of each list stand in a config. */
const LISTS: readonly (readonly [
  what: string,
  where: string,
  named: readonly { readonly name: string }[],
])[] = [
  ['a method', 'as a term of `distill.match`', catalogue],
  ['a refiner', 'under `refine`', refiners],
  ['the loss of a generator', 'in `scheme: { dataFree: { generator: ... } }`', generatorLosses],
  ['a scheme', 'as `distill.scheme`', schemes],
  ['a module', 'under `modules` of a model', modules],
];

/** Of a word that is unknown where it stands: where it belongs; undefined where it belongs nowhere. */
export function elsewhereOf(word: string): string | undefined {
  const found = LISTS.find(([, , named]) => named.some(({ name }) => name === word));
  return found === undefined ? undefined : `"${word}" is ${found[0]}: it stands ${found[1]}.`;
}
