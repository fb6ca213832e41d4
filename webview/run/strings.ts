import { strings } from '../strings.ts';

/** Words of the view of one run's state and files, in the language of the editor. */
export const runStrings = strings.runView;
