import { setText } from "./element.ts";

/** Milliseconds for which a button says what it has done. */
const SAID = 1_500;

/** Lets `button` say `text` for a moment, then its own text again. The returned timer does the latter. */
export function say(button: HTMLButtonElement, text: string, own: string): ReturnType<typeof setTimeout> {
  setText(button, text);
  return setTimeout(() => setText(button, own), SAID);
}
