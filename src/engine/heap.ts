import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8's space for young objects as small as it starts. To write a step makes many small objects at once, for which V8 would grow
 * that space and keep it (25 MB for a ResNet-20); training makes hardly any. A build of V8 that does not know the flag says so on
 * standard error and works as before.
 */
export function keepYoungSpaceSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
