import type { SeriesKey } from '../../src/protocol/panel.ts';
import type { PanelContent } from '../../src/protocol/panel-content.ts';
import { fromJsonNumber } from '../../src/protocol/panel-content.ts';
import { strings } from '../strings.ts';
import type { ReferenceLine } from './line.ts';
import { styleOfPhase } from './line.ts';
import type { MetricChoice } from './metric-choice.ts';

/** What the student is measured against. */
const PHASES = ['teacher', 'baseline'];
/** Parts of the loss, and what is measured on the machine, are not the same thing for another model. */
const IS_ITS_OWN =
  /^loss(\/|$)|^gradientShare\/|^learningRate$|^imagesPerSecond$|^millisecondsPerStep$|^memoryMegabytes$|^bookWaitShare$/u;

/**
 * Teacher and baseline as lines at what their kept weights reach on validation: as the run's results say, before that the value of
 * the epoch that is the best so far by accuracy, or by PSNR. Of several seeds it is the mean.
 */
export function referencesOf(content: PanelContent, choice: MetricChoice): ReferenceLine[] {
  if (choice.kind !== 'metric' || IS_ITS_OWN.test(choice.metric)) return [];
  return PHASES.flatMap((phase) => {
    const values = valuesOf(content, phase, choice.metric).filter((value) => Number.isFinite(value));
    if (values.length === 0) return [];
    const value = values.reduce((sum, one) => sum + one, 0) / values.length;
    return [{ label: strings.best(phase), color: styleOfPhase(phase, PHASES).color, value }];
  });
}

/** One value a seed. */
function valuesOf(content: PanelContent, phase: string, metric: string): number[] {
  const results = content.run.results?.phases.filter((result) => result.phase === phase) ?? [];
  const told = results.flatMap(({ validation }) => {
    const value = validation[metric];
    return value === undefined ? [] : [fromJsonNumber(value)];
  });
  if (told.length > 0) return told;
  const keys = content
    .keys()
    .filter((key) => key.phase === phase && key.split === 'validation' && key.metric === metric);
  return keys.flatMap((key) => bestSoFar(content, key) ?? []);
}

function bestSoFar(content: PanelContent, key: SeriesKey): number | undefined {
  let best: { readonly step: number; readonly value: number } | undefined;
  const accuracies = content.points({ ...key, metric: 'accuracy' });
  const judged = accuracies.length > 0 ? accuracies : content.points({ ...key, metric: 'psnr' });
  for (const point of judged) {
    if (Number.isFinite(point.value) && (best === undefined || point.value > best.value)) best = point;
  }
  return content.points(key).find(({ step }) => step === best?.step)?.value;
}
