/** The look of a report: light or dark as the reader's system asks, colours that the colour-blind tell apart, dashes beside them. */
export const STYLE = `
:root { color-scheme: light dark; --text: #1b1b1b; --muted: #595959; --back: #fff; --edge: #d5d5d5; --soft: #f5f5f5;
  --a: #0063b1; --b: #b35900; --c: #2b7a2b; --d: #7a3e9d; }
@media (prefers-color-scheme: dark) { :root { --text: #e4e4e4; --muted: #a8a8a8; --back: #1e1e1e; --edge: #444; --soft: #2a2a2a;
  --a: #6cb6ff; --b: #f0a050; --c: #7fce7f; --d: #cfa3ec; } }
body { margin: 0; background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.6rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; border-bottom: 1px solid var(--edge); }
p, li, dd { overflow-wrap: anywhere; }
.muted, figcaption, dt, caption { color: var(--muted); }
.verdict { padding: .75rem 1rem; border: 1px solid var(--edge); border-inline-start: 5px solid var(--muted); background: var(--soft); }
.verdict.beats { border-inline-start-color: var(--c); }
.verdict.no-beats { border-inline-start-color: var(--b); }
.verdict strong { margin-inline-end: .5rem; }
dl div { display: grid; grid-template-columns: minmax(7rem, 12rem) 1fr; gap: 1rem; }
dd { margin: 0; }
.scroll { overflow-x: auto; margin: .75rem 0; }
table { border-collapse: collapse; font-size: .9rem; }
caption { text-align: start; padding-bottom: .25rem; }
th, td { padding: .2rem 0; padding-inline-end: .75rem; text-align: start; border-bottom: 1px solid var(--edge); white-space: nowrap; }
.number { text-align: end; font-variant-numeric: tabular-nums; }
figure { margin: 1rem 0; }
svg { width: 100%; max-width: 48rem; height: auto; direction: ltr; font: 12px system-ui, sans-serif; fill: var(--text); }
.grid { stroke: var(--edge); }
.zero { stroke: var(--text); stroke-dasharray: 3 3; }
.range { stroke: var(--a); stroke-width: 3; }
.point { fill: var(--a); stroke: var(--a); }
.open { fill: var(--back); stroke: var(--a); stroke-width: 2; }
.line { fill: none; stroke-width: 2; stroke: var(--a); }
.kind-1, .kind-5 { stroke: var(--b); }
.kind-2, .kind-6 { stroke: var(--c); }
.kind-3, .kind-7 { stroke: var(--d); }
.kind-1, .kind-3 { stroke-dasharray: 7 3; }
.kind-2, .kind-6 { stroke-dasharray: 2 3; }
.kind-4, .kind-5, .kind-7 { stroke-dasharray: 10 3 2 3; }
pre { overflow-x: auto; padding: .75rem; background: var(--soft); font-size: .85rem; }
summary { cursor: pointer; }
@media print { details { display: none; } }
`;
