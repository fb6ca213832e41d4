import type { LooseConfig } from '../loose.ts';
import { learnersOfTerm, names as namesOf, rolesOf } from '../roles.ts';
import { entryOf, keyPlace, nodeAt } from '../syntax/node.ts';
import type { CheckContext } from './context.ts';
import { removeEntryFix } from './fixes.ts';
import { listOf, schemeOf, SETTINGS_WITH_MODELS } from './meetings.ts';

/** Models that nothing trains and nothing learns from. */
export function checkUnused(value: LooseConfig, context: CheckContext): void {
  const { distill, phases, models } = value;
  if (distill?.to === undefined || models === undefined) return;
  const { to } = distill;
  const { teachers } = rolesOf(value);
  const { settings } = schemeOf(value);
  // With the roles in doubt, every model would seem unused.
  const named = (value.distill?.match ?? []).flatMap((term) => namesOf(learnersOfTerm(term)));
  const cast = [...teachers, ...SETTINGS_WITH_MODELS.flatMap((key) => listOf(settings[key])), ...named, to];
  if (teachers.includes(to) || context.report.diagnostics.some(({ code }) => code === 'KD2201')) return;
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
