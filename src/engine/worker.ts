/**
 * The engine's control thread: heartbeat, stop file and control socket. Training holds the main thread for as long as a
 * step takes, so all that must answer at any moment lives here.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { FILES } from '../runs/layout.ts';
import { beat, HEARTBEAT_MILLISECONDS } from '../runs/liveness.ts';
import {
  readRequest,
  writeRequest,
  type ControlThreadData,
  type FromControlThread,
} from './control-messages.ts';
import { serveControl } from './control-server.ts';

const STOP_FILE_MILLISECONDS = 500;

const data = workerData as ControlThreadData;
const stopFile = join(data.directory, FILES.stop);

function keepBeating(): void {
  try {
    beat(data.directory);
  } catch {
    // A full disk: the run may still free itself, and readers on this machine know the process by its pid.
  }
}

function lookForStopFile(): void {
  if (readRequest(data.request) === 'none' && existsSync(stopFile)) writeRequest(data.request, 'stop');
}

function tell(message: FromControlThread): void {
  parentPort?.postMessage(message);
}

keepBeating();
lookForStopFile();
setInterval(keepBeating, HEARTBEAT_MILLISECONDS);
setInterval(lookForStopFile, STOP_FILE_MILLISECONDS);
serveControl(data).then(
  () => tell({ type: 'listening' }),
  (error: unknown) =>
    tell({ type: 'socketFailed', message: error instanceof Error ? error.message : String(error) }),
);
