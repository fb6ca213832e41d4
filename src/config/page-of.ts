import { generatorLosses } from '../methods/data-free/index.ts';
import { catalogue } from '../methods/index.ts';
import { refiners } from '../methods/refine/index.ts';
import { modules } from '../models/modules/index.ts';
import { ZOO } from '../models/zoo/zoo.ts';
import { schemes } from '../schemes/index.ts';
import { RECIPES } from './recipes.ts';

/** The page of a method, refiner, module, scheme, architecture, recipe or generator's loss below `docs`; null where nothing has that name. */
export function pageOf(name: string): string | null {
  const named = (one: { readonly name: string }) => one.name === name;
  if (catalogue.some(named)) return `methods/${name}.md`;
  if (refiners.some(named)) return `refiners/${name}.md`;
  if (modules.some(named)) return `modules/${name}.md`;
  if (schemes.some((scheme) => named(scheme) && scheme.papers !== undefined)) return `schemes/${name}.md`;
  if (ZOO.some((family) => named(family) && family.formula !== undefined)) return `models/${name}.md`;
  if (RECIPES.some(named)) return `recipes/${name}.md`;
  return generatorLosses.some(named) ? `generators/${name}.md` : null;
}
