/**
 * What the language server offers, without any word of its protocol: plain data with zero-based lines and UTF-16
 * characters. The server only translates.
 */
import type { Position, Range } from '../../protocol/errors.ts';
import type { DryRunReport } from '../../protocol/records.ts';
import type { TextEdit } from '../diagnostic.ts';
import type { FileAccess } from '../files.ts';
import type { Analyses } from './analyses.ts';

/** Where a text belongs. The text itself may be unsaved. */
export interface LanguageContext {
  /** Absolute path of the document; null for one that was never saved. */
  readonly file: string | null;
  /** Folders open in the editor. */
  readonly workspaceFolders?: readonly string[];
  /** Reads and lists other files; absent: the disk, with a cache by time and size. */
  readonly files?: FileAccess;
  /** Keeps what was found out about a text; absent: every question looks anew. */
  readonly analyses?: Analyses;
  /** What the newest run of this file measured, looked up when it is needed; absent or null: nothing. */
  readonly measured?: () => Measured | null;
  /** The last dry run of this file, looked up when it is needed; absent or null: there is none. */
  readonly tried?: () => DryRunReport | null;
}

/** What a run says that only a run can know. */
export interface Measured {
  readonly run: string;
  readonly phases: readonly { readonly name: string; readonly millisecondsPerStep: number }[];
  /** Linear CKA of two layers on a probe batch, 0..1; null where it was not measured. */
  similarity(teacher: string, student: string): number | null;
}

export type CompletionKind =
  'key' | 'value' | 'method' | 'model' | 'layer' | 'class' | 'run' | 'file' | 'folder' | 'snippet';

export interface Completion {
  readonly label: string;
  readonly kind: CompletionKind;
  /** One line beside the label: type, shape or meaning. */
  readonly detail: string;
  /** Markdown. */
  readonly documentation: string;
  /** What is written in place of `range`; in snippet syntax (`$1`, `${1:text}`) where `snippet` is true. */
  readonly insertText: string;
  readonly snippet: boolean;
  readonly range: Range;
  /** Order among the others: required keys first. */
  readonly sortText: string;
}

export interface Hover {
  readonly range: Range;
  /** Markdown without HTML and without command links. */
  readonly markdown: string;
}

/** One entry of the outline. `range` holds the whole block, `selectionRange` its key. */
export interface ConfigSymbol {
  readonly name: string;
  readonly detail: string;
  readonly kind: 'block' | 'model' | 'term' | 'list' | 'value';
  readonly range: Range;
  readonly selectionRange: Range;
  readonly children: readonly ConfigSymbol[];
}

/** A place for code lenses: the document itself or one of its top-level or named parts. */
export interface Block {
  /** `teacher`: a model that this file trains before it teaches. */
  readonly kind: 'document' | 'teacher' | 'match' | 'block';
  /** The last part of the path. */
  readonly name: string;
  /** `document`, `models.teacher`, `distill.match`, ... */
  readonly path: string;
  /** The key, or the document's first line. */
  readonly range: Range;
}

/** A stretch of some file. */
export interface FileRange {
  /** Absolute path; the document itself where it was never saved is `''`. */
  readonly file: string;
  readonly range: Range;
}

export interface Link {
  readonly range: Range;
  readonly tooltip: string;
  /** A file to open, or the layers of this experiment in the panel. */
  readonly target: { readonly file: string } | { readonly panel: true };
}

/** Lines that can be folded away, both ends included. */
export interface Fold {
  readonly startLine: number;
  readonly endLine: number;
  readonly kind: 'region' | 'comment';
}

/** What a word is, for colours that a grammar cannot know. */
export interface Token {
  readonly range: Range;
  readonly type: TokenType;
  /** A name where it is defined. */
  readonly declares: boolean;
}
export const TOKEN_TYPES = [
  'property',
  'class',
  'function',
  'variable',
  'enumMember',
  'number',
  'string',
  'keyword',
] as const;
export type TokenType = (typeof TOKEN_TYPES)[number];

/** A value that follows from what is written, shown behind it. */
export interface Hint {
  readonly position: Position;
  readonly label: string;
  /** Markdown. */
  readonly tooltip: string;
}

/** A change of the file that a person may ask for. */
export interface Refactoring {
  readonly title: string;
  readonly kind: 'refactor.rewrite' | 'refactor.extract';
  readonly edits: readonly TextEdit[];
  /** A file that is written beside the config. */
  readonly newFile?: { readonly file: string; readonly text: string };
}
