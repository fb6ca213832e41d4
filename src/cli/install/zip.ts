import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';

/** Records of the format (APPNOTE.TXT 4.3): signature, length without variable parts. */
const END = { signature: 0x06054b50, length: 22, longest: 22 + 0xffff };
const CENTRAL = { signature: 0x02014b50, length: 46 };
const LOCAL_LENGTH = 30;
const STORED = 0;
const DEFLATED = 8;
/** Stands in 32 bits for a number that needs 64. */
const TOO_LARGE = 0xffffffff;

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly compressed: number;
  readonly offset: number;
}

/**
 * Writes those files of an archive to disk that `target` gives a place. They stream, since single files exceed a gigabyte.
 *
 * @returns names of the files written
 * @throws Error where the file is no archive or uses what none of ours does
 */
export async function extract(path: string, target: (name: string) => string | null): Promise<string[]> {
  const file = await open(path);
  try {
    const written: string[] = [];
    for (const entry of await directoryOf(file)) {
      const place = target(entry.name);
      if (place === null) continue;
      await write(path, file, entry, place);
      written.push(entry.name);
    }
    return written;
  } finally {
    await file.close();
  }
}

async function directoryOf(file: FileHandle): Promise<Entry[]> {
  const { size } = await file.stat();
  const tail = await bytesAt(file, Math.max(0, size - END.longest), Math.min(size, END.longest));
  let at = tail.length - END.length;
  while (at >= 0 && tail.readUInt32LE(at) !== END.signature) at--;
  if (at < 0) throw new Error('it is not a zip archive');
  const [length, start] = [tail.readUInt32LE(at + 12), tail.readUInt32LE(at + 16)];
  const directory = await bytesAt(file, start, length);
  const entries: Entry[] = [];
  for (let from = 0; from + CENTRAL.length <= directory.length;) {
    if (directory.readUInt32LE(from) !== CENTRAL.signature) throw new Error('its list of files is damaged');
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) =>
      directory.readUInt16LE(from + field),
    );
    const nameEnd = from + CENTRAL.length + (nameLength ?? 0);
    entries.push({
      name: directory.toString('utf8', from + CENTRAL.length, nameEnd),
      method: directory.readUInt16LE(from + 10),
      compressed: directory.readUInt32LE(from + 20),
      offset: directory.readUInt32LE(from + 42),
    });
    from = nameEnd + (extraLength ?? 0) + (commentLength ?? 0);
  }
  return entries;
}

async function write(
  path: string,
  file: FileHandle,
  { name, method, compressed, offset }: Entry,
  place: string,
): Promise<void> {
  if (offset === TOO_LARGE || compressed === TOO_LARGE || ![STORED, DEFLATED].includes(method))
    throw new Error(`${name} is stored in a way that is not read here`);
  const head = await bytesAt(file, offset, LOCAL_LENGTH);
  const start = offset + LOCAL_LENGTH + head.readUInt16LE(26) + head.readUInt16LE(28);
  await mkdir(dirname(place), { recursive: true });
  if (compressed === 0) return pipeline([], createWriteStream(place));
  const source = createReadStream(path, { start, end: start + compressed - 1 });
  const sink = createWriteStream(place, { mode: 0o755 });
  await (method === STORED ? pipeline(source, sink) : pipeline(source, createInflateRaw(), sink));
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  if (bytesRead < length) throw new Error('it is shorter than it says');
  return buffer;
}
