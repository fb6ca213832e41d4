import { strings } from '../strings.ts';

/** Words of the pictures of systems, in the language of the editor. */
export const pictureStrings = strings.pictures;
