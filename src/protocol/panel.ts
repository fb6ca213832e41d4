import type { AblationAnswer } from './ablation.ts';
import type { ShownDiagnosis } from './diagnosis-shapes.ts';
import type { AttentionRecord, GapReport } from './gap-report.ts';
import type {
  EventRecord,
  ExecutorMove,
  FallenPhase,
  GapRecord,
  LayerPairNames,
  LayersRecord,
  RefusedExecutor,
  RunResults,
  RunStatus,
  PictureRecord,
  SimilarityRecord,
  Split,
  VerdictWord,
} from './records.ts';
import type { CompareHostMessage, CompareRequest, Watched } from './panel-compare.ts';

/**
 * What the host and the panel say to each other. Every message is read by a shape of `panel-shapes.ts` on arrival,
 * on both sides; one that does not fit is dropped and logged.
 *
 *     panel  ready ───────────────▶ host      the page has been (re)loaded; nothing is sent before
 *     panel  ◀────── welcome, runs, snapshot
 *     panel  ◀────── delta, delta, ...        at most ten a second, only while the panel is visible
 *     panel  request (id) ────────▶ host
 *     panel  ◀────── reply (id)
 *
 * Runs that are laid over the one shown (`overlay`) have snapshots and deltas of their own, marked with their directory, at most two
 * rounds of them a second.
 */
export const PANEL_PROTOCOL = 1;

/** At most ten rounds of messages a second reach the panel. */
export const MIN_MILLISECONDS_BETWEEN_UPDATES = 100;

/** After this long without an answer the panel says so. */
export const REQUEST_TIMEOUT_MILLISECONDS = 20_000;

/** One line of the run picker. */
export interface RunSummary {
  readonly id: string;
  /** Absolute path of the run directory; names the run among all folders of the window. */
  readonly directory: string;
  readonly name: string;
  /** Absolute path of the config file. */
  readonly config: string;
  readonly status: RunStatus;
  readonly createdAt: string;
  readonly verdict: VerdictWord | null;
}

/** What the panel may know of `run.json`: never the control socket or its token. */
export interface RunView extends RunSummary {
  readonly seeds: readonly number[];
  readonly overrides: readonly string[];
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly executor?: string;
  readonly machine?: string;
  readonly refused: readonly RefusedExecutor[];
  /** Phases whose steps could not be compiled, and where they ran. */
  readonly fallen: readonly FallenPhase[];
  /** Times the run went on elsewhere, so that it is not bit-exact. */
  readonly moves: readonly ExecutorMove[];
  readonly progress?: RunProgress;
  readonly results?: RunResults;
  readonly failure?: { readonly code: string; readonly message: string; readonly help: string };
}

export interface RunProgress {
  readonly phase: string;
  readonly seed: number;
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  /** Share of all work of the run, 0..1. */
  readonly done: number;
  readonly secondsLeft: number;
}

/** Which curve: one value of `metrics.jsonl`, of one phase, seed and split. */
export interface SeriesKey {
  readonly phase: string;
  readonly seed: number;
  readonly split: Split;
  readonly metric: string;
}

/**
 * Points of one curve; the four columns have one length. The editor hands columns over as they lie in memory (typed arrays, since VS
 * Code 1.57), which as lists would be an object for each number on their way.
 */
export interface SeriesPoints extends SeriesKey {
  readonly steps: Float64Array;
  readonly epochs: Float64Array;
  /** Seconds since 1970; 0: not known. */
  readonly times: Float64Array;
  /** Also such as are no finite numbers. */
  readonly values: Float64Array;
}

/** All that is known of one run: what the panel shows. */
export interface RunContent {
  readonly run: RunView;
  readonly series: readonly SeriesPoints[];
  readonly gap: readonly GapRecord[];
  readonly similarity: readonly SimilarityRecord[];
  /** Absent: there are none. */
  readonly pictures?: readonly PictureRecord[];
  readonly events: readonly EventRecord[];
  /** Null: layers were not compared, or by an older version. */
  readonly layers: LayersRecord | null;
  /** Records that could not be read and are not shown. */
  readonly ignored: number;
}

/** What came since the last message; absent parts did not change. */
export interface RunChanges {
  readonly run?: RunView;
  readonly series?: readonly SeriesPoints[];
  readonly gap?: readonly GapRecord[];
  readonly similarity?: readonly SimilarityRecord[];
  readonly pictures?: readonly PictureRecord[];
  readonly events?: readonly EventRecord[];
  readonly layers?: LayersRecord;
  readonly ignored?: number;
}

export type HostMessage =
  | { readonly type: 'welcome'; readonly version: number }
  | ({ readonly type: 'runs' } & RunList)
  | {
      readonly type: 'snapshot';
      /** Directory of a run that is laid over the one shown; absent: the one shown. */
      readonly overlay?: string;
      /** A number of its own for each snapshot; deltas name the snapshot that they continue. */
      readonly stream: number;
      /** Last `seq` of `metrics.jsonl` that is in it; -1: none. */
      readonly through: number;
      /** Null: no run is chosen, or it is gone. */
      readonly content: RunContent | null;
    }
  | {
      readonly type: 'delta';
      readonly overlay?: string;
      readonly stream: number;
      /** `through` of the message before; another one means that something was lost, and the panel asks anew. */
      readonly after: number;
      readonly through: number;
      readonly changes: RunChanges;
    }
  /** What is known of an ablation over the layers of a run's experiment; null: there is none. */
  | { readonly type: 'ablation'; readonly run: string; readonly answer: AblationAnswer | null }
  | {
      /** The answer to `gap` and `measureGap`, before their reply. */
      readonly type: 'gapReport';
      readonly run: string;
      /** Students that have a report. */
      readonly reports: readonly string[];
      /** Null: there is none yet. */
      readonly report: GapReport | null;
      /** Where the student of the report looked over the epochs. */
      readonly attention: readonly AttentionRecord[];
    }
  | { readonly type: 'diagnosis'; readonly run: string; readonly diagnosis: ShownDiagnosis }
  | { readonly type: 'reply'; readonly id: number; readonly ok: boolean; readonly message: string }
  | CompareHostMessage;

export interface RunList {
  readonly runs: readonly RunSummary[];
  /** File name of the config the panel stands beside; null: none. */
  readonly config: string | null;
  /** In an untrusted workspace nothing is started. */
  readonly trusted: boolean;
}

/** What the panel asks for, naming runs by their directory. Each is answered by a `reply`. */
export type PanelRequest =
  | { readonly type: 'selectRun'; readonly run: string }
  | { readonly type: 'start' }
  | { readonly type: 'stop'; readonly run: string }
  | { readonly type: 'pause'; readonly run: string }
  | { readonly type: 'resume'; readonly run: string }
  | { readonly type: 'showLog'; readonly run: string }
  | { readonly type: 'openConfig'; readonly run: string }
  | { readonly type: 'insertPair'; readonly run: string; readonly teacher: string; readonly student: string }
  | { readonly type: 'insertPairs'; readonly run: string; readonly pairs: readonly LayerPairNames[] }
  /** Writes the experiments that tell whether these pairs are worth matching, and queues them where that is asked for. */
  | {
      readonly type: 'writeAblation';
      readonly run: string;
      readonly pairs: readonly LayerPairNames[];
      readonly queue: boolean;
    }
  /** The report of a student; null: of the one that the run is about, of this seed or the lowest. */
  | {
      readonly type: 'gap';
      readonly run: string;
      readonly student: string | null;
      readonly seed: number | null;
    }
  /** Measures it now, with the weights that there are. */
  | { readonly type: 'measureGap'; readonly run: string; readonly student: string | null }
  /**
   * Curves of other runs, to be laid over those of the run shown, in place of those asked for before. A name of `metrics` that
   * ends in a slash stands for all that begin with it.
   */
  | { readonly type: 'overlay'; readonly runs: readonly string[]; readonly metrics: readonly string[] }
  /** What the rules say of it now. */
  | { readonly type: 'diagnose'; readonly run: string }
  /** Writes what a rule proposes, by its place among the rule's changes, into the experiment file. */
  | { readonly type: 'applyChange'; readonly run: string; readonly rule: string; readonly change: number }
  /** Every metrics record of the run, as CSV. */
  | { readonly type: 'exportCsv'; readonly run: string }
  /** Something that the panel has made, to be saved where the person says. PNG as base64, all else as text. */
  | {
      readonly type: 'exportFile';
      readonly name: string;
      readonly format: ExportFormat;
      readonly content: string;
    }
  | CompareRequest;

export const EXPORT_FORMATS = ['png', 'svg', 'csv'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export type NumberedRequest = PanelRequest & { readonly id: number };

export type PanelMessage =
  | {
      readonly type: 'ready';
      readonly version: number;
      /** Directory of the run shown before the reload; null: whatever the host finds best. */
      readonly run: string | null;
    }
  /** Something was lost or made no sense: send a snapshot. */
  | { readonly type: 'resync'; readonly reason: string }
  /** A defect of the panel, for the log. */
  | { readonly type: 'problem'; readonly message: string }
  /** What is in sight beside the run itself. */
  | ({ readonly type: 'watch' } & Watched)
  | NumberedRequest;
