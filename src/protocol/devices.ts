/** What `engine.device` may name beside `auto`; each stands for one or several rungs of the ladder of executors. */
export type Device = 'cpu' | 'cuda' | 'webgpu' | 'directml' | 'coreml' | 'wasm' | 'tensorflow' | 'eager';
