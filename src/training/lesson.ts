import type { Experiment, TermSettings } from '../config/experiment.ts';
import { readsTeacher, type MethodSizes, type VariableSpec } from '../methods/method.ts';
import type { BranchedModel } from '../models/branches.ts';
import type { ModelGraph } from '../models/description.ts';
import { withWidths, type Widths } from '../models/pruning.ts';
import { combinationIn, reaches, speakersOf, type Combination, type Speaker } from '../schemes/lessons.ts';
import type { Phase } from '../schemes/phase.ts';
import { planOpponent, planSearches, type Opponent } from './opponents.ts';
import { resolveRefiner, type PlannedRefiner } from './refiners.ts';
import { findTermMethod, layerShapes, resolveTerm, type Term } from './terms.ts';

/** One loss term as one learner meets it: who speaks, what is refined, which variables it brings. */
export interface Lesson {
  /** The term's name with the learner's prefix: `kd`, `student-2/kd`. Everything of the lesson is named by it. */
  readonly id: string;
  readonly term: Term;
  /** Whom it hears; empty where it needs nobody. */
  readonly speakers: readonly Speaker[];
  /** `each`: the mean of the losses towards each speaker. */
  readonly combine: Combination;
  readonly refiners: readonly PlannedRefiner[];
  /** Of the term and its refiners, by their names among the learner's tensors. */
  readonly variables: readonly VariableSpec[];
  readonly opponent: Opponent | null;
  /** What its refiners search in turns of its own. */
  readonly searches: readonly Opponent[];
}

/** A learner as far as its lessons must know it. */
interface Pupil {
  readonly instance: string;
  readonly graph: ModelGraph;
  readonly branches: BranchedModel | null;
  readonly prefix: string;
  readonly first: boolean;
}

/** What a learner is taught in a phase: every term that reaches it. */
export function planLessons(
  experiment: Experiment,
  phase: Phase,
  pupil: Pupil,
  counts: {
    readonly samples: number;
    readonly batch: number;
    /** Of speakers that lost neurons, by instance. */
    readonly widths?: ReadonlyMap<string, Widths>;
  },
): readonly Lesson[] {
  const trained = phase.train.find(({ instance }) => instance === pupil.instance);
  if (trained === undefined) throw new Error(`"${pupil.instance}" does not learn in ${phase.name}`);
  const { distill, models, phases } = experiment;
  return (phase.match ?? distill.terms).flatMap((written): Lesson[] => {
    const method = findTermMethod(written);
    // Within another network layers have no counterpart: answers alone are compared.
    const alone = trained.graft !== undefined && (method.needs.pairs ?? method.needs.layers) !== undefined;
    const settings = reaches(written.to, trained) && !alone ? termIn(phase, written) : null;
    // A group is looked at once, from its first member.
    if (settings === null || (method.needs.group !== undefined && !pupil.first)) return [];
    const known = { phases, cycle: method.needs.cycle === true };
    const speakers = readsTeacher(method)
      ? speakersOf(phase, trained, distill.from, settings.from, known)
      : [];
    // Who is named to teach is the learner itself: here it has nobody to learn from.
    if (speakers.length === 0 && settings.from !== null) return [];
    // A network that reads frozen teachers alone can be trained before anybody learns from it.
    const ahead = method.opponent?.ahead === true && speakers.every(({ kind }) => kind === 'frozen');
    if (phase.loss === 'ahead' && !ahead) return [];
    const teacher = speakers[0] === undefined ? null : graphOfSpeaker(models, speakers[0], counts.widths);
    const { samples, batch } = counts;
    const sizes = { samples, batch, ...groupSizes(experiment, phase, pupil) };
    const term = resolveTerm(settings, teacher, pupil.graph, sizes);
    const refiners = [
      ...distill.refine.flatMap((refiner) => resolveRefiner(refiner, method, term.sizes, term.id)),
      ...settings.refine.flatMap((refiner) => resolveRefiner(refiner, method, term.sizes, null)),
    ];
    const id = pupil.prefix + term.id;
    return [
      {
        id,
        term,
        speakers,
        combine: combinationIn(phase, settings.from),
        refiners,
        variables: [...term.variables, ...refiners.flatMap(({ variables }) => variables)],
        opponent: planOpponent(id, pupil.instance, term, ahead && phase.beside !== undefined),
        searches: phase.loss === 'ahead' ? [] : planSearches(id, pupil.instance, term, refiners),
      },
    ];
  });
}

function graphOfSpeaker(
  models: Experiment['models'],
  { model, instance }: Speaker,
  widths: ReadonlyMap<string, Widths> | undefined,
): ModelGraph | null {
  const graph = models[model]?.graph;
  return graph === undefined ? null : withWidths(graph, widths?.get(instance));
}

/** The term with the pairs of the phase; null where it does not count there. */
function termIn({ pairs }: Phase, settings: TermSettings): TermSettings | null {
  if (pairs === undefined) return settings;
  return findTermMethod(settings).needs.pairs === undefined
    ? null
    : { ...settings, pairs, start: 0, end: null };
}

/** Features of all that learn together, and channels of what they grow from. */
function groupSizes(
  experiment: Experiment,
  phase: Phase,
  { graph, branches }: Pupil,
): Pick<MethodSizes, 'group'> {
  const features = (model: ModelGraph, path: string) => layerShapes(model)(path).at(-1) ?? 0;
  if (branches !== null) {
    return {
      group: {
        features: branches.members.map(({ embedding }) => features(graph, embedding)),
        trunkChannels: branches.trunk === null ? 0 : features(graph, branches.trunk),
      },
    };
  }
  const peers = phase.train.map(({ model }) => experiment.models[model]?.graph ?? graph);
  return { group: { features: peers.map((peer) => features(peer, peer.embedding)), trunkChannels: 0 } };
}
