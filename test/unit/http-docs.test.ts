import express, { type RequestHandler } from 'express';
import request from 'supertest';
import { z } from 'zod';
import { route } from '../../src/http/route.ts';
import { ROUTES } from '../../src/http/routes.ts';
import { testApp } from '../support/http.ts';

const HOSTILE = `</pre><script>alert(1)</script>"'&`;

const hostile = route({
  method: 'post',
  path: '/api/hostile/:id',
  role: 'starter',
  summary: HOSTILE,
  params: z.object({ id: z.string().describe(HOSTILE) }),
  body: z.object({ text: z.string().default(HOSTILE) }),
  example: { params: { id: "it's" }, body: { text: `${HOSTILE} it's` } },
  responses: { 200: { description: HOSTILE, schema: z.enum([HOSTILE]), example: HOSTILE } },
  handler: () => Promise.resolve({ status: 200, body: HOSTILE }),
});

const page = async () =>
  (
    await request(testApp({ routes: [hostile] }).app)
      .get('/docs')
      .expect(200)
  ).text;

test('the page has each operation of the route table, with its role and a request for a shell', async () => {
  const text = await page();
  for (const { name, role, path } of ROUTES) {
    const part = new RegExp(`id="${name}".*?<pre[^>]*>(curl .*?)</pre>`, 's').exec(text)?.[1] ?? '';
    expect([name, part]).toEqual([name, expect.stringContaining('$BACKSTEP_URL/')]);
    expect([name, part.includes('$BACKSTEP_KEY')]).toEqual([name, role !== 'public']);
    expect(text).toContain(path.replaceAll(/:(\w+)/g, '{$1}'));
  }
});

test('each link of the page leads to a part of it, or to where the API is', async () => {
  const text = await page();
  const ids = new Set([...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => `#${id}`));
  const links = [...text.matchAll(/ href="([^"]+)"/g)].map(([, href = '']) => href);
  expect(links.filter((href) => !ids.has(href) && !['/console', '/openapi.json'].includes(href))).toEqual([]);
});

test('mounted below a path, the page leads there', async () => {
  const { app } = testApp();
  const outer = express().use('/backstep', (req, res, next) => (app as RequestHandler)(req, res, next));
  const { text } = await request(outer).get('/backstep/docs').expect(200);
  expect(text).toContain('href="/backstep/openapi.json"');
  expect(text).toContain('href="/backstep/console"');
  expect(text).toContain('BACKSTEP_URL=http://127.0.0.1:3000/backstep ');
});

test('the page has no script, and texts of routes do not become markup', async () => {
  const text = await page();
  expect(text).not.toMatch(/<script|javascript:| on\w+=/i);
  expect(text).toContain('&#60;/pre&#62;&#60;script&#62;');
});

test("an apostrophe does not end a shell's word", async () => {
  expect(await page()).toContain(`-d &#39;{&#34;text&#34;:`);
  expect(await page()).toContain(`it&#39;\\&#39;&#39;s`);
});
