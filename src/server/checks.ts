import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Diagnostic } from '../config/diagnostic.ts';

interface Checked {
  readonly version: number;
  readonly diagnostics: readonly Diagnostic[];
}

/** The diagnostics of open documents, each version checked once. */
export class Checks {
  private readonly checked = new Map<string, Checked>();

  constructor(private readonly check: (document: TextDocument) => readonly Diagnostic[]) {}

  of(document: TextDocument): readonly Diagnostic[] {
    const known = this.checked.get(document.uri);
    if (known?.version === document.version) return known.diagnostics;
    const diagnostics = this.check(document);
    this.checked.set(document.uri, { version: document.version, diagnostics });
    return diagnostics;
  }

  /** Whether this very text was checked. */
  isKnown({ uri, version }: TextDocument): boolean {
    return this.checked.get(uri)?.version === version;
  }

  /** Files on disk changed: what was found may not hold any more. */
  forget(uri: string): void {
    this.checked.delete(uri);
  }
}
