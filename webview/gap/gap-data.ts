import { fromJsonNumber } from '../../src/protocol/panel-content.ts';
import type { GapRecord } from '../../src/protocol/records.ts';

/** The gap of a phase after one epoch: mean over the seeds asked for. */
export interface GapAt {
  readonly epoch: number;
  readonly kl: number;
  /** NaN in runs of earlier versions. */
  readonly js: number;
  readonly agreement: number;
  /** Student minus teacher, share. */
  readonly difference: number;
  /** Calibration error of the student minus that of the teacher, share; NaN in runs of earlier versions. */
  readonly calibration: number;
  readonly classes: readonly ClassGap[];
}

export interface ClassGap {
  readonly name: string;
  readonly count: number;
  readonly teacherAccuracy: number;
  readonly studentAccuracy: number;
  readonly kl: number;
  /** NaN in runs of earlier versions. */
  readonly agreement: number;
}

export function gapPhases(records: readonly GapRecord[]): string[] {
  return [...new Set(records.map(({ phase }) => phase))];
}

/**
 * The gap of a phase over the epochs. With several seeds: at each epoch the mean over those that have reached the
 * furthest epoch, so that a seed that is still training does not bend the curve.
 */
export function gapOverEpochs(records: readonly GapRecord[], phase: string, seed: number | null): GapAt[] {
  const ofPhase = records.filter(
    (record) => record.phase === phase && (seed === null || record.seed === seed),
  );
  const lastOf = (wanted: number) =>
    Math.max(...ofPhase.filter((record) => record.seed === wanted).map(({ epoch }) => epoch));
  const furthest = Math.max(-1, ...ofPhase.map(({ epoch }) => epoch));
  const complete = new Set(ofPhase.map((record) => record.seed).filter((one) => lastOf(one) === furthest));
  const epochs = [...new Set(ofPhase.map(({ epoch }) => epoch))].sort((a, b) => a - b);
  return epochs.flatMap((epoch) => {
    const at = ofPhase.filter((record) => record.epoch === epoch && complete.has(record.seed));
    return at.length === 0 ? [] : [meanOf(epoch, at)];
  });
}

function meanOf(epoch: number, records: readonly GapRecord[]): GapAt {
  const mean = (value: (record: GapRecord) => number) =>
    records.reduce((sum, record) => sum + value(record), 0) / records.length;
  const classes = records[0]?.perClass.length ?? 0;
  const hasSameClasses = records.every(({ perClass }) => perClass.length === classes);
  return {
    epoch,
    kl: mean(({ kl }) => fromJsonNumber(kl)),
    js: mean(({ js = 'NaN' }) => fromJsonNumber(js)),
    agreement: mean(({ agreement }) => agreement),
    difference: mean(({ studentAccuracy, teacherAccuracy }) => studentAccuracy - teacherAccuracy),
    calibration: mean(
      ({ studentCalibrationError = 'NaN', teacherCalibrationError = 'NaN' }) =>
        fromJsonNumber(studentCalibrationError) - fromJsonNumber(teacherCalibrationError),
    ),
    classes: hasSameClasses ? Array.from({ length: classes }, (_, index) => meanOfClass(index, records)) : [],
  };
}

function meanOfClass(index: number, records: readonly GapRecord[]): ClassGap {
  const rows = records.flatMap(({ perClass }) => perClass[index] ?? []);
  const mean = (value: (row: (typeof rows)[number]) => number) =>
    rows.reduce((sum, row) => sum + value(row), 0) / rows.length;
  return {
    name: rows[0]?.name ?? String(index),
    count: Math.max(...rows.map(({ count }) => count)),
    teacherAccuracy: mean(({ teacherAccuracy }) => teacherAccuracy),
    studentAccuracy: mean(({ studentAccuracy }) => studentAccuracy),
    kl: mean(({ kl }) => fromJsonNumber(kl)),
    agreement: mean(({ agreement = Number.NaN }) => agreement),
  };
}

/** Where the student is furthest behind comes first. */
export function widestFirst(classes: readonly ClassGap[]): ClassGap[] {
  const difference = (row: ClassGap) => row.studentAccuracy - row.teacherAccuracy;
  return [...classes].sort((a, b) => difference(a) - difference(b) || a.name.localeCompare(b.name));
}
