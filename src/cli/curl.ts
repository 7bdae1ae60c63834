/** A request as a person tries it. */
export function curl(url: string, body: object): string {
  return `curl -X POST ${url} -H 'content-type: application/json' -d '${JSON.stringify(body)}'`;
}
