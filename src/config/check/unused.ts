import { findMethod } from '../../methods/index.ts';
import { readsTeacher } from '../../methods/method.ts';
import { findRefiner } from '../../methods/refine/index.ts';
import { chosen, type LooseConfig } from '../loose.ts';
import { rolesOf } from '../roles.ts';
import { entryOf, nodeAt, type Path } from '../syntax/node.ts';
import type { CheckContext } from './context.ts';
import { removeEntryFix } from './fixes.ts';

/** Settings that are allowed where they stand, and that nothing in the rest of the file reads. */
export function checkDefinitions(value: LooseConfig, context: CheckContext): void {
  const methods = (value.distill?.match ?? []).map((term) => findMethod(chosen(term)?.word ?? ''));
  // A faulty term may have been the one that reads it.
  const all = methods.filter((method) => method !== undefined);
  if (all.length < methods.length || all.length === 0 || !context.complete) return;
  if (value.data?.strongAugment !== undefined && !all.some(({ needs }) => needs.strongView === true)) {
    report(['data', 'strongAugment'], 'no method of `distill.match` compares two views', context);
  }
  const { augment = [], teacherView = 'joint' } = value.data ?? {};
  if (teacherView !== 'joint') {
    const views = augment.length > 0 || value.data?.strongAugment !== undefined;
    if (!views) report(['data', 'teacherView'], 'no image is augmented, so there is one view', context);
    else if (!all.some(readsTeacher))
      report(['data', 'teacherView'], 'no method of `distill.match` hears a teacher', context);
  }
  const [only, ...others] = rolesOf(value).teachers;
  if (chosen(value.distill?.scheme)?.word === 'multiTeacher' && only !== undefined && others.length === 0) {
    const help = 'Name several in `distill.from`, or remove it: one alone teaches under `offline`.';
    report(['distill', 'scheme'], `"${only}" teaches alone, and there is nothing to combine`, context, help);
  }
  const refiners = (value.distill?.refine ?? []).map((entry) => findRefiner(chosen(entry)?.word ?? ''));
  const read = (what: 'logits' | 'maps') =>
    all.some(({ needs }) => (what === 'logits' ? needs.logits === true : needs.pairs !== undefined));
  if (refiners.length > 0 && refiners.every((refiner) => refiner !== undefined && !read(refiner.changes))) {
    const what = refiners.every((refiner) => refiner?.changes === 'maps') ? 'layers' : 'answers';
    report(['distill', 'refine'], `no method of \`distill.match\` compares ${what}`, context);
  }
  const trained = (value.phases ?? []).flatMap((phase) =>
    (phase?.train ?? []).map((entry) => (typeof entry === 'string' ? entry : Object.keys(entry ?? {})[0])),
  );
  for (const [name, model] of Object.entries(value.models ?? {})) {
    if (model?.run === undefined) continue;
    report(['models', name, 'modules'], `"${name}" has the modules that it had in its run`, context);
    if (trained.includes(name)) continue;
    report(['models', name, 'train'], `"${name}" comes from a run and is not trained here`, context);
  }
}

/** What a base file says is for others too. */
function report(
  path: Path,
  reason: string,
  { tree, file, report }: CheckContext,
  help = 'Remove it, or add what reads it.',
): void {
  const key = String(path.at(-1));
  const map = nodeAt(tree, path.slice(0, -1));
  const entry = entryOf(map, key);
  if (map === undefined || entry?.keyPlace.source.file !== file) return;
  report.add('KD2220', entry.keyPlace, {
    message: `nothing reads "${key}": ${reason}`,
    help,
    fixes: removeEntryFix(map, entry),
  });
}
