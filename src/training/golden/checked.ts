import { generatorLosses } from '../../methods/data-free/index.ts';
import type { GeneratorFixture, GeneratorLoss } from '../../methods/data-free/generator-loss.ts';
import type { FixtureMapping } from '../../methods/fixture-mapping.ts';
import { catalogue, findMethod } from '../../methods/index.ts';
import type { Method } from '../../methods/method.ts';
import { refiners } from '../../methods/refine/index.ts';
import type { Refiner } from '../../methods/refiner.ts';

/** What a fixture checks: a term, perhaps behind a refiner, or a generator's loss together with that of its student. */
export type Checked =
  | { readonly kind: 'term'; readonly method: Method; readonly refiner: Refiner | null; readonly mapping: FixtureMapping } // prettier-ignore
  | { readonly kind: 'generator'; readonly generator: GeneratorLoss; readonly method: Method; readonly mapping: GeneratorFixture }; // prettier-ignore

/** Every fixture that the catalogue names, by its method's name. */
export const checkedFixtures: ReadonlyMap<string, Checked> = new Map<string, Checked>([
  ...catalogue.flatMap((method) => method.fixtures.map((mapping) => termOf(method, null, mapping))),
  ...refiners.flatMap((refiner) =>
    refiner.fixtures.map((mapping) => termOf(listed(mapping.term), refiner, mapping)),
  ),
  ...generatorLosses.flatMap((generator) =>
    generator.fixtures.map((mapping) => generatorOf(generator, mapping)),
  ),
]);

type Entry = readonly [method: string, checked: Checked];

function termOf(method: Method, refiner: Refiner | null, mapping: FixtureMapping): Entry {
  return [mapping.method, { kind: 'term', method, refiner, mapping }];
}

function generatorOf(generator: GeneratorLoss, mapping: GeneratorFixture): Entry {
  const method = listed(generator.studentLoss.method);
  return [mapping.method, { kind: 'generator', generator, method, mapping }];
}

function listed(name: string): Method {
  const method = findMethod(name);
  if (method === undefined)
    throw new Error(`a fixture is checked by "${name}", which is not in the catalogue`);
  return method;
}
