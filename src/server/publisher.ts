import type { Diagnostic as LspDiagnostic } from 'vscode-languageserver/node';
import { basename } from 'node:path';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Diagnostic } from '../config/diagnostic.ts';
import type { Checked } from './checks.ts';
import { toLspDiagnostic } from './translate.ts';
import { pathOf } from './uri.ts';

interface Shown {
  readonly version: number;
  readonly checked: Checked;
  /** What came from others, as it was sent last. */
  caused: string;
}

type Send = (uri: string, version: number, diagnostics: LspDiagnostic[]) => void;

/** What is shown in each open document: what was found in it, and what documents that extend it found to come from it. */
export class Publisher {
  private readonly shown = new Map<string, Shown>();

  /** @param fileOf path of a document among the diagnostics, also of one that was never saved */
  constructor(
    private readonly send: Send,
    private readonly fileOf: (uri: string) => string,
  ) {}

  show({ uri, version }: Pick<TextDocument, 'uri' | 'version'>, checked: Checked): void {
    this.shown.set(uri, { version, checked, caused: '' });
    this.publish(uri);
    this.showCaused();
  }

  close(uri: string): void {
    this.shown.delete(uri);
    this.showCaused();
  }

  /** Documents that extend a file. */
  dependents(uri: string): readonly string[] {
    const file = pathOf(uri);
    if (file === null) return [];
    return [...this.shown].flatMap(([other, { checked }]) =>
      other !== uri && checked.bases.includes(file) ? [other] : [],
    );
  }

  /** To those for whom something else comes from others than before. */
  private showCaused(): void {
    for (const [uri, { caused }] of this.shown) {
      if (JSON.stringify(this.causedIn(uri)) !== caused) this.publish(uri);
    }
  }

  private publish(uri: string): void {
    const shown = this.shown.get(uri);
    if (shown === undefined) return;
    const file = this.fileOf(uri);
    const caused = this.causedIn(uri);
    shown.caused = JSON.stringify(caused);
    const own = shown.checked.diagnostics.map((diagnostic) => toLspDiagnostic(diagnostic, { uri, file }));
    this.send(uri, shown.version, [...own, ...caused]);
  }

  /** What others found to come from a document and its own check did not. */
  private causedIn(uri: string): readonly LspDiagnostic[] {
    const file = pathOf(uri);
    const own = this.shown.get(uri)?.checked.diagnostics ?? [];
    const keys = new Set(own.map(({ code, range }) => keyOf(code, range)));
    const caused: LspDiagnostic[] = [];
    for (const [other, { checked }] of this.shown) {
      if (other === uri || file === null) continue;
      for (const diagnostic of checked.diagnostics) {
        const { origin, code } = diagnostic;
        if (origin?.file !== file || keys.has(keyOf(code, origin.range))) continue;
        keys.add(keyOf(code, origin.range));
        caused.push(this.translated(diagnostic, other, { uri, file }));
      }
    }
    return caused;
  }

  private translated(
    diagnostic: Diagnostic,
    other: string,
    place: { readonly uri: string; readonly file: string },
  ): LspDiagnostic {
    const { origin = { range: diagnostic.range, message: diagnostic.message }, ...rest } = diagnostic;
    const { range, message } = origin;
    const name = basename(this.fileOf(other));
    return {
      ...toLspDiagnostic({ ...rest, range, message }, place),
      relatedInformation: [
        { location: { uri: other, range: diagnostic.range }, message: `${name} extends this file` },
      ],
    };
  }
}

function keyOf(code: string, range: Diagnostic['range']): string {
  return JSON.stringify([code, range]);
}
