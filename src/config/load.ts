import { analyze, experimentOf, type ConfigInput } from './analyze.ts';
import type { Diagnostic } from './diagnostic.ts';
import { effectiveConfig } from './effective.ts';
import type { Experiment } from './experiment.ts';

export interface LoadedExperiment {
  /** Null where there are errors. */
  readonly experiment: Experiment | null;
  readonly diagnostics: readonly Diagnostic[];
  /** The config as it runs, every default and expansion written out; empty where there are errors. */
  readonly effective: string;
}

/**
 * Reads a config file, or an unsaved text in its place, with its bases and overrides, checks it, and makes the experiment.
 * Never throws for anything that a file may hold; faults are diagnostics.
 */
export function loadExperiment(input: ConfigInput): LoadedExperiment {
  const analysis = analyze(input);
  const { report, partial, source } = analysis;
  if (partial) {
    report.add(
      'KD1023',
      { source, start: 0, end: 0 },
      {
        message: 'this file is a base for others (partial: true) and cannot run',
        help: 'Run a file that extends it.',
      },
    );
  }
  const { diagnostics } = report;
  const built = experimentOf(input, analysis);
  if (built === null) return { experiment: null, diagnostics, effective: '' };
  const { whole, experiment } = built;
  return { experiment, diagnostics, effective: effectiveConfig(whole, experiment) };
}
