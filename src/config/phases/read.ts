import type { Phase, TrainedInstance } from '../../schemes/phase.ts';
import type { Refresh, Source } from '../../schemes/source.ts';
import { combinationOf } from '../../schemes/multi-teacher.ts';
import { chosen, type ConfigValue } from '../loose.ts';
import { names } from '../roles.ts';
import { layerPair, optimizerSettings, scheduled, termSettings } from '../settings.ts';

export type WrittenPhase = NonNullable<ConfigValue['phases']>[number];
type WrittenInstance = WrittenPhase['train'][number];

/** Word under `settingsOf` for the experiment's own settings. */
export const EXPERIMENT = 'experiment';

/** A written phase in the form that the training loop knows. */
export function toPhase(
  written: WrittenPhase,
  teachers: readonly string[],
  hasOwnSettings: (model: string) => boolean,
): Phase {
  const train = written.train.map((entry) => toInstance(entry, written.name));
  const [first] = train;
  const own = first !== undefined && hasOwnSettings(first.model) ? first.model : EXPERIMENT;
  const { settingsOf = own, seeds } = written;
  const byRole = first === undefined || !teachers.includes(first.model);
  return {
    name: written.name,
    train,
    freeze: written.freeze,
    loss: written.loss,
    epochs: written.epochs,
    settingsOf: settingsOf === EXPERIMENT ? { experiment: true } : { model: settingsOf },
    perSeed: seeds === undefined ? byRole : seeds === 'each',
    ...optionalParts(written),
  };
}

function optionalParts(written: WrittenPhase): Partial<Phase> {
  const { pairs, match, hardLabelWeight, book, alternate, cycleEpochs, optimizer, beside, onlyIf } = written;
  const source = chosen(written.source);
  return {
    ...(source === null ? {} : { source: toSource(source.word, source.settings) }),
    ...(pairs === undefined ? {} : { pairs: pairs.map(layerPair) }),
    ...(match === undefined ? {} : { match: termSettings(match, new Map()) }),
    ...(hardLabelWeight === undefined ? {} : { hardLabelWeight: scheduled(hardLabelWeight) }),
    ...(book === undefined ? {} : { book }),
    ...(written.generator === undefined ? {} : { generator: toGenerator(written.generator) }),
    ...(alternate === undefined
      ? {}
      : { alternate: alternate.map(({ update, ...turn }) => ({ update: names(update), ...turn })) }),
    ...(cycleEpochs === undefined ? {} : { cycleEpochs }),
    ...(optimizer === undefined ? {} : { optimizer: optimizerSettings(optimizer) }),
    ...(written.shots === undefined ? {} : { shots: written.shots }),
    ...(beside === undefined ? {} : { beside }),
    ...(onlyIf === undefined ? {} : { onlyIf }),
  };
}

function toGenerator({
  loss,
  ...rest
}: NonNullable<WrittenPhase['generator']>): NonNullable<Phase['generator']> {
  const { word, settings } = chosen(loss) ?? { word: 'dafl', settings: {} };
  return { ...rest, loss: word, parameters: settings };
}

function toSource(word: string, settings: Readonly<Record<string, unknown>>): Source {
  switch (word) {
    case 'frozen':
      return {
        kind: 'frozen',
        // A config with faults may lack what every one without has.
        combine: combinationOf(settings['combine'] ?? 'average'),
      };
    case 'peers':
      return { kind: 'peers', combine: settings['combine'] === 'average' ? 'average' : 'each' };
    case 'copies':
      return {
        kind: 'copies',
        of: settings['of'] === 'peers' ? 'peers' : 'itself',
        refresh: toRefresh(settings),
      };
    default:
      return { kind: 'itself' };
  }
}

function toRefresh({ steps, epochs }: Readonly<Record<string, unknown>>): Refresh {
  if (typeof steps === 'number') return { kind: 'steps', steps };
  return typeof epochs === 'number' ? { kind: 'epochs', epochs } : { kind: 'improvement' };
}

/** An entry of `train`. @param phase its name, which an instance without one of its own has */
export function toInstance(entry: WrittenInstance, phase: string): TrainedInstance {
  if (typeof entry === 'string') return { instance: entry, model: entry };
  const [model = '', settings] = Object.entries(entry)[0] ?? [];
  if (settings === undefined || typeof settings === 'string') return { instance: phase, model };
  const { as = phase, variant, continues, learns, optimizer, namedOnly, branches, graft, joins } = settings;
  return {
    instance: as,
    model,
    ...(variant === 0 ? {} : { variant }),
    ...(continues === undefined ? {} : { continues: names(continues) }),
    ...(learns === undefined ? {} : { learns }),
    ...(optimizer === undefined ? {} : { optimizer: optimizerSettings(optimizer) }),
    ...(namedOnly ? { named: true } : {}),
    ...(branches === undefined ? {} : { branches: toBranches(branches) }),
    ...(graft === undefined ? {} : { graft: { ...graft, blocks: pairsOf(graft.blocks) } }),
    ...(joins === undefined ? {} : { joins }),
  };
}

/** None in a phase that is still being written. */
function pairsOf(list: readonly unknown[] | undefined): ReturnType<typeof layerPair>[] {
  return (list ?? []).map(layerPair);
}

function toBranches({
  copies,
  exits,
  tails,
}: NonNullable<Exclude<Exclude<WrittenInstance, string>[string], string>['branches']>): NonNullable<
  TrainedInstance['branches']
> {
  if (copies !== undefined) return { kind: 'copies', ...copies };
  if (tails !== undefined) return { kind: 'tails', ...tails, at: pairsOf(tails.at) };
  return { kind: 'exits', at: exits?.at ?? [] };
}
