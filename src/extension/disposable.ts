import type * as vscode from 'vscode';

/** Owns what it registers and lets go of it in reverse order. Late additions to a disposed owner go at once. */
export abstract class Disposable {
  private readonly owned: vscode.Disposable[] = [];
  private disposed = false;

  get isDisposed(): boolean {
    return this.disposed;
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    for (let last = this.owned.pop(); last !== undefined; last = this.owned.pop()) last.dispose();
  }

  protected register<T extends vscode.Disposable>(value: T): T {
    if (this.disposed) value.dispose();
    else this.owned.push(value);
    return value;
  }
}

/** Holds one replaceable thing: setting a new one lets go of the old. */
export class Holder<T extends vscode.Disposable> extends Disposable {
  private held: T | undefined;

  get value(): T | undefined {
    return this.held;
  }

  set value(next: T | undefined) {
    const old = this.held;
    this.held = this.isDisposed ? undefined : next;
    if (this.isDisposed) next?.dispose();
    if (old !== next) old?.dispose();
  }

  override dispose(): void {
    super.dispose();
    this.value = undefined;
  }
}
