/** Marks at the end of a file name that tell a copy from its original: `*` is any text, `#` digits. */
export const COPY_MARKS: readonly string[] = [
  ...['_copy*', '-copy*', ' copy*', ' - copy*', ' (#)', '(#)'],
  ...['_aug*', '-aug*', '_flip*', '_rot*', '_crop*', '_noise*', '_bright*'],
];
