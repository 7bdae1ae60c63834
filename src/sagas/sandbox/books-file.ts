import { closeSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Entry } from './schemas.ts';
import { entrySchema } from './schemas.ts';

export interface BooksFile {
  readonly entries: readonly Entry[];
  /** On disk when it returns. */
  append(entry: Entry): void;
  close(): void;
}

/** Append-only lines of JSON. A line that a crash cut short was never answered for, and is dropped. */
export function openBooksFile(path: string): BooksFile {
  mkdirSync(dirname(path), { recursive: true });
  const fd = openSync(path, 'a+');
  const text = readFileSync(fd, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  let size = Buffer.byteLength(whole);
  ftruncateSync(fd, size);
  return {
    entries: parseEntries(path, whole),
    append: (entry) => {
      const line = Buffer.from(`${JSON.stringify(entry)}\n`);
      try {
        writeWhole(fd, line);
        fsyncSync(fd);
      } catch (error) {
        ftruncateSync(fd, size);
        throw error;
      }
      size += line.length;
    },
    close: () => closeSync(fd),
  };
}

function writeWhole(fd: number, line: Buffer): void {
  for (let written = 0; written < line.length;) written += writeSync(fd, line, written);
}

function parseEntries(path: string, text: string): readonly Entry[] {
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line, index) => {
    try {
      return entrySchema.parse(JSON.parse(line));
    } catch (error) {
      throw new Error(`${path}, line ${index + 1} is no entry of the books`, { cause: error });
    }
  });
}
