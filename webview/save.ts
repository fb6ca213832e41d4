import type { ExportFormat } from '../src/protocol/panel.ts';
import { EXPORT_FORMATS } from '../src/protocol/panel.ts';
import { LIMITS } from '../src/protocol/limits.ts';
import { element } from './dom.ts';
import { strings } from './strings.ts';
import { button } from './toolkit.ts';
import type { Panel } from './view.ts';

/** A file that the panel has made: PNG as base64, all else as text. */
export interface MadeFile {
  readonly name: string;
  readonly format: ExportFormat;
  readonly content: string;
}

export type Save = (file: MadeFile) => void;

/** Hands files to the extension, which asks where to keep them. What is too large for a message is refused here, in words. */
export function saveWith(panel: Panel): Save {
  return ({ name, format, content }) => {
    if (content === '' || content.length > LIMITS.fileLength) {
      panel.tell({ ok: false, message: strings.fileTooLarge(format.toUpperCase()) });
      return;
    }
    void panel.ask({ type: 'exportFile', name: name.slice(0, LIMITS.nameLength), format, content });
  };
}

/** One picture or table in the formats that it can be kept in; each is made when it is asked for. */
export type Saved = { readonly name: string } & { readonly [format in ExportFormat]?: () => string };

/** Buttons that save what is shown, one a format. */
export class SaveButtons {
  readonly element: HTMLElement;

  /**
   * @param make what is shown now; null: nothing
   * @param formats those that it has
   */
  constructor(save: Save, make: () => Saved | null, formats: readonly ExportFormat[] = EXPORT_FORMATS) {
    this.element = element(
      'div',
      { class: 'actions', attributes: { role: 'group', 'aria-label': strings.saveAs } },
      ...formats.map((format) => {
        const label = format.toUpperCase();
        const press = () => {
          const made = make();
          const content = made?.[format]?.();
          if (made && content !== undefined) save({ name: made.name, format, content });
        };
        return button(label, press, 'secondary', strings.saveAsFormat(label)).element;
      }),
    );
  }
}
