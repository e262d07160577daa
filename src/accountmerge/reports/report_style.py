"""Hold the style of HTML reports for all screens and for paper."""

STYLE = """
:root {
  color-scheme: light dark;
  --ground: #ffffff; --panel: #f6f6f3; --line: #d9d8d2; --text: #1d1d1b; --soft: #5a5953;
  --link: #14548c; --good: #1c6b3c; --bad: #a3231b; --care: #7a5200;
  --good-ground: #e9f4ec; --bad-ground: #fbeceb; --care-ground: #fbf3df;
  --booking: #2c6aa8; --ghost: #86847b;
  --shade-1: #d7e6f5; --shade-2: #a9cbec; --shade-3: #3f7fbe; --shade-4: #1b4f86;
  --on-light: #12263a; --on-dark: #ffffff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #161615; --panel: #20201e; --line: #3b3a36; --text: #ecebe6; --soft: #aaa89f;
    --link: #8cc1f2; --good: #86d3a2; --bad: #f5a099; --care: #e6c07a;
    --good-ground: #17291d; --bad-ground: #331a18; --care-ground: #2d2514;
    --booking: #6aa9e2; --ghost: #8f8d84;
    --shade-1: #1d3349; --shade-2: #26507a; --shade-3: #6aa9e2; --shade-4: #b9dafa;
    --on-light: #eaf3fc; --on-dark: #0c1a28;
  }
}
@page { size: auto; margin: 18mm 16mm 20mm; }
*, *::before, *::after { box-sizing: border-box; }
html { font: 1rem/1.55 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; background: var(--ground); color: var(--text); -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; padding: 1.5rem 1.25rem 4rem; max-width: 76rem; overflow-wrap: break-word; }
td, dd, code, bdi, li { overflow-wrap: anywhere; }
.whole { overflow-wrap: normal; }
h1, h2, h3, h4, h5, h6, summary, th, dt { text-wrap: balance; }
h1, h2 { font-family: Charter, "Bitstream Charter", "Sitka Text", Cambria, Georgia, serif; font-weight: 600; line-height: 1.2; }
h1 { font-size: 2.1rem; margin: .1rem 0 1.2rem; }
h2 { font-size: 1.45rem; margin: 0 0 .8rem; }
h3 { font-size: 1.08rem; margin: 1.6rem 0 .5rem; }
h4, h5, h6 { font-size: 1rem; margin: 1.1rem 0 .3rem; color: var(--soft); }
p { margin: 0 0 .8rem; max-width: 44rem; }
a { color: var(--link); text-underline-offset: .15em; }
a:focus-visible, summary:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 2px; }
code, pre { font-family: ui-monospace, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .9em; }
.skip { position: absolute; left: -999rem; }
.skip:focus { position: static; display: inline-block; margin-bottom: 1rem; }
.kicker { margin: 0; color: var(--soft); letter-spacing: .04em; }
header { border-bottom: 1px solid var(--line); margin-bottom: 1.6rem; padding-bottom: 1rem; }
nav { margin-bottom: 2rem; }
nav h2 { font: inherit; font-weight: 600; color: var(--soft); margin: 0 0 .4rem; }
nav ol { margin: 0; padding-left: 1.4rem; }
nav li { margin: .15rem 0; }
section { margin: 0 0 2.6rem; }
article.plan { border-top: 3px solid var(--text); padding-top: 1.2rem; margin-top: 3rem; }
article.plan h3 { font-size: 1.25rem; margin: 0 0 .7rem; }
.glance { display: grid; gap: 1rem; margin-bottom: 1rem; }
.state { justify-self: start; margin: 0; padding: .3rem .8rem; border-radius: 2rem; font-weight: 600; border: 1px solid; }
.ready, .confirmed { color: var(--good); background: var(--good-ground); }
.blocked { color: var(--bad); background: var(--bad-ground); }
.nothing_left { color: var(--soft); background: var(--panel); }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(11rem, 100%), 1fr)); gap: .7rem 1.4rem; margin: 0; }
dt { color: var(--soft); font-size: .88rem; }
dd { margin: 0; font-variant-numeric: tabular-nums; }
.lead { font-size: 1.12rem; }
.beside { display: grid; gap: 1.6rem; align-items: start; }
.noun { display: inline-block; } .noun::first-letter, thead th::first-letter { text-transform: uppercase; }
table { border-collapse: collapse; width: 100%; margin: 0 0 1rem; font-variant-numeric: tabular-nums; }
.quiet { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
caption { text-align: left; font-weight: 600; padding: 0 0 .35rem; }
th, td { text-align: left; vertical-align: top; padding: .38rem .7rem .38rem 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-weight: 500; font-size: .88rem; border-bottom-color: var(--soft); }
tbody th { font-weight: 400; min-width: 4.5rem; }
td:not(.number) { min-width: 5.5rem; }
.below > td { padding: 0 0 .4rem; } tr:has(+ .below) > * { border-bottom: 0; padding-bottom: .1rem; }
.below summary { color: var(--soft); font-size: .92rem; }
.number { text-align: right; padding-right: 0; padding-left: .5rem; width: 1%; min-width: 4rem; overflow-wrap: normal; white-space: nowrap; }
thead .number { white-space: normal; }
ul, ol { margin: 0 0 .8rem; padding-left: 1.3rem; }
li { margin: .25rem 0; max-width: 46rem; }
details { margin: .4rem 0; }
summary { cursor: pointer; }
summary data { color: var(--soft); }
.finding { border-left: 4px solid var(--line); padding: .1rem 0 .1rem 1rem; margin: 0 0 1.2rem; }
.finding > h3, .finding > h4 { display: flex; flex-wrap: wrap; gap: .2rem .7rem; align-items: baseline; margin: 0 0 .4rem; color: var(--text); }
.finding code { font-size: .85rem; color: var(--soft); font-weight: 400; }
.finding.blocker { border-color: var(--bad); } .blocker .tag { color: var(--bad); }
.finding.accepted_blocker, .finding.warning { border-color: var(--care); } .tag { color: var(--care); }
.finding h3 data, .finding h4 data { font-size: .88rem; font-weight: 600; padding: 0 .55rem; border-radius: 1rem; background: var(--panel); border: 1px solid var(--line); }
.remedies { list-style: none; padding: 0; margin: 0; }
p.warning { background: var(--care-ground); padding: .6rem .9rem; border-radius: 4px; }
.cut, .note, .legend, .edits, .values { color: var(--soft); font-size: .92rem; }
.timeline { list-style: none; padding: 0; margin: 0 0 1rem .5rem; }
.timeline li { position: relative; max-width: none; margin: 0; padding: 0 0 1rem 1.6rem; border-left: 2px solid var(--line); }
.timeline li:last-child { border-left-color: transparent; }
.timeline li::before { content: ""; position: absolute; left: -.45rem; top: .45rem; width: .78rem; height: .78rem; border-radius: 50%; background: var(--ground); border: 2px solid var(--soft); }
.timeline .dated::before { background: var(--booking); border-color: var(--booking); }
.timeline p { margin: 0; }
.when { color: var(--soft); font-size: .92rem; font-variant-numeric: tabular-nums; }
.who { color: var(--soft); }
.tasks { list-style: none; padding: 0; }
.tasks li { margin: 0 0 .6rem; }
.tasks li > span { display: block; }
.tasks .when, .tasks .what { display: block; }
.calendars { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 1.4rem; margin: 1rem 0; }
figure { margin: 0; padding: .8rem; background: var(--panel); border-radius: 6px; }
figcaption { margin-bottom: .5rem; }
svg { display: block; width: 100%; max-width: 30rem; height: auto; }
svg text { fill: var(--soft); font: 10.5px system-ui, "Segoe UI", Arial, sans-serif; }
svg .day, svg .count { text-anchor: middle; } svg .hour { text-anchor: end; }
svg line { stroke: var(--line); stroke-width: 1; }
.booking { fill: var(--booking); background: var(--booking); }
.ghost { fill: none; stroke: var(--ghost); stroke-dasharray: 3 2; }
.shade-1 { fill: var(--shade-1); } .shade-2 { fill: var(--shade-2); } .shade-3 { fill: var(--shade-3); } .shade-4 { fill: var(--shade-4); }
svg .on-1, svg .on-2 { fill: var(--on-light); } svg .on-3, svg .on-4 { fill: var(--on-dark); }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.6rem; }
.swatch { display: inline-block; width: 1rem; height: .8rem; margin-right: .5rem; border-radius: 2px; }
.swatch.ghost { border: 1.5px dashed var(--ghost); }
.box { border: 2px solid var(--text); border-radius: 6px; padding: 1.1rem 1.2rem .4rem; margin-bottom: 1rem; }
.short { font-size: 1.25rem; font-weight: 600; letter-spacing: .03em; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--panel); padding: .8rem 1rem; border-radius: 4px; margin: 0 0 .9rem; }
.sign { display: none; }
@media (min-width: 46rem) {
  .beside { grid-template-columns: 1fr 1fr; gap: 2.5rem; }
  .timeline li { display: grid; grid-template-columns: 14rem 1fr; column-gap: 1.4rem; }
  .timeline .when { grid-column: 1; grid-row: 1 / span 9; }
  .timeline li > :not(.when) { grid-column: 2; }
  .tasks li > span { display: grid; grid-template-columns: 14rem 1fr; column-gap: 1.4rem; }
}
@media (min-width: 74rem) {
  body { display: grid; grid-template-columns: 15rem minmax(0, 1fr); column-gap: 3rem; align-content: start; }
  body > header, .skip { grid-column: 1 / -1; }
  nav { position: sticky; top: 1.5rem; align-self: start; max-height: calc(100vh - 3rem); overflow-y: auto; }
}
@media print {
  :root {
    color-scheme: light;
    --ground: #ffffff; --panel: #ffffff; --line: #bbbbbb; --text: #000000; --soft: #444444; --link: #000000;
    --good: #000000; --bad: #000000; --care: #000000; --good-ground: #ffffff; --bad-ground: #ffffff; --care-ground: #ffffff;
    --booking: #4a4a4a; --ghost: #777777;
    --shade-1: #eeeeee; --shade-2: #cccccc; --shade-3: #666666; --shade-4: #333333; --on-light: #000000; --on-dark: #ffffff;
  }
  html { font-size: 10pt; }
  body { display: block; max-width: none; padding: 0; }
  .skip { display: none; }
  nav a { text-decoration: none; }
  details::details-content { content-visibility: visible; block-size: auto; display: block; }
  summary { list-style: none; } summary::-webkit-details-marker { display: none; }
  h1, h2, h3, h4, caption, summary { break-after: avoid; }
  thead { display: table-header-group; }
  thead { break-after: avoid; }
  tr, figure, .finding li, .timeline li, .tasks li, .box { break-inside: avoid; }
  article.plan { break-before: page; }
  figure { border: 1px solid var(--line); }
  .calendars { grid-template-columns: 1fr 1fr; }
  svg rect { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .swatch { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .sign { display: grid; grid-template-columns: 2fr 1fr 2fr; gap: 1.5rem; list-style: none; padding: 1.6rem 0 .4rem; }
  .sign li { border-top: 1px solid var(--text); padding-top: .2rem; max-width: none; margin: 0; }
}
"""
