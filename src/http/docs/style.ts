/** The console's colours: console/src/theme.ts and console/src/global.css. */
const LIGHT = `--page: #f6f7f8; --text: #1a1f24; --dim: #596068; --link: #0b6172; --surface: #fff; --line: #dde1e5;
  --good: #17692f; --good-ground: #dff3e4; --active: #0b5cad; --active-ground: #dfeefc; --bad: #b3201f; --bad-ground: #fde4e3;
  --quiet: #4d555d; --quiet-ground: #e8ebee;`;

const DARK = `--page: #111417; --text: #dfe3e7; --dim: #9aa3ac; --link: #62cfe3; --surface: #191d21; --line: #2a3037;
  --good: #74d68e; --good-ground: #16331f; --active: #7fc0ff; --active-ground: #12304c; --bad: #ff9a97; --bad-ground: #471d1d;
  --quiet: #b0b8c0; --quiet-ground: #272d33;`;

export const STYLE = `
:root { ${LIGHT} }
@media (prefers-color-scheme: dark) { :root { ${DARK} } }
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.5 -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif; }
code, pre { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
code { overflow-wrap: anywhere; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
main a { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: 0.5rem; }
header { display: flex; flex-wrap: wrap; gap: 0 1.5rem; align-items: baseline; justify-content: space-between;
  padding: 0.75rem 1.25rem; background: var(--surface); border-bottom: 1px solid var(--line); }
header nav { display: flex; gap: 1rem; }
h1 { font-size: 1.375rem; margin: 0; }
h1 small { color: var(--dim); font-size: 0.875rem; font-weight: 400; }
h2 { font-size: 1.125rem; margin: 2rem 0 0; }
h2 + p { margin: 0 0 0.75rem; color: var(--dim); }
h4 { margin: 1.25rem 0 0.5rem; font-size: 0.875rem; color: var(--dim); }
.columns { display: grid; grid-template-columns: 15rem minmax(0, 1fr); max-width: 80rem; margin: 0 auto; }
.contents { position: sticky; top: 0; align-self: start; max-height: 100vh; overflow: auto; padding: 1.25rem; }
.contents ul { list-style: none; margin: 0; padding: 0; }
.contents > ul > li { margin-bottom: 0.75rem; font-weight: 600; }
.contents ul ul { padding-left: 0.75rem; font-weight: 400; font-size: 0.875rem; }
.contents li li a { display: block; padding: 0.1rem 0; }
main { padding: 1.25rem; min-width: 0; }
.lead { font-size: 1.125rem; margin-top: 0; }
details { background: var(--surface); border: 1px solid var(--line); border-radius: 8px; margin: 0.5rem 0; }
summary { padding: 0.5rem 0.75rem; cursor: pointer; }
.operation > summary { display: grid; grid-template-columns: 4.5rem minmax(0, 1fr) auto; gap: 0.125rem 0.75rem; align-items: center; }
.what { grid-column: 2 / -1; color: var(--dim); }
.path { font-weight: 600; }
.method, .role { border-radius: 4px; padding: 0.125rem 0.5rem; font-size: 0.75rem; text-align: center;
  color: var(--quiet); background: var(--quiet-ground); }
.method { font-weight: 700; }
.method.get { color: var(--active); background: var(--active-ground); }
.method.post { color: var(--good); background: var(--good-ground); }
.method.delete { color: var(--bad); background: var(--bad-ground); }
.inside { padding: 0 0.75rem 0.75rem; border-top: 1px solid var(--line); }
.inside details { margin: 0.5rem 0; }
.members { list-style: none; margin: 0.25rem 0; padding-left: 0.75rem; border-left: 2px solid var(--line); }
.members li { padding: 0.15rem 0; }
.type, .about { color: var(--dim); font-size: 0.875rem; }
.about { display: block; }
.about:empty { display: none; }
p.type { margin: 0.25rem 0; }
pre { margin: 0.5rem 0; padding: 0.75rem; overflow: auto; max-height: 30rem; background: var(--page); border: 1px solid var(--line);
  border-radius: 6px; }
details > pre { margin: 0 0.75rem 0.75rem; }
.curl { user-select: all; white-space: pre-wrap; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 0.875rem; }
th, td { text-align: left; vertical-align: top; padding: 0.375rem 0.75rem 0.375rem 0; border-bottom: 1px solid var(--line); }
td code { overflow-wrap: normal; }
@media (max-width: 48rem) {
  .columns { display: block; }
  .contents { position: static; max-height: none; padding-bottom: 0; }
  .contents > ul { display: flex; flex-wrap: wrap; gap: 0 1rem; }
  .contents ul ul { display: none; }
  .operation > summary { grid-template-columns: 4.5rem minmax(0, 1fr); }
  .operation > summary .role { grid-row: 2; }
  .what { grid-column: 2; }
  table { min-width: 36rem; }
}
`;
