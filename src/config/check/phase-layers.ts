import { isRecord, type LooseConfig } from '../loose.ts';
import type { Path } from '../syntax/node.ts';

/** A place that names a layer, and the model that must have it. */
export interface PlacedLayer {
  readonly path: Path;
  readonly model: string;
}

type Settings = Readonly<Record<string, unknown>>;

/** Layers that phases name in who learns: what learns of it, where it branches, where it is grafted. */
export function phaseLayers({ phases = [] }: LooseConfig): readonly PlacedLayer[] {
  return phases.flatMap((phase, at) =>
    (phase?.train ?? []).flatMap((entry, index) => {
      const [[model, settings] = []] = isRecord(entry) ? [Object.entries(entry)[0] ?? []] : [];
      if (model === undefined || !isRecord(settings)) return [];
      return ofLearner(model, settings).map((layer) => ({
        ...layer,
        path: ['phases', at, 'train', index, model, ...layer.path],
      }));
    }),
  );
}

function ofLearner(model: string, settings: Settings): readonly PlacedLayer[] {
  const { learns, joins, graft } = settings;
  const branches = recordOf(settings['branches']);
  const [copies, exits, tails] = ['copies', 'exits', 'tails'].map((key) => recordOf(branches[key]));
  const own = (path: Path) => ({ path, model });
  return [
    ...itemsOf(learns).map((index) => own(['learns', index])),
    ...(recordOf(joins)['at'] === undefined ? [] : [own(['joins', 'at'])]),
    ...(copies?.['at'] === undefined ? [] : [own(['branches', 'copies', 'at'])]),
    ...itemsOf(exits?.['at']).map((index) => own(['branches', 'exits', 'at', index])),
    ...pairsIn(tails?.['at'], ['branches', 'tails', 'at'], [model, tails?.['of']]),
    ...pairsIn(recordOf(graft)['blocks'], ['graft', 'blocks'], [recordOf(graft)['host'], model]),
  ];
}

/** The layers of each pair, each of the model of its side. */
function pairsIn(list: unknown, path: Path, models: readonly unknown[]): readonly PlacedLayer[] {
  return itemsOf(list).flatMap((index) =>
    models.flatMap((model, side) =>
      typeof model === 'string' ? [{ path: [...path, index, side], model }] : [],
    ),
  );
}

function itemsOf(list: unknown): readonly number[] {
  return Array.isArray(list) ? [...list.keys()] : [];
}

function recordOf(value: unknown): Settings {
  return isRecord(value) ? value : {};
}
