import type { PanelContent } from '../../src/protocol/panel-content.ts';

/** Pictures of one kind by which a system explains itself, where a run has any. */
export interface PictureCard {
  readonly element: HTMLElement;
  /**
   * @param seed null: all
   * @returns whether there is anything to show
   */
  show(content: PanelContent, seed: number | null): boolean;
  retheme(): void;
}
