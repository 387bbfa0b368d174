/**
 * How pages and files look: two sets of colours, each with at least 4.5 to 1 between text and ground, and the blocks of
 * `blocks.ts`. `data-theme` on the root chooses one; without it the system does.
 */
const LIGHT = `color-scheme:light;--ground:#f5f6f4;--card:#fff;--ink:#18211d;--soft:#56635d;--line:#d5dcd8;--flow:#7d8a84;
--good:#16764a;--good-soft:#e3f3ea;--bad:#bb2d26;--bad-soft:#fbe6e3;--on-bad:#fff;--doubt:#845400;--doubt-soft:#faf0d8;
--accent:#1d5fae;--on-accent:#fff;--shadow:0 1px 2px #18211d14,0 2px 10px #18211d0a`
const DARK = `color-scheme:dark;--ground:#101513;--card:#1a211e;--ink:#e6ece9;--soft:#9fada6;--line:#35403b;--flow:#7d8a84;
--good:#56c991;--good-soft:#173327;--bad:#ff8a7f;--bad-soft:#41201d;--on-bad:#101513;--doubt:#e6b84f;--doubt-soft:#362c14;
--accent:#86b7f7;--on-accent:#101513;--shadow:none`

export const REPORT_STYLE = `:root{${LIGHT}}
@media(prefers-color-scheme:dark){:root:not([data-theme=light]){${DARK}}}
:root[data-theme=dark]{${DARK}}
*{box-sizing:border-box}
html{background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;
-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0}
.sheet{max-width:1080px;margin:0 auto;padding:16px;display:grid;gap:16px;grid-template-columns:minmax(0,1fr)}
.card{background:var(--card);border-radius:14px;padding:20px;box-shadow:var(--shadow);border:1px solid var(--line)}
.card>section+section,.card>section+details{margin-top:24px}
h1{font-size:1.6rem;line-height:1.2;margin:0;font-weight:700;letter-spacing:-.01em}
h2{font-size:1.05rem;margin:0 0 12px;font-weight:650}
h3{font-size:1rem;margin:16px 0 8px;font-weight:600}
h2+h3{margin-top:0}
p{margin:0 0 8px}
p:last-child{margin-bottom:0}
p,li,summary{overflow-wrap:anywhere}
ul,ol{margin:0;padding-left:1.4em}
li{margin:6px 0}
.soft,footer{color:var(--soft)}
footer{font-size:.875rem}
.mono{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
.mono,code{font-size:.92em}
code{background:var(--ground);border-radius:4px;padding:1px 5px;overflow-wrap:anywhere;font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
.note{color:var(--soft);font-size:.9rem;flex-basis:100%;margin:0}
b.good,span.good{color:var(--good)}b.bad,span.bad{color:var(--bad)}b.doubt,span.doubt{color:var(--doubt)}
.verdict{border-left:8px solid var(--doubt);background:var(--doubt-soft)}
.verdict.good{border-color:var(--good);background:var(--good-soft)}
.verdict.bad{border-color:var(--bad);background:var(--bad-soft)}
.verdict-head{display:flex;gap:16px;align-items:flex-start}
.verdict-head p{margin:6px 0 0}
.sign{flex:none;border-radius:50%;color:var(--card);background:var(--doubt)}
.sign.good{background:var(--good)}.sign.bad{background:var(--bad)}
.sign.large{width:44px;height:44px;padding:7px}
.sign.small{width:20px;height:20px;padding:3px}
.picture{display:block;margin:0 auto;max-width:100%;height:auto;font-family:inherit}
.picture.down{display:none;margin:0}
.path{container-type:inline-size}
.path+.path{margin-top:20px}
@container(max-width:640px){.picture.across{display:none}.picture.down{display:block}}
@container(max-width:900px){.picture.across.long{display:none}.picture.down.long{display:block}}
.ports,.bare{list-style:none;padding:0}
.ports li+li{margin-top:12px}
.ports+.note{margin-top:12px}
.ports li{display:flex;flex-wrap:wrap;gap:4px 10px;align-items:center}
.obstacles{padding-left:1.4em}
.steps li{padding-left:4px}
.plain,.warnings{padding-left:1.2em}
.warnings li::marker{content:"! ";color:var(--doubt);font-weight:700}
details{border-top:1px solid var(--line);padding:10px 0}
details:last-of-type{margin-bottom:4px}
summary{cursor:pointer;font-weight:600;padding:4px 0}
summary:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:4px}
details>ol,details>ul{margin-top:6px}
.evidence ul{list-style:none;padding:0;font-size:.9rem}
@media(max-width:480px){.sheet{padding:10px;gap:10px}.card{padding:16px}h1{font-size:1.4rem}}
@media print{.card{box-shadow:none;break-inside:avoid}}
`
