import type { PanelContent } from '../../src/protocol/panel-content.ts';
import type { EventRecord } from '../../src/protocol/records.ts';
import { countText } from '../format.ts';
import { strings } from '../strings.ts';
import type { Mark, MarkKind } from './line.ts';
import type { XAxis } from './x-axis.ts';
import { Placings } from './x-axis.ts';

const KINDS: readonly MarkKind[] = ['phase', 'checkpoint', 'guard', 'warning', 'resume'];

/**
 * What happened, at its place on the x axis: checkpoints, beginnings of phases, guards, warnings, resumes. What has no step of its own
 * stands at the last step recorded before it. Where each phase begins at the left end its beginning is no mark: it would look like a
 * value at zero.
 * @param isShown which phases are drawn; what belongs to no phase stands where x is the time of the run
 */
export function marksOf(
  content: PanelContent,
  axis: XAxis,
  seed: number | null,
  isShown: (phase: string) => boolean,
): Mark[] {
  const placings = new Placings(content, axis);
  const marks = content.events.flatMap((event) => {
    const kind = KINDS.find((one) => one === event.kind);
    if (kind === undefined || (kind === 'phase' && axis !== 'runTime')) return [];
    const x = placeOf(content, placings, event, axis);
    const isOfOther = seed !== null && event.seed !== undefined && event.seed !== seed;
    const isHidden = event.phase !== undefined && !isShown(event.phase);
    if (!Number.isFinite(x) || isOfOther || isHidden) return [];
    return [{ x, kind, label: strings.markText(strings.markKind[kind], labelOf(event)) }];
  });
  return joined(marks);
}

/** Seeds and phases that are drawn over each other have much at the same place. */
function joined(marks: readonly Mark[]): Mark[] {
  const places = new Map<string, { readonly first: Mark; more: number }>();
  for (const mark of marks) {
    const name = `${mark.kind} ${mark.x}`;
    const place = places.get(name);
    if (place === undefined) places.set(name, { first: mark, more: 0 });
    else place.more += 1;
  }
  return [...places.values()].map(({ first, more }) =>
    more === 0 ? first : { ...first, label: strings.markAndMore(first.label, countText(more)) },
  );
}

function placeOf(content: PanelContent, placings: Placings, event: EventRecord, axis: XAxis): number {
  const { phase, seed, time } = event;
  if (phase === undefined || seed === undefined) {
    return axis === 'runTime' ? placings.of({ phase: '', seed: 0 }).x({ step: 0, time }) : NaN;
  }
  const step = event.step ?? lastStepBefore(content, phase, seed, time);
  return placings.of({ phase, seed }).x({ step, time });
}

function lastStepBefore(content: PanelContent, phase: string, seed: number, time: number): number {
  const steps = content
    .keys()
    .filter((key) => key.phase === phase && key.seed === seed)
    .map((key) => {
      const { steps, times } = content.columns(key);
      return steps[times.findLastIndex((one) => one <= time)] ?? 0;
    });
  return steps.reduce((a, b) => Math.max(a, b), 0);
}

function labelOf({ phase, seed, message }: EventRecord): string {
  const isNamed = phase === undefined || message.includes(phase);
  return isNamed || seed === undefined ? message : `${phase}, ${strings.ofSeed(seed)}: ${message}`;
}
