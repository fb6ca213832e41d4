import type { DryRunPhase, DryRunReport } from './records.ts';
import { durationText } from './run-text.ts';

/** What the data themselves teach. */
const NAMES: Readonly<Record<string, string>> = { ce: 'hard labels', image: 'images' };

/** What a dry run found, for people. */
export function dryRunText({ executor, phases, startSeconds, seconds, peakMegabytes }: DryRunReport): string {
  return [
    `tried on ${executor.name} (${executor.description})`,
    ...phases.map(phaseText),
    `the whole run takes about ${durationText(seconds)} at this pace (${durationText(startSeconds)} of it to start); memory so far ${Math.round(peakMegabytes)} MB`,
  ].join('\n\n');
}

function phaseText(phase: DryRunPhase): string {
  const { millisecondsPerStep, seconds, jobs, steps } = phase;
  const times = jobs === 1 ? '' : ` for each of ${jobs} seeds`;
  const pace =
    millisecondsPerStep === null || seconds === null
      ? 'trains nothing'
      : `${millisecondsPerStep.toFixed(1)} ms a step, ${steps} steps${times}: about ${durationText(seconds)}`;
  const head = `${phase.phase}: ${phase.architecture}, ${phase.parameters.toLocaleString('en-US')} parameters, images ${phase.input.join('x')}, batch ${phase.batch}\n${pace}`;
  if (phase.terms.length < 2) return head;
  const lines = phase.terms.map(({ id, value, gradientShare, pairs }) => {
    const name = NAMES[id] ?? id;
    const shown = value === null ? 'unknown' : value.toPrecision(3);
    const share = gradientShare === null ? '' : `, ${(100 * gradientShare).toFixed(1)} % of the gradient`;
    const layers = pairs.map(({ teacher, student }) => `${side(teacher)} - ${side(student)}`).join(', ');
    return `  ${name}: ${shown}${share}${layers === '' ? '' : ` (${layers})`}`;
  });
  return [head, ...lines].join('\n');
}

function side({ layer, shape }: { readonly layer: string; readonly shape: readonly number[] }): string {
  return `${layer} ${shape.join('x')}`;
}
