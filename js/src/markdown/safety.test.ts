import { describe, expect, test } from "vitest";
import { answers } from "./testing/answers.ts";
import { draw, drawUnfinished, every } from "./testing/draw.ts";

/*
 * What a model writes is data: it becomes text, and elements of the few kinds that we make. Checked on the elements themselves, whole
 * and while the text comes.
 */

const ELEMENTS = new Set(
  `a blockquote br button code del div em h1 h2 h3 h4 h5 h6 hr img input li ol p pre s section span strong sup table tbody td th
  thead tr ul`.split(/\s+/),
);
const ATTRIBUTES = new Set(
  "aria-label checked class dir disabled role scope start tabindex title type href target rel alt src".split(
    " ",
  ),
);

/** All that is in `node` and should not be. */
function offences(node: HTMLElement): string[] {
  return [...node.querySelectorAll("*")].flatMap((element) => {
    const found: string[] = [];
    const { localName } = element;
    if (!ELEMENTS.has(localName)) found.push(`<${localName}>`);
    for (const { name, value } of [...element.attributes]) {
      if (!ATTRIBUTES.has(name) && !(localName === "img" && /^(?:decoding|referrerpolicy)$/i.test(name)))
        found.push(name);
      if (name === "class" && !/^(?:(?:md|hl)-[a-z]+(?: |$)|language-[a-z0-9+#_-]+$)*$/.test(value))
        found.push(`class=${value}`);
      if (name === "href" && !/^(?:https?:\/\/|mailto:|#)/.test(value)) found.push(`href=${value}`);
      if (name === "src" && !/^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]*$/.test(value))
        found.push(`src=${value}`);
    }
    const href = element.getAttribute("href");
    if (href !== null && !href.startsWith("#")) {
      if (element.getAttribute("rel") !== "noopener noreferrer") found.push("rel");
      if (element.getAttribute("target") !== "_blank") found.push("target");
    }
    return found;
  });
}

const ATTACKS = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<svg/onload=alert(1)>",
  '<iframe srcdoc="<script>alert(1)</script>">',
  "<style>@import 'https://evil.example/x.css'</style>",
  '<a href="javascript:alert(1)">x</a>',
  "<!--><img src=x onerror=alert(1)>-->",
  "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
  "[x](javascript:alert(1))",
  "[x](JaVaScRiPt:alert(1))",
  "[x](java&#x0A;script:alert(1))",
  "[x](&#106;avascript:alert(1))",
  "[x](&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3A&#x61&#x6C&#x65&#x72&#x74&#x28&#x31&#x29)",
  "[x](\\javascript:alert(1))",
  "[x](<javascript:alert(1)>)",
  "[x](<java\tscript:alert(1)>)",
  "[x](vbscript:msgbox(1))",
  "[x](data:text/html,<script>alert(1)</script>)",
  "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
  "[x](file:///etc/passwd)",
  "[x](blob:https://evil.example/1)",
  "[x](//evil.example)",
  "[x](/lab/api)",
  "[x](../../tree)",
  "<javascript:alert(1)>",
  "<data:text/html,x>",
  "[x]\n\n[x]: javascript:alert(1)",
  '[x](https://a.b "\\" onmouseover=alert(1) x=\\"")',
  '[x](https://a.b/" onmouseover="alert(1))',
  "![x](https://evil.example/beacon.png)",
  "![x](javascript:alert(1))",
  "![x](data:image/svg+xml;base64,PHN2Zy8+)",
  '![x](data:image/png;base64,AAAA"onerror=alert(1))',
  "![x](data:text/html,x)",
  "![x][i]\n\n[i]: https://evil.example/beacon.png",
  '![" onerror="alert(1)](https://evil.example/x.png)',
  "[![x](https://evil.example/x.png)](javascript:alert(1))",
  "```<img/src/onerror=alert(1)>\ncode</code><script>alert(1)</script>\n```",
  '```" class="q-evil\nx\n```',
  "# <b>x</b> {#evil .evil style=color:red}",
  "| <b> | `</td>` |\n|:-:|-|\n| <script> | [x](javascript:1) |",
  "- [ ] <input autofocus onfocus=alert(1)>",
  "[^<img src=x>]\n\n[^<img]: <script>",
  "$<img src=x onerror=alert(1)>$ and $$</span><script>alert(1)</script>$$",
  "&lt;script&gt;alert(1)&lt;/script&gt; &#60;img src=x onerror=alert(1)&#62;",
  'https://a.b/<script>alert(1)</script> www.a.b/"onclick=alert(1)',
];

describe("markup that would do harm", () => {
  test.each(ATTACKS)("%j", (attack) => {
    expect(offences(draw(attack))).toEqual([]);
    expect(offences(draw(attack, every(1, attack)))).toEqual([]);
    for (let end = 1; end <= attack.length; end++)
      expect(offences(drawUnfinished(attack.slice(0, end)))).toEqual([]);
  });

  test("HTML is text", () => {
    const html = '<p onclick="alert(1)">Hi <b>there</b> &copy;</p>\n\n<script>alert(1)</script>';
    expect(draw(html).textContent).toBe(
      '<p onclick="alert(1)">Hi <b>there</b> ©</p><script>alert(1)</script>',
    );
  });

  test("whole answers hold nothing but our own elements", () => {
    for (const { markdown } of answers) expect(offences(draw(markdown))).toEqual([]);
  });
});

describe("links", () => {
  const link = (markdown: string) => draw(markdown).querySelector("p > :is(a, span)") as HTMLElement;

  test("open elsewhere, and tell nobody where they come from", () => {
    const anchor = link("[text](https://example.org/a)");
    expect(anchor.outerHTML).toBe(
      '<a title="https://example.org/a" href="https://example.org/a" target="_blank" rel="noopener noreferrer">text</a>',
    );
  });

  test("one that may not be followed is text, and says where it led", () => {
    const refused = link("[text](javascript:alert(1))");
    expect([refused.localName, refused.className, refused.title, refused.textContent]).toEqual([
      "span",
      "md-refused",
      "javascript:alert(1)",
      "text",
    ]);
  });

  test.each([
    ["[https://bank.example](https://evil.example/x)", "https://bank.example (evil.example)"],
    ["[bank.com](https://evil.example)", "bank.com (evil.example)"],
    [
      "[Log in at www.bank.example/now](https://evil.example)",
      "Log in at www.bank.example/now (evil.example)",
    ],
    [
      "[https://bank.example@evil.example](https://evil.example)",
      "https://bank.example@evil.example (evil.example)",
    ],
    ["[https://bank.example](https://bank.example@evil.example)", "https://bank.example (evil.example)"],
    ["[**bank.com**/a](https://bank.com.evil.example)", "bank.com/a (bank.com.evil.example)"],
    ["[me@bank.com](mailto:me@evil.example)", "me@bank.com (me@evil.example)"],
    ["[https://bank.example/a](https://www.bank.example/b)", "https://bank.example/a"],
    ["[https://例え.jp](https://xn--r8jz45g.jp/)", "https://例え.jp"],
    ["[utils.py](https://github.com/a/b)", "utils.py"],
    ["[the docs](https://example.org)", "the docs"],
    ["https://example.org", "https://example.org"],
  ])("whose text names another host show their own: %s", (markdown, text) => {
    expect(link(markdown).textContent).toBe(text);
  });
});

describe("images", () => {
  test("are chips with their host, and load on a click", () => {
    const holder = draw("![a *tree*](https://img.example/x.png)").querySelector(".md-image") as HTMLElement;
    const chip = holder.querySelector("button") as HTMLButtonElement;
    expect(chip.textContent).toBe("a treeimg.example");
    expect(chip.getAttribute("aria-label")).toBe("Load image: a tree, from img.example");
    expect(holder.querySelector("img")).toBeNull();
    chip.click();
    const image = holder.querySelector("img");
    expect([image?.src, image?.alt, image?.referrerPolicy]).toEqual([
      "https://img.example/x.png",
      "a tree",
      "no-referrer",
    ]);
  });

  test("inside a link are no buttons: the link is what is clicked", () => {
    const anchor = draw("[![build](https://img.example/x.svg)](https://ci.example)").querySelector("a");
    expect(anchor?.href).toBe("https://ci.example/");
    expect(anchor?.querySelector("button, img")).toBeNull();
    expect(anchor?.textContent).toBe("buildimg.example");
  });

  test("in the text itself are shown if they are of a kind that cannot do anything", () => {
    const shown = (src: string) => draw(`![x](${src})`).querySelector("img")?.getAttribute("src") ?? null;
    expect(shown("data:image/png;base64,iVBORw0KGgo=")).toBe("data:image/png;base64,iVBORw0KGgo=");
    expect(shown("data:image/svg+xml;base64,PHN2Zy8+")).toBeNull();
    expect(shown(`data:image/png;base64,${"A".repeat(4_000_001)}`)).toBeNull();
  });

  test("a long one that comes in pieces is looked at when it is complete", () => {
    const data = `data:image/png;base64,${"iVBORw0KGgo".repeat(20_000)}`;
    const markdown = `Look: ![chart](${data}) there.`;
    const node = draw(markdown, every(20, markdown));
    expect(node.querySelector("img")?.getAttribute("src")).toBe(data);
    expect(node.textContent).toBe("Look:  there.");
  });
});
