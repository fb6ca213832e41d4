/** Writes the missing shards of the stand-in book, saying a line before each, until it is killed. */
import { EXACT } from '../../src/book/fidelity.ts';
import { BookWriter } from '../../src/bookshelf/book-writer.ts';
import { bytesOf, MANIFEST } from './manifest.ts';

const writer = BookWriter.open(process.argv[2] ?? '', MANIFEST);
for (const shard of writer.missing()) {
  process.stdout.write(`${shard.file}\n`);
  writer.write(shard, bytesOf(shard), EXACT);
}
writer.close();
