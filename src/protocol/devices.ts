/** What `engine.device` may name beside `auto`; each stands for one or several rungs of the ladder of executors. */
export const DEVICES = [
  'cpu',
  'cuda',
  'webgpu',
  'directml',
  'coreml',
  'wasm',
  'tensorflow',
  'eager',
] as const;
export type Device = (typeof DEVICES)[number];
