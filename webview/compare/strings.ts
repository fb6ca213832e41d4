import { strings } from '../strings.ts';

/** Words of the comparison of runs, in the language of the editor. */
export const compareStrings = strings.compare;
