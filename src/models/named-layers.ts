import type { ModelGraph } from './description.ts';

/** A layer that can be spoken of by a short name: a stage, a block, an end. */
export interface NamedLayer {
  /** The shortest of its names: the stage, where the last block of a stage is meant. */
  readonly name: string;
  readonly path: string;
}

/** The layers that have names of their own, and those with these paths, each once, in the order of the model. */
export function namedLayers(
  { aliases, layers }: ModelGraph,
  also: readonly string[] = [],
): readonly NamedLayer[] {
  const names = new Map(also.map((path) => [path, path]));
  for (const [name, path] of Object.entries(aliases)) {
    const known = names.get(path);
    if (known === undefined || known === path || depthOf(name) < depthOf(known)) names.set(path, name);
  }
  return layers.flatMap(({ path }) => {
    const name = names.get(path);
    return name === undefined ? [] : [{ name, path }];
  });
}

/** What `namedLayers` calls the layer of this path; a layer without a name is called by its path. */
export function nameOfLayer({ aliases }: Pick<ModelGraph, 'aliases'>, path: string): string {
  const names = Object.keys(aliases).filter((name) => aliases[name] === path);
  return names.reduce((best, name) => (best === path || depthOf(name) < depthOf(best) ? name : best), path);
}

function depthOf(name: string): number {
  return name.split('.').length;
}
