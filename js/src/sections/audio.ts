import { element, setText } from "../element.ts";
import { elapsed } from "../format.ts";
import type { Part } from "../part.ts";
import { Player } from "../player.ts";
import { SampleReader } from "../samples.ts";
import { Cursor, type Section, type Stage } from "./section.ts";

/** Speech that has begun to play by itself: of several views of a reply only one speaks. */
const spoken = new WeakSet<Part>();

/** What the model speaks: it plays while it comes, and can be paused and heard again. */
export class AudioSection implements Section {
  readonly node: HTMLElement;
  readonly live = false;
  readonly #part: Part;
  readonly #stage: Stage;
  readonly #cursor: Cursor;
  readonly #samples = new SampleReader();
  readonly #player: Player | null;
  readonly #button: HTMLButtonElement;
  readonly #time: HTMLElement;
  #playing = false;

  constructor(part: Part, stage: Stage) {
    const { doc, signal } = stage;
    this.#part = part;
    this.#stage = stage;
    this.#cursor = new Cursor(part);
    this.#player = Player.isPossible ? new Player(() => this.#update()) : null;
    this.#button = element(doc, "button", "plainly", "Play");
    this.#time = element(doc, "span", "time");
    this.node = element(doc, "div", "sound");
    this.node.setAttribute("role", "group");
    this.node.setAttribute("aria-label", "Speech");
    if (this.#player !== null) this.node.append(this.#button, this.#volume(this.#player));
    this.node.append(this.#time);
    this.#button.addEventListener("click", () => this.#toggle(), { signal });
    signal.addEventListener("abort", () => this.#player?.stop());
  }

  draw(): void {
    const isLive = !this.#part.ended && this.#stage.log.end === null;
    const text = this.#cursor.take();
    const player = this.#player;
    if (player !== null && text !== "") {
      const samples = this.#samples.read(text);
      player.write(samples, this.#samples.rate);
      if (isLive && !spoken.has(this.#part)) player.play();
      spoken.add(this.#part);
    }
    if (!isLive) player?.end();
    this.#update();
  }

  #toggle(): void {
    if (this.#player?.state === "playing") this.#player.pause();
    else this.#player?.play();
  }

  #update(): void {
    const state = this.#player?.state ?? "idle";
    this.node.dataset["state"] = state;
    setText(this.#button, state === "playing" ? "Pause" : "Play");
    setText(this.#time, elapsed(this.#player?.seconds ?? 0));
    // Whoever pauses wants to go on.
    const playing = state === "playing" || (state === "paused" && this.#playing);
    if (playing !== this.#playing && !this.#stage.signal.aborted) this.#stage.sounds(playing);
    this.#playing = playing;
  }

  #volume(player: Player): HTMLElement {
    const { doc, signal } = this.#stage;
    const slider = element(doc, "input", "volume");
    Object.assign(slider, { type: "range", min: "0", max: "1", step: "0.05", value: String(player.volume) });
    slider.setAttribute("aria-label", "Volume");
    slider.addEventListener(
      "input",
      () => {
        player.volume = Number(slider.value);
      },
      { signal },
    );
    return slider;
  }
}
