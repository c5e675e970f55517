"""What the page sounds like: its one audio context, the samples that it keeps, and a button of a player pressed."""

import base64

import numpy as np
from playwright.sync_api import expect

PAGE = "globalThis[Symbol.for('deep-learning-you-can-hear')]"
LOUDEST = f"""() => {{
  const samples = new Float32Array({PAGE}.analyser.fftSize);
  {PAGE}.analyser.getFloatTimeDomainData(samples);
  return samples.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
}}"""
SAMPLES = f"""(key) => {{
  const {{ buffer }} = {PAGE}.sounds.get(key);
  const bytes = new Uint8Array(buffer.getChannelData(0).buffer);
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return [buffer.sampleRate, btoa(text)];
}}"""


class Sounds:
    """What the page's one audio context does."""

    def __init__(self, lab):
        self.page = lab.page

    def get(self, expression):
        return self.page.evaluate(f"() => {PAGE}.{expression}")

    def until(self, condition):
        self.page.wait_for_function(f"() => {{ const {{ playing, context, gain, volume }} = {PAGE}; return {condition}; }}")

    def reaches(self, level):
        self.page.wait_for_function(f"() => Math.abs(({LOUDEST})() - {level}) < 0.002")

    def samples(self, key):
        rate, packed = self.page.evaluate(SAMPLES, key)
        return rate, np.frombuffer(base64.b64decode(packed), np.float32)

    def quiet(self):
        self.page.evaluate(f"() => {{ {PAGE}.set({{ value: 0.5, muted: false }}); {PAGE}.playing?.source.stop(); }}")


def play(shown, name):
    button = shown.player.get_by_role("button", name=name)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    return button
