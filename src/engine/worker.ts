/**
 * The engine's control thread: heartbeat, the files `stop` and `pause`, and the control socket. Training holds the main thread for as long as a
 * step takes, so all that must answer at any moment lives here.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { FILES } from '../runs/layout.ts';
import { beat, HEARTBEAT_MILLISECONDS } from '../runs/liveness.ts';
import { writeRequest, type ControlThreadData, type FromControlThread } from './control-messages.ts';
import { serveControl } from './control-server.ts';

const FILES_MILLISECONDS = 500;

const data = workerData as ControlThreadData;
const stopFile = join(data.directory, FILES.stop);
const pauseFile = join(data.directory, FILES.pause);

function keepBeating(): void {
  try {
    beat(data.directory);
  } catch {
    // A full disk: the run may still free itself, and readers on this machine know the process by its pid.
  }
}

/** What the files ask for holds as long as they are there. */
function lookForFiles(): void {
  if (existsSync(stopFile)) writeRequest(data.request, 'stop');
  else writeRequest(data.request, existsSync(pauseFile) ? 'pause' : 'none');
}

function tell(message: FromControlThread): void {
  parentPort?.postMessage(message);
}

keepBeating();
lookForFiles();
setInterval(keepBeating, HEARTBEAT_MILLISECONDS);
setInterval(lookForFiles, FILES_MILLISECONDS);
serveControl(data).then(
  () => tell({ type: 'listening' }),
  (error: unknown) =>
    tell({ type: 'socketFailed', message: error instanceof Error ? error.message : String(error) }),
);
