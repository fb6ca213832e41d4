import type { Range } from '../protocol/errors.ts';

export type Severity = 'error' | 'warning' | 'information';

/** Replaces `range` of the checked file by `newText`. All edits of one fix are made together. */
export interface TextEdit {
  readonly range: Range;
  readonly newText: string;
}

export interface Fix {
  /** What it does, in the imperative: `Rename to "temperature"`. */
  readonly title: string;
  readonly edits: readonly TextEdit[];
}

/** Another place that explains the fault, in this file or in another. */
export interface RelatedInformation {
  readonly file: string;
  readonly range: Range;
  readonly message: string;
}

/** Where a fault comes from that is shown in a file that extends the faulty one. */
export interface Origin {
  /** Absolute path. */
  readonly file: string;
  readonly range: Range;
  /** Without the name and the line of the file. */
  readonly message: string;
}

/** One thing that the editor underlines and `kd check` prints. */
export interface Diagnostic {
  readonly range: Range;
  readonly severity: Severity;
  /** Stable, with a page of its own in `docs/diagnostics.md`. */
  readonly code: string;
  readonly message: string;
  /** The next step. */
  readonly help: string;
  readonly fixes: readonly Fix[];
  readonly relatedInformation?: readonly RelatedInformation[];
  /** The place in a base file that causes it; absent: it is caused where it is shown. */
  readonly origin?: Origin;
}
