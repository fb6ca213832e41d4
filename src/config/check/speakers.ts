import { findMethod } from '../../methods/index.ts';
import { readsTeacher, type PairShapes } from '../../methods/method.ts';
import { findLayer } from '../../models/names.ts';
import { shapeText } from '../../models/shapes.ts';
import { combinationIn, reaches, speakersOf } from '../../schemes/lessons.ts';
import type { Phase, TrainedInstance } from '../../schemes/phase.ts';
import type { TermSettings } from '../../schemes/terms.ts';
import type { ConfigValue } from '../loose.ts';
import { phasesOf } from '../phases/phases.ts';
import { rolesOf } from '../roles.ts';
import { termSettings } from '../settings.ts';
import { keyPlace, nodeAt, type Path } from '../syntax/node.ts';
import type { CheckContext } from './context.ts';
import type { ResolvedModel } from './models.ts';

type Models = ReadonlyMap<string, ResolvedModel>;

/**
 * Whoever speaks together to one term says maps of one shape: a mean needs it, and so does an adapter, of which a term has one.
 *
 * @param value of a config without faults
 */
export function checkSpeakers(value: ConfigValue, models: Models, context: CheckContext): void {
  const phases = phasesOf(value);
  const terms = termSettings(value.distill.match, new Map());
  const { from } = rolesOf(value);
  phases.forEach((phase, at) => {
    if (phase.loss === 'task') return;
    const ofPhase = value.phases === undefined ? [] : ['phases', at];
    (phase.match ?? terms).forEach((written, index) => {
      const term = phase.pairs === undefined ? written : { ...written, pairs: phase.pairs };
      const own = phase.match === undefined ? ['distill'] : ofPhase;
      const place =
        phase.pairs === undefined ? [...own, 'match', index, term.method, 'pairs'] : [...ofPhase, 'pairs'];
      for (const learner of phase.train) {
        const before = context.report.diagnostics.length;
        if (reaches(term.to, learner))
          checkTerm(term, learner, { phase, phases, from, models }, place, context);
        // One report a term, from the first learner that hears shapes that differ.
        if (context.report.diagnostics.length > before) return;
      }
    });
  });
}

function checkTerm(
  term: TermSettings,
  learner: TrainedInstance,
  known: {
    readonly phase: Phase;
    readonly phases: readonly Phase[];
    readonly from: readonly string[];
    readonly models: Models;
  },
  place: Path,
  context: CheckContext,
): void {
  const { phase, phases, from, models } = known;
  const method = findMethod(term.method);
  if (method?.needs.pairs === undefined || !readsTeacher(method)) return;
  const speakers = speakersOf(phase, learner, from, term.from, {
    phases,
    cycle: method.needs.cycle === true,
  });
  const each = combinationIn(phase, term.from).kind === 'each';
  if (each && method.variables === undefined) return;
  const names = [...new Set(speakers.map(({ model }) => model))];
  term.pairs.forEach((pair, index) => {
    const shapes = names.map((name) => shapeOf(models.get(name), pair.teacher));
    const other = shapes.findIndex((shape) => shape !== null && String(shape) !== String(shapes[0]));
    const [first, second] = [shapes[0] ?? null, shapes[other] ?? null];
    if (first === null || second === null) return;
    const where =
      nodeAt(context.tree, [...place, index])?.place ?? keyPlace(context.tree, ['distill', 'match']);
    const both = `"${pair.teacher}" yields ${shapeText(first)} in ${names[0] ?? ''} and ${shapeText(second)} in ${names[other] ?? ''}`;
    context.report.add('KD2204', where, {
      message: each
        ? `${term.method} has one adapter for all peers, but ${both}`
        : `these teachers are combined to one, but ${both}`,
      help: each
        ? 'Name layers of one shape, or use a method without an adapter, such as at.'
        : 'Name layers of one shape, or give each teacher a term of its own with `from`.',
    });
  });
}

function shapeOf(model: ResolvedModel | undefined, name: string): PairShapes['teacher'] | null {
  const path = model?.exact === true ? findLayer(model.graph, name)?.path : undefined;
  return model?.description.layers.find((layer) => layer.path === path)?.shape ?? null;
}
