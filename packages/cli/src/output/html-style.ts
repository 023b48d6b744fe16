import { Html } from './markup.ts'

/** Contrast is at least 4.5 : 1 in both themes; a state and a severity always stand there as a word too. */
export const STYLE = new Html(`
:root{color-scheme:light dark;--ground:#fff;--text:#1b1f24;--faint:#59636e;--line:#d1d9e0;--panel:#f6f8fa;--critical:#a40e26;--high:#bc4c00;--medium:#7d4e00;--low:#59636e;
--accountable:#1a7f37;--claimed:#0969da;--split:#8250df;--unowned:#cf222e;--lapsed:#9a6700}
@media(prefers-color-scheme:dark){:root{--ground:#0d1117;--text:#e6edf3;--faint:#9198a1;--line:#3d444d;--panel:#151b23;--critical:#ff9492;--high:#ffb77c;--medium:#f0c75e;--low:#9198a1;
--accountable:#3fb950;--claimed:#58a6ff;--split:#bc8cff;--unowned:#ff7b72;--lapsed:#d29922}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:80rem;padding:1.5rem;background:var(--ground);color:var(--text);font:1rem/1.5 system-ui,sans-serif}
h1{margin:0;font-size:1.75rem}h2{margin:2.5rem 0 .75rem;font-size:1.3rem;border-bottom:1px solid var(--line);padding-bottom:.25rem}h3{margin:1rem 0 .25rem;font-size:1rem;overflow-wrap:anywhere}
a{color:var(--claimed)}nav a{display:inline-block;padding:.25rem .75rem .25rem 0;min-height:24px}
.note{color:var(--faint);font-size:.875rem}
section{overflow-x:auto}
table{border-collapse:collapse;width:100%;margin:.75rem 0;font-size:.9rem}
th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid var(--line);overflow-wrap:anywhere;min-width:4rem}
thead th{background:var(--panel);white-space:nowrap}tbody th{font-weight:600}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
code{font:.85em ui-monospace,monospace;overflow-wrap:anywhere}
details{border:1px solid var(--line);border-radius:6px;margin:.5rem 0;padding:0 .75rem}summary{cursor:pointer;padding:.6rem 0;font-weight:600}
summary .n{display:inline-block;min-width:2.5rem}
article{border-left:3px solid var(--split);padding-left:.75rem;margin:1rem 0}article ul{margin:.25rem 0;padding-left:1.25rem}
.bar{display:flex;height:1rem;gap:2px;border-radius:4px;overflow:hidden}.bar i{flex-basis:2px}
.key{display:inline-block;width:.7rem;height:.7rem;border-radius:2px;margin-right:.4rem}
.bar .accountable,.key.accountable{background:var(--accountable)}.bar .claimed,.key.claimed{background:var(--claimed)}.bar .split,.key.split{background:var(--split)}
.bar .unowned,.key.unowned{background:var(--unowned)}.bar .lapsed,.key.lapsed{background:var(--lapsed)}
.sev.critical{color:var(--critical)}.sev.high{color:var(--high)}.sev.medium{color:var(--medium)}.sev.low{color:var(--low)}
@media print{body{max-width:none;padding:0}nav{display:none}section{overflow:visible}details{break-inside:auto;border:0;padding:0}details::details-content{content-visibility:visible}tr,article{break-inside:avoid}.bar,.key{print-color-adjust:exact}}
`)
