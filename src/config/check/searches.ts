import { findRefiner } from '../../methods/refine/index.ts';
import { chosen, type ConfigValue, type LooseConfig } from '../loose.ts';
import { phasesOf } from '../phases/phases.ts';
import { refinerSettings, termSettings } from '../settings.ts';
import { keyPlace, nearestNode, nodeAt, type Path } from '../syntax/node.ts';
import type { CheckContext } from './context.ts';
import type { DataFacts } from './data.ts';

/** Whether refiners that search have validation samples to search on. */
export function checkSearches(value: LooseConfig, data: DataFacts | null, context: CheckContext): void {
  const { tree, report } = context;
  const at = nodeAt(tree, ['data', 'validation', 'fraction']);
  const written = at?.kind === 'scalar' ? Number(at.value) : NaN;
  // A fraction of 0 is a fault of its own.
  const count = data?.trainCount ?? null;
  if (count === null || at === undefined || !(written > 0) || Math.round(count * written) > 0) return;
  for (const { path, name } of searching(value)) {
    report.add('KD2222', nearestNode(tree, path).place, {
      message: `${name} searches on validation samples, and a fraction of ${written} leaves none`,
      help: 'Set aside a share of the training files, such as data.validation.fraction: 0.1.',
      related: [{ place: at.place, message: 'the fraction stands here' }],
    });
  }
}

/** Whether every refiner that searches has a turn in some phase. */
export function checkSearchTurns(value: ConfigValue, { tree, report }: CheckContext): void {
  const phases = phasesOf(value);
  const moved = new Set(
    phases
      .flatMap(({ alternate = [] }) => alternate.filter(({ on }) => on !== undefined))
      .flatMap(({ update }) => update),
  );
  const uses = new Map<string, number>();
  const all = [
    ...refinerSettings(value.distill.refine, uses),
    ...termSettings(value.distill.match, uses).flatMap(({ refine }) => refine),
  ];
  const places = searching(value);
  for (const { id, refiner, parameters } of all) {
    if (findRefiner(refiner)?.search === undefined || moved.has(id) || parameters['searchEpochs'] === 0)
      continue;
    const place = places.shift();
    report.add(
      'KD2222',
      place === undefined ? keyPlace(tree, ['distill']) : nearestNode(tree, place.path).place,
      {
        message: `nothing moves what ${id} searches: no turn on validation names it`,
        help:
          value.phases === undefined
            ? 'Use a scheme in which a student learns from layers of a teacher, or remove it.'
            : `Add alternate: [{ update: ${value.distill.to} }, { update: ${id}, on: validation }] to the phase, or say searchEpochs: 0.`,
      },
    );
  }
}

/** Where refiners that search stand. */
function searching({ distill }: LooseConfig): { readonly path: Path; readonly name: string }[] {
  const found: { path: Path; name: string }[] = [];
  const look = (list: unknown, path: Path) => {
    if (!Array.isArray(list)) return;
    list.forEach((entry: object | undefined, index) => {
      const name = chosen(entry)?.word ?? '';
      if (findRefiner(name)?.search !== undefined) found.push({ path: [...path, index], name });
    });
  };
  look(distill?.refine, ['distill', 'refine']);
  (distill?.match ?? []).forEach((term, index) => {
    const { word, settings } = chosen(term) ?? { word: '', settings: {} };
    look(settings['refine'], ['distill', 'match', index, word, 'refine']);
  });
  return found;
}
