/** Writes openapi.json: the document of the library's own routes. */
import { writeFile } from 'node:fs/promises';
import { openApiDocument } from '../src/http/openapi.ts';
import { ROUTES } from '../src/http/routes.ts';

const target = new URL('../openapi.json', import.meta.url);
await writeFile(target, `${JSON.stringify(openApiDocument(ROUTES), null, 2)}\n`);
