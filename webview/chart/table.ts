import { csvLine } from '../../src/protocol/csv.ts';
import type { Drawing } from './drawing.ts';
import type { Line } from '../curves/line.ts';
import { edgesOf } from '../curves/points.ts';

/** The points of a chart as CSV, one a line, with all digits: what was recorded, and what was made of it. */
export function csvOf({ lines, references, xLabel }: Drawing): string {
  const head = ['line', xLabel, 'epoch', 'value', 'smoothed', 'low', 'high'];
  return [
    csvLine(head),
    ...lines.filter(isOwn).flatMap(rowsOf),
    ...references.map(({ label, value }) => csvLine([label, undefined, undefined, value])),
  ].join('');
}

/** The recorded values behind a smoothed line stand beside the smoothed ones. */
function isOwn({ role, id }: Line): boolean {
  return role === 'main' || !id.endsWith(RAW);
}

/** Ending of the id of a line that shows the recorded values behind smoothed ones. */
export const RAW = ' raw';

function rowsOf({ label, points, band }: Line): string[] {
  const edges = edgesOf(band);
  return Array.from(points, ({ x, y, epoch, raw }) => {
    const edge = edges.get(x);
    return csvLine([label, x, epoch + 1, raw ?? y, raw === undefined ? undefined : y, edge?.low, edge?.high]);
  });
}
