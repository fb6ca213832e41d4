import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { layersRecord } from '../protocol/layer-shapes.ts';
import type { LayerMeeting, LayersRecord } from '../protocol/records.ts';
import { read } from '../protocol/shape.ts';
import { writeAtomically } from './disk.ts';
import { FILES } from './layout.ts';

/** Nobody writes more; a file beyond is not ours. */
const LARGEST_BYTES = 64 * 2 ** 20;

/** Changes whenever `layers.json` does; empty where there is none. */
export function layersStamp(directory: string): string {
  const stats = statSync(join(directory, FILES.layers), { throwIfNoEntry: false });
  return stats === undefined ? '' : `${stats.mtimeMs} ${stats.size}`;
}

/** `layers.json` of a run directory; null where there is none, or none of this version. */
export function readLayers(directory: string): LayersRecord | null {
  try {
    const path = join(directory, FILES.layers);
    if (statSync(path).size > LARGEST_BYTES) return null;
    const found = read(layersRecord, JSON.parse(readFileSync(path, 'utf8')), 'layers');
    return found.ok ? found.value : null;
  } catch {
    return null;
  }
}

/**
 * Puts a meeting in place of the one of its phase. Costs of several seeds are added up; what was measured by weights that have been
 * trained further since is dropped.
 */
export function writeMeeting(directory: string, meeting: LayerMeeting): void {
  const meetings = readLayers(directory)?.meetings ?? [];
  const before = meetings.find(({ phase }) => phase === meeting.phase);
  const cost = added(before?.cost, meeting.cost);
  const others = meetings.filter((one) => one !== before);
  const record: LayersRecord = {
    formatVersion: 1,
    meetings: [...others, { ...meeting, ...(cost && { cost }) }],
  };
  writeAtomically(join(directory, FILES.layers), `${JSON.stringify(record)}\n`);
}

type Cost = LayerMeeting['cost'];

function added(before: Cost, now: Cost): Cost {
  if (before === undefined || now === undefined) return now ?? before;
  const milliseconds = before.milliseconds + now.milliseconds;
  const steps = [before, now].reduce(
    (sum, one) => sum + (one.share > 0 ? one.milliseconds / one.share : 0),
    0,
  );
  return {
    comparisons: before.comparisons + now.comparisons,
    milliseconds,
    share: steps === 0 ? 0 : milliseconds / steps,
  };
}
