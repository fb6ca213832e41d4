/** Images and labels of one set of files, as read: nothing split, shuffled or normalised. */
export interface Samples {
  readonly count: number;
  /** Height, width, channels of every image. */
  readonly shape: readonly [number, number, number];
  /** `[count, height, width, channels]`. Bytes stand for 0 to 1, floats for themselves. */
  readonly pixels: Uint8Array | Float32Array;
  /** `[count]`, class indices from 0. */
  readonly labels: Int32Array;
  /** `[count]`, `class/file` of each; absent where samples have no files of their own. */
  readonly names?: readonly string[];
  /** SHA-256 of the content, however it is packed. */
  readonly digest: string;
}
