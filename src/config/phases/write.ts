import type { Phase, TrainedInstance } from '../../schemes/phase.ts';
import type { Combine, LayerPair, Source } from '../../schemes/source.ts';
import type { OptimizerSettings, RefinerSettings, ScheduledNumber, TermSettings } from '../experiment.ts';
import { isRecord } from '../loose.ts';
import { EXPERIMENT } from './read.ts';

type Written = Readonly<Record<string, unknown>>;

/** Phases as they are written under `phases:`. Read again they are the same. */
export function writtenPhases(phases: readonly Phase[]): readonly Written[] {
  return phases.map(writtenPhase);
}

function writtenPhase(phase: Phase): Written {
  const { name, train, freeze, loss, epochs, settingsOf, perSeed } = phase;
  return {
    name,
    train: train.map(writtenInstance),
    ...(freeze.length === 0 ? {} : { freeze }),
    loss,
    epochs,
    ...given(phase.source, (source) => ({ source: writtenSource(source) })),
    ...given(phase.pairs, (pairs) => ({ pairs: pairs.map(writtenPair) })),
    ...given(phase.match, (match) => ({ match: match.map(writtenTerm) })),
    ...given(phase.hardLabelWeight, (weight) => ({ hardLabelWeight: writtenNumber(weight) })),
    ...given(phase.book, (book) => ({ book: { ...book } })),
    ...given(phase.generator, ({ loss: word, parameters, ...rest }) => ({
      generator: { loss: { [word]: parameters }, ...rest },
    })),
    ...given(phase.alternate, (alternate) => ({ alternate })),
    ...given(phase.cycleEpochs, (cycleEpochs) => ({ cycleEpochs })),
    settingsOf: 'model' in settingsOf ? settingsOf.model : EXPERIMENT,
    ...given(phase.optimizer, (optimizer) => ({ optimizer: writtenOptimizer(optimizer) })),
    seeds: perSeed ? 'each' : 'once',
    ...given(phase.shots, (shots) => ({ shots })),
    ...given(phase.beside, (beside) => ({ beside })),
    ...given(phase.onlyIf, (onlyIf) => ({ onlyIf })),
  };
}

function given<T>(value: T | undefined, write: (value: T) => Written): Written {
  return value === undefined ? {} : write(value);
}

function writtenInstance({ instance, model, named = false, ...rest }: TrainedInstance): unknown {
  if (instance === model && !named && Object.keys(rest).length === 0) return model;
  const settings = {
    as: instance,
    ...given(rest.variant, (variant) => ({ variant })),
    ...given(rest.continues, (continues) => ({ continues })),
    ...given(rest.learns, (learns) => ({ learns })),
    ...given(rest.optimizer, (optimizer) => ({ optimizer: writtenOptimizer(optimizer) })),
    ...(named ? { namedOnly: true } : {}),
    ...given(rest.branches, (branches) => ({ branches: writtenBranches(branches) })),
    ...given(rest.graft, ({ blocks, ...graft }) => ({
      graft: { ...graft, blocks: blocks.map(writtenPair) },
    })),
    ...given(rest.joins, (joins) => ({ joins })),
  };
  return { [model]: settings };
}

function writtenBranches({ kind, ...settings }: NonNullable<TrainedInstance['branches']>): Written {
  if (kind !== 'tails') return { [kind]: settings };
  const { at } = settings as { readonly at: readonly LayerPair[] };
  return { tails: { ...settings, at: at.map(writtenPair) } };
}

function writtenSource(source: Source): Written {
  switch (source.kind) {
    case 'frozen':
      return { frozen: { combine: writtenCombine(source.combine) } };
    case 'peers':
      return { peers: { combine: source.combine } };
    case 'copies': {
      const { kind, ...length } = source.refresh;
      return { copies: { of: source.of, ...(kind === 'improvement' ? { improvement: true } : length) } };
    }
    case 'itself':
      return { itself: {} };
  }
}

function writtenCombine(combine: Combine): unknown {
  if (combine.kind === 'byScore') return { byScore: { power: combine.power } };
  return combine.kind === 'weights' ? { weights: combine.weights } : combine.kind;
}

function writtenTerm({
  method,
  weight,
  pairs,
  layers,
  from,
  to,
  refine,
  parameters,
  start,
  end,
}: TermSettings): Written {
  return {
    [method]: {
      weight: writtenNumber(weight),
      ...(pairs.length === 0 ? {} : { pairs: pairs.map(writtenPair) }),
      ...(layers.length === 0 ? {} : { layers }),
      ...writtenParameters(parameters),
      start,
      ...(end === null ? {} : { end }),
      ...(from === null ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(refine.length === 0 ? {} : { refine: refine.map(writtenRefiner) }),
    },
  };
}

function writtenRefiner({ refiner, parameters }: RefinerSettings): Written {
  return { [refiner]: writtenParameters(parameters) };
}

function writtenParameters(parameters: Written): Written {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name,
      isRecord(value) && typeof value['kind'] === 'string'
        ? writtenNumber(value as unknown as ScheduledNumber)
        : value,
    ]),
  );
}

function writtenOptimizer({ kind, learningRate, ...rest }: OptimizerSettings): Written {
  return { [kind]: { learningRate: writtenNumber(learningRate), ...rest } };
}

function writtenPair({ teacher, student, adapter }: LayerPair): Written | readonly [string, string] {
  if (adapter === undefined) return [teacher, student];
  const { kind, ...settings } = adapter;
  return { teacher, student, adapter: { [kind]: kind === 'regressor' ? {} : settings } };
}

/** A number, or its schedule as a one-key map. */
export function writtenNumber(value: ScheduledNumber): unknown {
  if (typeof value === 'number') return value;
  switch (value.kind) {
    case 'constant':
      return { constant: { value: value.value } };
    case 'linear':
    case 'cosine': {
      const { kind, from, to, over } = value;
      return { [kind]: { from, to, over: { [over.unit]: over.value } } };
    }
    case 'step':
    case 'plateau': {
      const { kind, ...rest } = value;
      return { [kind]: rest };
    }
    case 'oneCycle': {
      const { kind, over, ...rest } = value;
      return { [kind]: { ...rest, over: { [over.unit]: over.value } } };
    }
    case 'warmUp': {
      const { over, then } = value;
      return { warmUp: { over: { [over.unit]: over.value }, then: writtenNumber(then) } };
    }
  }
}
