import type { ComparisonReport } from './comparison.ts';
import type { LabelChange, RunLabels } from './labels.ts';
import type { RunSummary } from './panel.ts';
import type { JsonNumber } from './records.ts';

/** What the comparison and the view of one run's files add to the messages of `panel.ts`. */

/** A run in the table of all runs. What it has not measured is null. */
export interface RunTableRow extends RunSummary {
  readonly labels: RunLabels;
  /** Name of the student it is about. */
  readonly student: string | null;
  /** What it is judged by, by its name in the records: what chose its weights. */
  readonly metric: string;
  /** Means of it over the seeds on the test split. */
  readonly best: JsonNumber | null;
  readonly last: JsonNumber | null;
  readonly teacher: JsonNumber | null;
  readonly baseline: JsonNumber | null;
  /** Of the verdict, in the unit of the metric; null where there is none. */
  readonly difference: number | null;
  readonly seeds: number;
  readonly parameters: number | null;
  readonly multiplyAdds: number | null;
  readonly millisecondsPerStep: number | null;
  /** Milliseconds of inference an image. */
  readonly latency: number | null;
  /** From start to end. */
  readonly seconds: number | null;
}

/** Something that lies in the run directory, or that the run stands on. */
export interface Artefact {
  /** Path below the run directory, or what it is; names it in a request. */
  readonly name: string;
  readonly kind: 'config' | 'record' | 'log' | 'metrics' | 'checkpoint' | 'model' | 'measurement' | 'book';
  readonly bytes: number;
}

/** The files of one run: what its view shows beside what `RunView` says. */
export interface RunFiles {
  /** Directory of the run. */
  readonly run: string;
  /** End of the log. */
  readonly log: readonly string[];
  readonly artefacts: readonly Artefact[];
  /** Name and value. */
  readonly environment: readonly (readonly [string, string])[];
}

export type CompareHostMessage =
  /** Sent while the page watches the table, whenever it changed. */
  | { readonly type: 'table'; readonly rows: readonly RunTableRow[] }
  /** What a `compare` request asked for; its reply says whether there is one. */
  | { readonly type: 'comparison'; readonly report: ComparisonReport }
  /** Sent while the page watches the files of its run. */
  | ({ readonly type: 'files' } & RunFiles)
  /** Shows the comparison, with these runs chosen; directories. */
  | { readonly type: 'showComparison'; readonly runs: readonly string[] };

/** Which of several things the page has in sight; nothing else of them is sent. */
export interface Watched {
  readonly table: boolean;
  readonly files: boolean;
}

export type CompareRequest =
  | {
      readonly type: 'compare';
      /** Directories; all others are compared with the first. */
      readonly runs: readonly string[];
      /** Empty: what the runs are judged by. */
      readonly metric: string;
      readonly toBaseline: boolean;
    }
  | { readonly type: 'label'; readonly runs: readonly string[]; readonly change: LabelChange }
  | { readonly type: 'deleteRuns'; readonly runs: readonly string[] }
  | { readonly type: 'diffConfigs'; readonly runs: readonly string[] }
  /** One file about a run or a comparison; `csv` of a comparison alone. */
  | {
      readonly type: 'report';
      readonly runs: readonly string[];
      readonly metric: string;
      readonly toBaseline: boolean;
      readonly format: 'html' | 'md' | 'csv';
    }
  | { readonly type: 'queue'; readonly run: string }
  | { readonly type: 'exportRun'; readonly run: string }
  | { readonly type: 'reveal'; readonly run: string }
  | { readonly type: 'openArtefact'; readonly run: string; readonly name: string };
