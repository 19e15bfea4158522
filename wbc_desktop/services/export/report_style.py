"""The look of a report: the tokens of the window, light and dark, and plain black on paper.

Cells stand on neutral grey in every theme, so that stain colour is judged alike.
"""

STYLE = """
:root {
  color-scheme: light dark;
  --window: #F4F4F2; --surface: #FFFFFF; --raised: #ECECE8; --border: #8C8C84; --line: #DDDDD7;
  --text: #1B1C1E; --text-2: #54575D; --warning: #7A4F00; --stage: #808080;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --window: #15171A; --surface: #1D2024; --raised: #282C32; --border: #6F757F; --line: #33383F;
    --text: #ECEDEF; --text-2: #AEB3BB; --warning: #F0C36D;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--window); color: var(--text);
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  font-variant-numeric: tabular-nums;
}
main { max-width: 1080px; margin: 0 auto; padding: 32px 24px 48px; }
header { display: flex; flex-wrap: wrap; gap: 4px 24px; align-items: baseline;
  justify-content: space-between; margin-bottom: 24px; }
h1 { font-size: 26px; font-weight: 600; letter-spacing: -0.01em; margin: 0; }
h2 { font-size: 17px; font-weight: 600; margin: 0 0 8px; display: flex; align-items: center;
  gap: 8px; }
.notice { color: var(--warning); font-weight: 600; margin: 0; }
.quiet { color: var(--text-2); font-weight: 400; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.patient + .patient { margin-top: 48px; }
dl { margin: 0; }
dt { color: var(--text-2); font-size: 12.5px; }
dd { margin: 0; overflow-wrap: anywhere; }
.facts { display: flex; flex-wrap: wrap; gap: 12px 40px; padding: 16px 20px; margin-bottom: 16px;
  background: var(--surface); border: 1px solid var(--line); border-radius: 8px; }
.facts dd { font-size: 17px; font-weight: 600; }
.shift { margin: 0 0 16px; padding: 12px 20px; background: var(--surface); border-radius: 8px;
  border: 1px solid var(--warning); border-left-width: 4px; }
.shift strong { color: var(--warning); font-weight: 600; }
.shift p { margin: 4px 0 0; max-width: 90ch; }
.estimate { margin: -20px 0 32px; max-width: 90ch; font-size: 13px; color: var(--text-2); }
table { width: 100%; border-collapse: separate; border-spacing: 0; background: var(--surface);
  border: 1px solid var(--line); border-radius: 8px; padding: 8px 20px 12px; margin-bottom: 32px; }
th, td { padding: 4px 12px 4px 0; text-align: left; font-weight: 400; border-bottom: 1px solid
  var(--line); }
tbody:last-child tr:last-child > * { border-bottom: 0; }
thead th { color: var(--text-2); font-size: 12.5px; padding-bottom: 6px; }
tbody th { white-space: nowrap; }
th.leaf { padding-left: 24px; }
tr.none { color: var(--text-2); }
tr.total > * { font-weight: 600; }
tr.group th { color: var(--text-2); font-size: 12.5px; padding-top: 16px; }
.number { text-align: right; white-space: nowrap; padding-right: 24px; }
.chart { width: 40%; padding-right: 0; }
.scale { display: block; position: relative; height: 12px; border-radius: 2px;
  background: var(--raised); }
.bar { position: absolute; inset: 0 auto 0 0; background: var(--c); border-radius: 1px; }
.whisker { position: absolute; top: 5px; height: 2px; background: var(--text);
  box-shadow: 0 0 0 1px var(--surface); }
.chip { display: inline-block; min-width: 40px; margin-right: 8px; padding: 0 4px;
  border-left: 4px solid var(--c); background: var(--raised); border-radius: 2px;
  font-size: 12px; line-height: 20px; font-weight: 600; letter-spacing: 0.04em; text-align: center;
  color: var(--text); }
.sheet { margin-top: 28px; }
.sheet .chip { margin-right: 0; }
.sheet .count { font-weight: 600; margin-left: 4px; }
.sheet p { margin: 0 0 8px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(92px, 1fr)); gap: 8px; }
figure { margin: 0; break-inside: avoid; }
.stage { background: var(--stage); border-radius: 4px; aspect-ratio: 1; display: flex;
  align-items: center; justify-content: center; overflow: hidden; }
.stage img { width: 100%; height: 100%; object-fit: contain; display: block; }
.lost { color: #FFFFFF; font-size: 12px; }
figcaption { font-size: 12.5px; color: var(--text-2); display: flex; gap: 6px; padding: 2px 2px 0; }
figcaption i, figcaption b { font-style: normal; font-weight: 400; color: var(--text); }
footer { margin-top: 40px; padding-top: 16px; border-top: 1px solid var(--line);
  color: var(--text-2); font-size: 13px; }
footer p { margin: 0 0 12px; max-width: 80ch; }
footer dl div { display: grid; grid-template-columns: 110px 1fr; }
footer dl { margin-bottom: 12px; }
footer dd { color: var(--text); }
@media screen and (max-width: 640px) {
  main { padding: 24px 12px; }
  .chart { display: none; }
  tbody th { white-space: normal; }
  .number { padding-right: 8px; }
}
@media print {
  @page { margin: 14mm; }
  :root { --window: #FFFFFF; --raised: #EEEEEE; }
  body { font-size: 10pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  main { max-width: none; padding: 0; }
  tr, h2 { break-inside: avoid; }
  h2 { break-after: avoid; }
  .patient + .patient { break-before: page; margin-top: 0; }
  .number { padding-right: 16px; }
  .tiles { grid-template-columns: repeat(10, 1fr); gap: 4px; }
}
"""
