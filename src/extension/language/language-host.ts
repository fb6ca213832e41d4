import { join } from 'node:path';
import * as vscode from 'vscode';
import { Holder, Disposable } from '../disposable.ts';
import { runText } from '../../protocol/run-text.ts';
import { LANGUAGE } from '../ids.ts';
import { report } from '../report.ts';
import type { RunEntry } from '../runs/run-entry.ts';
import type { RunsWatcher } from '../runs/runs-watcher.ts';
import type { LanguageService } from './client.ts';

/** Starts the language server with the first experiment that is open: a window without one pays nothing. */
export class LanguageHost extends Disposable {
  private readonly holder = this.register(new Holder<LanguageService>());
  private starting: Promise<LanguageService> | undefined;

  constructor(
    private readonly extensionPath: string,
    runs: RunsWatcher,
    private readonly log: vscode.LogOutputChannel,
  ) {
    super();
    this.register(vscode.workspace.onDidOpenTextDocument((document) => this.startFor(document)));
    this.register(runs.onDidChange((now, before) => this.tell(now, before)));
    for (const document of vscode.workspace.textDocuments) this.startFor(document);
  }

  /** The running service; starts it where it is not. */
  service(): Promise<LanguageService> {
    this.starting ??= this.start();
    return this.starting;
  }

  async restart(): Promise<void> {
    if (this.holder.value === undefined) await this.service();
    else await this.holder.value.restart();
  }

  /** A dry run has ended: what the text shows of it is old. */
  tried(): void {
    this.holder.value?.runsChanged();
  }

  /** Lenses show a run in words: only other words are news. */
  private tell(now: readonly RunEntry[], before: readonly RunEntry[]): void {
    if (wordsOf(now) !== wordsOf(before)) this.holder.value?.runsChanged();
  }

  private startFor(document: vscode.TextDocument): void {
    if (document.languageId !== LANGUAGE || this.starting !== undefined) return;
    this.service().catch((error: unknown) => report(error, this.log));
  }

  private async start(): Promise<LanguageService> {
    try {
      // The client is by far the largest part of the bundle; it is not evaluated before it is needed.
      const { LanguageService } = await import('./client.ts');
      const service = new LanguageService(join(this.extensionPath, 'dist', 'server.cjs'), this.log);
      this.holder.value = service;
      await service.start();
      return service;
    } catch (error) {
      this.starting = undefined;
      throw error;
    }
  }
}

function wordsOf(entries: readonly RunEntry[]): string {
  return entries.map(({ directory, record, status }) => `${directory} ${runText(record, status)}`).join('\n');
}
