"""Speech in a real notebook: heard while it streams, paused, turned down, and kept."""

from __future__ import annotations

import base64
import math
from array import array
from collections.abc import Iterator

from playwright.sync_api import expect

from tests.browser.test_streaming import connect, view
from tests.server import Answer, Server, Step, frame
from tools.notebook_page import NotebookPage

CHUNKS, SAMPLES = 8, 12_000
"""Of half a second each."""

LISTEN = """
() => {
  const Context = window.AudioContext;
  window.heard = [];
  window.AudioContext = class extends Context {
    createGain() {
      const gain = super.createGain();
      const analyser = this.createAnalyser();
      gain.connect(analyser);
      window.heard.push({ context: this, analyser });
      return gain;
    }
  };
}
"""
LOUDNESS = """
() => {
  const { analyser } = window.heard.at(-1);
  const samples = new Float32Array(analyser.fftSize);
  analyser.getFloatTimeDomainData(samples);
  return Math.max(...samples);
}
"""
PAUSE = """
() => {
  const button = document.querySelector(".qwen-nb").shadowRoot.querySelector(".sound button");
  if (button.textContent === "Pause") return button.click() ?? true;
}
"""
"""Within the page: a test that is slow to click would come when the sound is over."""
STATE = "window.heard.at(-1)?.context.state"


def tone() -> Iterator[bytes]:
    """Half seconds of 440 Hz at half the loudness, as a server sends them."""
    for chunk in range(CHUNKS):
        wave = (math.sin(math.tau * 440 * at / 24_000) for at in range(chunk * SAMPLES, (chunk + 1) * SAMPLES))
        samples = array("h", (round(16_000 * value) for value in wave))
        yield frame({"audio": {"data": base64.b64encode(samples.tobytes()).decode(), "id": "audio_1"}})


def speaking() -> Answer:
    """Text, then four seconds of sound, faster than it can be heard, and no end."""
    steps: list[Step] = [frame({"content": "Listen."})]
    for piece in tone():
        steps += [0.05, piece]
    return Answer([*steps, 60.0])


def test_speech_plays_while_it_streams_and_is_kept(lab: NotebookPage) -> None:
    with Server(speaking()) as server:
        connect(lab, server)
        lab.page.evaluate(LISTEN)
        # Browsers play nothing before the user has done something.
        lab.cell(0).click()
        cell = lab.run("reply = qn.ask('Speak.', voice='Cherry')")
        sound = view(lab, cell).node.locator(".sound")
        lab.page.wait_for_function(f"window.heard.length && ({LOUDNESS})() > 0.4 && ({PAUSE})()")
        expect(sound).to_have_attribute("data-state", "paused")
        assert lab.page.evaluate(STATE) == "suspended"
        expect(sound.locator(".time"), "what was sent is there, heard or not").to_have_text("4.0 s")
        view(lab, cell).stop.click()
        lab.wait_for_cell(cell)

        sound.get_by_role("slider", name="Volume").fill("0")
        sound.get_by_role("button", name="Play").click()
        expect(sound, "plain output does not silence it").to_have_attribute("data-state", "playing")
        lab.page.wait_for_function(f"({LOUDNESS})() < 0.01")

        player = lab.output(cell).locator("audio")
        player.wait_for()
        assert lab.page.evaluate(STATE) == "closed"
        lab.page.wait_for_function("!isNaN(document.querySelector('.jp-OutputArea audio').duration)")
        assert player.evaluate("player => player.duration") == CHUNKS / 2
        assert lab.execute("print(reply.audio.seconds, len(reply.audio.samples), max(reply.audio.samples))") == "4.0 96000 16000"
        assert server.asked[0].body["audio"] == {"voice": "Cherry", "format": "wav"}
