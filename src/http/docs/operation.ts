import { curlOf } from './curl.ts';
import type { Document, Media, Operation, Parameter, Response } from './document.ts';
import { html, type Html, prose } from './html.ts';
import { OPTIONAL, schemaView, typeOf } from './schema.ts';

/** An operation of the document, with where it is. */
export interface Row {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

/** Can be opened. A link to its id opens it: the id is on what is inside. */
export function operationView(document: Document, { method, path, operation }: Row): Html {
  const { operationId, summary, 'x-role': role } = operation;
  return html`<details class="operation">
    <summary>
      <span class="method ${method}">${method.toUpperCase()}</span>
      <code class="path">${operation['x-path'] ?? path}</code>
      <span class="role">${role}</span>
      <span class="what">${summary}</span>
    </summary>
    <div class="inside" id="${operationId}">
      <h4>Request</h4>
      ${parametersView(operation.parameters ?? [])} ${bodyView(operation)}
      <pre class="curl" tabindex="0" aria-label="curl of ${operationId}">${curlOf(method, path, operation)}</pre>
      <h4>Answers</h4>
      ${Object.entries(operation.responses)
        .filter(([, response]) => !isProblem(response))
        .map(([status, response]) => answerView(status, response))}
      <h4>Refusals</h4>
      ${refusalsView(document, operation)}
    </div>
  </details>`;
}

function parametersView(parameters: readonly Parameter[]): Html {
  if (parameters.length === 0) return html``;
  const rows = parameters.map(
    ({ name, in: place, required, description, schema }) =>
      html`<li>
        <code>${name}</code> <span class="type">${place}, ${typeOf(schema)}</span>${required ? '' : OPTIONAL}
        <span class="about">${prose(description ?? '')}</span>
      </li>`,
  );
  return html`<ul class="members">
    ${rows}
  </ul>`;
}

function bodyView({ requestBody }: Operation): Html {
  const media = requestBody?.content['application/json'];
  if (!requestBody || !media) return html``;
  return html`<p>Body${requestBody.required ? '' : ', optional'}:</p>
    ${schemaView(media.schema)}`;
}

const mediaOf = ({ content = {} }: Response): readonly [string, Media] | undefined => Object.entries(content)[0];

const isProblem = (response: Response) => mediaOf(response)?.[1].examples !== undefined;

function answerView(status: string, response: Response): Html {
  const own = Object.entries(response.headers).filter(([, { $ref }]) => $ref === undefined);
  const headers = own.map(
    ([name, { description }]) =>
      html`<li><code>${name}</code> <span class="about">${prose(description ?? '')}</span></li>`,
  );
  const [type, media] = mediaOf(response) ?? [];
  return html`<p>
      <strong class="status">${status}</strong> ${prose(response.description)} ${type && html`<code>${type}</code>`}
    </p>
    ${
      headers.length === 0
        ? ''
        : html`<ul class="members">
            ${headers}
          </ul>`
    }
    ${media && mediaView(status, media)}`;
}

function mediaView(status: string, { schema, example, 'x-events': events = {} }: Media): Html {
  const kinds = Object.entries(events).map(
    ([name, data]) =>
      html`<p>Event <code>${name}</code>:</p>
        ${schemaView(data)}`,
  );
  const text = typeof example === 'string' ? example : JSON.stringify(example, null, 2);
  const shown = html`<details>
    <summary>Example</summary>
    <pre tabindex="0" aria-label="Example of ${status}">${text}</pre>
  </details>`;
  return html`${kinds.length > 0 ? kinds : schemaView(schema)} ${example === undefined ? '' : shown}`;
}

function refusalsView({ components }: Document, { responses }: Operation): Html {
  const rows = Object.entries(responses).flatMap(([status, response]) =>
    Object.keys(mediaOf(response)?.[1].examples ?? {}).map((code) => {
      const { summary = '', description = '' } = components.examples[code] ?? {};
      return html`<tr>
        <td>${status}</td>
        <td><code>${code}</code></td>
        <td>${summary}</td>
        <td>${prose(description)}</td>
      </tr>`;
    }),
  );
  return html`<div class="wide" tabindex="0" role="group" aria-label="Refusals">
    <table>
      <thead>
        <tr>
          <th>Status</th>
          <th>Code</th>
          <th>What happened</th>
          <th>What to do</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}
