import type { Document, Schema } from './document.ts';
import { Html, html, prose } from './html.ts';
import { isStream } from './curl.ts';
import { operationView, type Row } from './operation.ts';
import { schemaView } from './schema.ts';
import { STYLE } from './style.ts';

/** The document as one page that needs no script. `mount` is where the API is mounted. */
export function docsPage(document: Document, mount: string): string {
  const { info, tags, components } = document;
  const rows = rowsOf(document);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${info.title} API</title>
        <style>
          ${new Html(STYLE)}
        </style>
      </head>
      <body>
        <a class="skip" href="#main">To the operations</a>
        <header>
          <h1>${info.title} API <small>${info.version}</small></h1>
          <nav aria-label="Elsewhere">
            <a href="${mount}/console">Console</a> <a href="${mount}/openapi.json">openapi.json</a>
          </nav>
        </header>
        <div class="columns">
          ${contents(document, rows)}
          <main id="main">
            ${introduction(document, mount)}
            ${tags.map(({ name, description }) => section(document, name, description, rows))}
            <section>
              <h2 id="schemas">Schemas</h2>
              ${Object.entries(components.schemas).map(([name, schema]) => schemaSection(name, schema))}
            </section>
          </main>
        </div>
      </body>
    </html>`;
  return page.text;
}

/** Streams last: what they send is shown before. */
function rowsOf({ paths }: Document): readonly Row[] {
  return Object.entries(paths)
    .flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ method, path, operation })))
    .sort((a, b) => Number(isStream(a.operation)) - Number(isStream(b.operation)));
}

const ofTag = (rows: readonly Row[], tag: string) => rows.filter(({ operation }) => operation.tags.includes(tag));

function contents({ tags }: Document, rows: readonly Row[]): Html {
  const groups = tags.map(
    ({ name }) =>
      html`<li>
        <a href="#tag-${name}">${name}</a>
        <ul>
          ${ofTag(rows, name).map(
            ({ operation: { operationId } }) => html`<li><a href="#${operationId}">${operationId}</a></li>`,
          )}
        </ul>
      </li>`,
  );
  return html`<nav class="contents" aria-label="Contents">
    <ul>
      ${groups}
      <li><a href="#schemas">Schemas</a></li>
    </ul>
  </nav>`;
}

function introduction({ info }: Document, mount: string): Html {
  return html`<p class="lead">${info.summary}</p>
    <p>${prose(info.description)}</p>
    <p>
      To try an operation: set the two variables, then click its <code>curl</code>, which selects all of it, and copy.
    </p>
    <pre class="curl" tabindex="0" aria-label="Variables">
export BACKSTEP_URL=http://127.0.0.1:3000${mount} BACKSTEP_KEY=your-key</pre>
    <p>Every answer has an <code>X-Request-Id</code>, which the log has too.</p>`;
}

function section(document: Document, name: string, description: string, rows: readonly Row[]): Html {
  return html`<section>
    <h2 id="tag-${name}">${name}</h2>
    <p>${description}</p>
    ${ofTag(rows, name).map((row) => operationView(document, row))}
  </section>`;
}

function schemaSection(name: string, schema: Schema): Html {
  return html`<details>
    <summary><code>${name}</code></summary>
    <div class="inside" id="schema-${name}">
      ${schema.description && html`<p>${schema.description}</p>`}${schemaView(schema)}
    </div>
  </details>`;
}
