import type { Phase, TrainedInstance } from '../../schemes/phase.ts';
import { closestNames } from '../../schema/suggest.ts';
import { replaceFix } from '../report.ts';
import type { ConfigValue, LooseConfig } from '../loose.ts';
import { entryOf, keyPlace, nearestNode, nodeAt, type Path } from '../syntax/node.ts';
import type { CheckContext } from './context.ts';
import { removeEntryFix } from './fixes.ts';
import { rolesOf } from '../roles.ts';
import { namesOfModels } from './distill.ts';
import { listOf, schemeOf } from './meetings.ts';

type WrittenPhase = NonNullable<ConfigValue['phases']>[number];

/** The phase as the loop takes it. A teacher is trained once, everything else once a seed. */
export function toPhase(
  written: WrittenPhase,
  teachers: readonly string[],
  hasOwnSettings: (model: string) => boolean,
): Phase {
  const train = written.train.map((entry) => toInstance(entry, written.name));
  const [first] = train;
  const own = first !== undefined && hasOwnSettings(first.model);
  return {
    name: written.name,
    train,
    freeze: written.freeze,
    loss: written.loss,
    epochs: written.epochs,
    settingsOf: own ? { model: first.model } : { experiment: true },
    perSeed: first === undefined || !teachers.includes(first.model),
  };
}

function toInstance(entry: WrittenPhase['train'][number], phase: string): TrainedInstance {
  if (typeof entry === 'string') return { instance: entry, model: entry };
  return { instance: phase, model: Object.keys(entry)[0] ?? '' };
}

/** Phases that are written out: names, order, and what the training loop can do. */
export function checkPhases(value: LooseConfig, context: CheckContext): void {
  const { phases } = value;
  if (phases === undefined) return;
  if (nodeAt(context.tree, ['distill', 'scheme']) !== undefined) {
    // Both say what happens in which order; which one counts must not be a riddle.
    context.report.add('KD2006', keyPlace(context.tree, ['distill', 'scheme']), {
      message: '"distill.scheme" and "phases" exclude each other',
      help: 'Keep one of them.',
      related: [{ place: keyPlace(context.tree, ['phases']), message: '"phases" stands here' }],
    });
  }
  const ready = new Set(
    Object.entries(value.models ?? {}).flatMap(([name, model]) => (model?.run === undefined ? [] : [name])),
  );
  const names = new Set<string>();
  phases.forEach((phase, index) => {
    if (phase === undefined) return;
    checkPhase(phase as WrittenPhase, ['phases', index], { names, ready, value, context });
  });
}

interface Known {
  readonly names: Set<string>;
  /** Instances that have been trained so far, or come from an earlier run. */
  readonly ready: Set<string>;
  readonly value: LooseConfig;
  readonly context: CheckContext;
}

function checkPhase(phase: Partial<WrittenPhase>, path: Path, known: Known): void {
  const { names, ready, value, context } = known;
  const fault = (at: Path, message: string, help: string) =>
    context.report.add('KD2215', nearestNode(context.tree, at).place, { message, help });
  const { name, train = [], freeze = [], loss } = phase;
  const { to = 'student' } = value.distill ?? {};
  const { from } = rolesOf(value);
  if (name !== undefined && names.has(name)) {
    fault([...path, 'name'], `two phases are called "${name}"`, 'Give each phase a name of its own.');
  }
  if (name !== undefined) names.add(name);
  freeze.forEach((model, index) => {
    if (!isModel(model, [...path, 'freeze', index], known)) return;
    if (!ready.has(model)) {
      fault(
        [...path, 'freeze', index],
        `"${model}" has not been trained before this phase`,
        'Train it in an earlier phase, or take it from a run.',
      );
    }
  });
  train.forEach((entry, index) => {
    const { instance, model } = toInstance(entry, name ?? '');
    if (!isModel(model, [...path, 'train', index], known)) return;
    if (ready.has(instance)) {
      fault(
        [...path, 'train', index],
        `"${instance}" is already trained`,
        `Train another instance of it with { ${model}: fresh }.`,
      );
    }
    if (loss === 'distill' && model !== to) {
      fault(
        [...path, 'train', index],
        `only "${to}" learns from the terms of distill.match, not "${model}"`,
        `Train "${to}" here, or use loss: task.`,
      );
    }
    ready.add(instance);
  });
  for (const teacher of loss === 'distill' ? from : []) {
    if (freeze.includes(teacher)) continue;
    fault(
      [...path, 'loss'],
      `"${teacher}" teaches, but does not take part in this phase`,
      `Add freeze: [${from.join(', ')}].`,
    );
  }
}

function isModel(name: string, path: Path, { context }: Known): boolean {
  const names = namesOfModels(context.tree);
  if (names.includes(name)) return true;
  const { place } = nearestNode(context.tree, path);
  const [close] = closestNames(name, names, 1);
  context.report.add('KD2201', place, {
    message: `there is no model "${name}"${close === undefined ? '' : `; did you mean "${close}"?`}`,
    help: `Models: ${names.join(', ')}.`,
    fixes: close === undefined ? [] : [replaceFix(`Change to "${close}"`, place, close)],
  });
  return false;
}

/** Models that nothing trains and nothing learns from. */
export function checkUnused(value: LooseConfig, context: CheckContext): void {
  const { distill, phases, models } = value;
  if (distill?.to === undefined || models === undefined) return;
  const { to } = distill;
  const { teachers } = rolesOf(value);
  const { settings } = schemeOf(value);
  // With the roles in doubt, every model would seem unused.
  const named = namesOfModels(context.tree);
  const cast = [...teachers, ...listOf(settings['through']), ...listOf(settings['peers']), to];
  if (teachers.includes(to) || cast.some((name) => !named.includes(name))) return;
  const used = new Set(cast);
  for (const phase of phases ?? []) {
    for (const entry of phase?.train ?? [])
      used.add(typeof entry === 'string' ? entry : (Object.keys(entry ?? {})[0] ?? ''));
    for (const name of phase?.freeze ?? []) used.add(name ?? '');
  }
  const list = nodeAt(context.tree, ['models']);
  for (const name of Object.keys(models)) {
    if (used.has(name)) continue;
    const entry = entryOf(list, name);
    context.report.add('KD2211', keyPlace(context.tree, ['models', name]), {
      message: `"${name}" is never used`,
      help: 'Name it in `distill` or `phases`, or remove it.',
      fixes: entry === undefined || list === undefined ? [] : removeEntryFix(list, entry),
    });
  }
}
