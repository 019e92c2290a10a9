import { expect, it, vi } from "vitest";
import { delta, done, end, start } from "../testing/events.ts";
import { fakeTime, frame } from "../testing/fake_time.ts";
import { NOTHING, Page } from "../testing/page.ts";

fakeTime();

const CALL = '{"to": "me@example.org", "copies": 2}';

/** A page on which a call asks whether it may run. */
function asking(): Page {
  const page = new Page();
  page.batch(1, start(0, "tool", 1, { name: "send_mail", id: "a" }), delta(0, CALL), end(0, 2));
  page.batch(3, start(1, "approval", 3, { name: "send_mail", id: "a" }));
  frame();
  return page;
}

function press(page: Page, label: string): void {
  const button = [...page.reply.querySelectorAll("button")].find((each) => each.textContent === label);
  if (!button || button.closest("[hidden]")) expect.fail(`there is no button ${label}`);
  button.click();
}

/** What the page has sent but that it is there. */
const answers = (page: Page) => page.model.sent.filter((each) => (each as { type: string }).type !== "here");

it("asks in the card of the call", () => {
  const page = asking();
  expect(page.texts(".tool .state, .ask, .footer .phase")).toEqual([
    "waiting for you",
    "RunEditDenyasks before it runs",
    "waiting for you 3.0 s",
  ]);
  expect(page.find('[role="status"]').textContent).toBe("Waiting for you…");
});

it.each([
  ["Run", "run", "done"],
  ["Deny", "deny", "denied"],
])("carries the answer: %s", (label, verdict, outcome) => {
  const page = asking();
  press(page, label);
  expect(answers(page)).toEqual([{ type: "approval", id: "a", verdict }]);
  page.batch(
    4,
    end(1, 4, verdict),
    start(2, "result", 4, { name: "send_mail", id: "a" }),
    end(2, 5, outcome),
  );
  frame();
  expect(page.texts(".ask, .state")).toEqual([`${outcome} 1.0 s`]);
});

it("lets the user change the arguments, to an object", () => {
  const page = asking();
  press(page, "Edit");
  const editor = page.find<HTMLTextAreaElement>("textarea");
  expect(editor.value).toBe(JSON.stringify(JSON.parse(CALL), null, 2));
  expect(page.texts(".ask")).toEqual(["RunCancel"]);
  for (const wrong of ['{"to": ', "[1]", "null", '"text"']) {
    editor.value = wrong;
    editor.dispatchEvent(new Event("input"));
    expect(editor.hasAttribute("aria-invalid")).toBe(false);
    press(page, "Run");
    expect(editor.getAttribute("aria-invalid")).toBe("true");
    expect(page.texts(".hint")).toEqual(["not a JSON object"]);
  }
  expect(answers(page)).toEqual([]);
  editor.value = '{"to": "you@example.org"}';
  press(page, "Run");
  expect(answers(page)).toEqual([
    { type: "approval", id: "a", verdict: "run", arguments: '{"to": "you@example.org"}' },
  ]);
});

const PRECISE =
  '{"order": 9007199254740993, "amount": 1.0, "accounts": [{"id": 9007199254740993, "note": "the first of two accounts"}, {"most": 1e400}]}';

it("shows, opens and sends each number as the model wrote it", () => {
  const page = new Page();
  page.batch(1, start(0, "tool", 1, { name: "refund", id: "a" }), delta(0, PRECISE), end(0, 2));
  page.batch(3, start(1, "approval", 3, { name: "refund", id: "a" }));
  frame();
  const shown = page.texts("dd").join("\n");
  press(page, "Edit");
  const editor = page.find<HTMLTextAreaElement>("textarea");
  const { value } = editor;
  expect(value.split("\n").slice(0, 6)).toEqual([
    "{",
    '  "order": 9007199254740993,',
    '  "amount": 1.0,',
    '  "accounts": [',
    "    {",
    '      "id": 9007199254740993,',
  ]);
  for (const number of ["9007199254740993", "1.0", "1e400"]) {
    expect(shown).toContain(number);
    expect(value).toContain(number);
  }
  editor.value = value.replace("first", "last");
  press(page, "Run");
  expect(answers(page)).toEqual([{ type: "approval", id: "a", verdict: "run", arguments: editor.value }]);
});

it("leaves the arguments as the model wrote them when nothing was changed in the editor", () => {
  const page = asking();
  press(page, "Edit");
  press(page, "Run");
  expect(answers(page)).toEqual([{ type: "approval", id: "a", verdict: "run" }]);
});

it("asks and lets edit with nothing hidden, and what is edited means what it meant", () => {
  const page = new Page();
  const call = { path: "/home/\u202egpj.eton\u202c\u200b" };
  page.batch(1, start(0, "tool", 1, { name: "erase", id: "a" }), delta(0, JSON.stringify(call)), end(0, 2));
  page.batch(3, start(1, "approval", 3, { name: "erase", id: "a" }));
  frame();
  expect(page.texts("dd")).toEqual(["/home/U+202Egpj.etonU+202CU+200B"]);
  press(page, "Edit");
  const editor = page.find<HTMLTextAreaElement>("textarea");
  expect(editor.value).toBe('{\n  "path": "/home/\\u202egpj.eton\\u202c\\u200b"\n}');
  editor.value += " ";
  press(page, "Run");
  const [answer] = answers(page) as [{ arguments: string }];
  expect(JSON.parse(answer.arguments)).toEqual(call);
  page.batch(4, delta(1, JSON.stringify({ path: "\u202e/" })), end(1, 4, "run"));
  frame();
  expect(page.texts("dd")).toEqual(["U+202E/"]);
});

it("shows the arguments that ran in place of those that the model wrote", () => {
  const page = asking();
  page.batch(4, delta(1, '{"to": "you@example.org"}'), end(1, 4, "run"));
  frame();
  expect(page.texts(".arguments dt, .arguments dd, .hint")).toEqual([
    "to",
    "you@example.org",
    "changed by you",
  ]);
});

it("lets the user change their mind about a change", () => {
  const page = asking();
  press(page, "Edit");
  press(page, "Cancel");
  press(page, "Run");
  expect(answers(page)).toEqual([{ type: "approval", id: "a", verdict: "run" }]);
});

it("hands the focus to the card when the kernel has heard, if it was there", () => {
  const focused = (page: Page) => (page.reply.getRootNode() as ShadowRoot).activeElement;
  const page = asking();
  page.find("button.main").focus();
  press(page, "Run");
  page.batch(4, end(1, 4, "run"));
  frame();
  expect(focused(page)).toBe(page.find(".tool"));
  const other = asking();
  other.find('button[title="Stop this reply"]').focus();
  other.batch(4, end(1, 4, "run"));
  frame();
  expect(focused(other)).toBe(other.find("button.stop"));
});

it("no longer asks when the reply has ended", () => {
  const page = asking();
  page.batch(4, done({ status: "stopped" }));
  frame();
  expect(page.texts(".ask, .state")).toEqual(["not run"]);
});

it("says that somebody is there, at once and every five seconds, while it asks", () => {
  const page = asking();
  const here = () => page.model.sent.length;
  expect(page.model.sent).toEqual([{ type: "here" }]);
  vi.advanceTimersByTime(10_000);
  expect(here()).toBe(3);
  page.batch(4, end(1, 4, "run"), start(2, "result", 4, { name: "send_mail", id: "a" }));
  vi.advanceTimersByTime(60_000);
  expect(here()).toBe(3);
});

it("says nothing where there is no view, or the reply has ended", () => {
  const page = asking();
  page.drop();
  vi.advanceTimersByTime(60_000);
  expect(page.model.sent).toHaveLength(1);
  page.show();
  expect(page.model.sent).toHaveLength(2);
  page.batch(4, done({ status: "stopped" }));
  vi.advanceTimersByTime(60_000);
  expect(page.model.sent).toHaveLength(2);
});

it("asks again in a page that is loaded again", () => {
  const events = [
    start(0, "tool", 1, { name: "send_mail", id: "a" }),
    delta(0, CALL),
    end(0, 2),
    start(1, "approval", 3, { name: "send_mail", id: "a" }),
  ];
  const page = new Page({ snapshot: { ...NOTHING, seq: 4, at: 4, events } });
  press(page, "Deny");
  expect(page.model.sent).toEqual([{ type: "here" }, { type: "approval", id: "a", verdict: "deny" }]);
});
