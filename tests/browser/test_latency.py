"""The latency tiers of the design, each measured twenty times or more in the real JupyterLab."""

import numpy as np
import pytest
from playwright.sync_api import expect

from helpers.explorers import Convolution, Kernels, Pattern
from tests.browser.cells import IMPORTS, MAKERS, TRAINING, cell, headless
from tests.browser.gestures import DRAGS, POINTED, SCRUBS, SLIDERS
from tests.browser.latency import TABLE, Recorder
from tests.browser.planes import layer_of
from tests.browser.test_roll import MANY, middle

BROWSER, KERNEL, PAINT, SOUND, CANCEL, PROGRESS = 33, 60, 300, 150, 200, 250  # ms
N = 30  # samples, the first five of which do not count
FIRST = """() => {
  globalThis.painted = [];
  const seen = new WeakSet();
  const attached = new MutationObserver(() => document.querySelectorAll("canvas.dl-canvas").forEach((canvas) => {
    if (seen.has(canvas)) return;
    seen.add(canvas);
    const begun = performance.now();
    const first = new MutationObserver(() => {
      first.disconnect();
      const channel = new MessageChannel();
      channel.port1.onmessage = () => painted.push(performance.now() - begun);
      channel.port2.postMessage(0);
    });
    first.observe(canvas, { attributes: true, attributeFilter: ["data-frame"] });
  }));
  attached.observe(document.querySelector(".jp-NotebookPanel"), { childList: true, subtree: true });
  globalThis.paintObserver = attached;
}"""
HEARD = """() => {
  const { analyser, playing } = globalThis[Symbol.for("deep-learning-you-can-hear")];
  globalThis.heard = [];
  const samples = new Float32Array(256);
  addEventListener("click", ({ timeStamp, isTrusted }) => {
    if (!isTrusted) return;
    const look = () => {
      analyser.getFloatTimeDomainData(samples);
      if (samples.some((x) => x !== 0)) heard.push(performance.now() - timeStamp);
      else setTimeout(look, 1);
    };
    look();
  }, true);
}"""
SILENT = """() => {
  const { analyser, playing } = globalThis[Symbol.for("deep-learning-you-can-hear")];
  const samples = new Float32Array(analyser.fftSize);
  analyser.getFloatTimeDomainData(samples);
  return !playing && samples.every((x) => x === 0);
}"""
STOPPED = """(cell) => {
  globalThis.stopped = [];
  addEventListener("click", ({ timeStamp, target, isTrusted }) => {
    if (!isTrusted || target.closest("button")?.textContent.trim() !== "Stop") return;
    const ended = () => [...cell.querySelectorAll("[role=status]")].filter((e) => e.textContent.startsWith("stopped")).length;
    const before = ended();
    const seen = new MutationObserver(() => {
      if (ended() === before) return;
      seen.disconnect();
      stopped.push(performance.now() - timeStamp);
    });
    seen.observe(cell, { childList: true, characterData: true, subtree: true });
  }, true);
}"""


@pytest.fixture
def stepper(lab):
    return lab.show(cell("Convolution(source='note')"))[0].drawn()


def cells_of(panel, n):
    """n cells of a panel, no two neighbours in the list near each other."""
    rows, columns = np.shape(panel.values)
    return [(4 + (7 * i) % (rows - 8), 4 + (23 * i) % (columns - 8)) for i in range(n)]


def test_hover(stepper):
    grid = Convolution(source="note").grid
    recorder = Recorder(stepper, "pointermove")
    for place in cells_of(grid.panel("input0"), N):
        recorder.sample(lambda place=place: stepper.hover(grid, "input0", *place), pause=100)
    TABLE.add("hover: window drawn (Convolution)", recorder.times("drawn"), BROWSER)
    TABLE.add("hover: products from Python (Convolution)", recorder.times("answered"), KERNEL)


def test_scrub(stepper, lab):
    recorder = Recorder(stepper, "pointermove")
    stepper.scrub.scroll_into_view_if_needed()
    box = stepper.scrub.bounding_box()
    y = box["y"] + box["height"] / 2
    lab.page.mouse.move(box["x"] + 5, y)
    lab.page.mouse.down()
    for i in range(N):
        recorder.sample(lambda i=i: lab.page.mouse.move(box["x"] + 10 + 0.9 * box["width"] * ((7 * i) % N) / N, y), pause=100)
    lab.page.mouse.up()
    TABLE.add("scrub: window drawn (Convolution)", recorder.times("drawn"), BROWSER)


def test_playhead(stepper, lab):
    stepper.view.get_by_label("positions per second").select_option("256")
    recorder = Recorder(stepper, "never")
    stepper.canvas.press(" ")
    lab.page.wait_for_timeout(1500)
    stepper.canvas.press(" ")
    TABLE.add("playhead: from frame to frame (Convolution)", np.diff(recorder.times("frames")).tolist(), BROWSER)


def test_tooltip_of_a_large_picture(lab):
    [shown] = lab.show(cell("Pattern(kernel='rising')"))
    grid = Pattern(kernel="rising").grid
    recorder = Recorder(shown.drawn(), "pointermove")
    for place in cells_of(grid.panel("phrase"), N):
        recorder.sample(lambda place=place: shown.hover(grid, "phrase", *place))
    TABLE.add("hover: cell outlined (Pattern)", recorder.times("drawn"), BROWSER)


@pytest.mark.parametrize(("maker", "slider"), SLIDERS)
def test_slider_by_key(lab, maker, slider):
    [shown] = lab.show(cell(maker))
    recorder = Recorder(shown.drawn(), "keydown")
    handle = shown.slider(slider)
    handle.focus()
    for i in range(N):
        recorder.until("drawn", lambda i=i: lab.page.keyboard.press("ArrowRight" if i % 2 or not i else "ArrowLeft"))
    TABLE.add(f"slider, key: {slider} ({maker})", recorder.times("drawn"), KERNEL)


def test_slider_by_drag(lab):
    [shown] = lab.show(cell("Pattern(kernel='rising')"))
    recorder = Recorder(shown.drawn(), "pointermove", "mousemove")
    knob = shown.slider("threshold").bounding_box()
    x, y = knob["x"] + knob["width"] / 2, knob["y"] + knob["height"] / 2
    lab.page.mouse.move(x, y)
    lab.page.mouse.down()
    for i in range(N):
        recorder.sample(lambda i=i: lab.page.mouse.move(x + (-40 if i % 2 else 40), y), pause=150)
    lab.page.mouse.up()
    TABLE.add("slider, drag: threshold (Pattern)", recorder.times("drawn"), KERNEL)


def test_drawing_a_kernel(lab):
    [shown] = lab.show(cell("Pattern(kernel='rising')"))
    grid = Pattern(kernel="rising").grid
    recorder = Recorder(shown.drawn(), "pointerdown")
    shown.toggle("−1").click()
    for i in range(N):
        recorder.sample(lambda i=i: shown.click(grid, "kernel", i % 5, (i // 5) % 5), pause=150)
    TABLE.add("draw: cell painted (Pattern)", recorder.times("drawn"), BROWSER)
    TABLE.add("draw: response from Python (Pattern)", recorder.times("answered"), KERNEL)


def test_hover_over_kernels(lab):
    [shown] = lab.show(cell("Kernels()"))
    grid = Kernels().grid
    recorder = Recorder(shown.drawn(), "pointermove")
    for i in range(N):
        recorder.sample(lambda i=i: shown.hover(grid, f"kernel{(29 * i) % 128}"), pause=200)
    TABLE.add("hover: thumbnail outlined (Kernels)", recorder.times("drawn"), BROWSER)
    TABLE.add("hover: another kernel, large, from Python (Kernels)", recorder.times("answered"), KERNEL)


def test_hover_over_notes_with_eight_heads(lab):
    [shown] = lab.show(MANY)
    scope: dict = {}
    exec(MANY, scope)
    grid = scope["roll"]
    recorder = Recorder(shown.drawn(), "pointermove")
    for i in range(N):
        onset, _, pitch = layer_of(grid, "roll", "notes").xy[(61 * i) % 256]
        recorder.sample(lambda onset=onset, pitch=pitch: lab.page.mouse.move(*shown.at(grid, "roll", onset + 0.1, pitch)))
    TABLE.add("hover: arcs of eight heads drawn (256 notes)", recorder.times("drawn"), BROWSER)


def test_hover_over_an_alignment(lab):
    maker = "Alignment(translators, readers_calls)"
    [shown] = lab.show(cell(maker))
    grid = headless(maker).grid
    rows, columns = np.shape(grid.panel("look").values)
    recorder = Recorder(shown.drawn(), "pointermove")
    for i in range(N):
        recorder.sample(lambda i=i: shown.hover(grid, "look", (7 * i) % rows, (3 * i) % columns))
    TABLE.add("hover: cell outlined (Alignment)", recorder.times("drawn"), BROWSER)


@pytest.mark.parametrize(("maker", "plane", "layer"), POINTED)
def test_hover_over_words_and_notes(lab, maker, plane, layer):
    [shown] = lab.show(cell(maker))
    grid = headless(maker).grid
    count = len(layer_of(grid, plane, layer).xy)
    recorder = Recorder(shown.drawn(), "pointermove")
    for i in range(N):
        place = middle(grid, plane, layer, (i if count < N else 7 * i) % count)
        recorder.sample(lambda place=place: lab.page.mouse.move(*shown.at(grid, plane, *place)))
    TABLE.add(f"hover: lines of {layer} drawn ({maker})", recorder.times("drawn"), BROWSER)


@pytest.mark.parametrize(("maker", "plane", "ends", "y"), SCRUBS)
def test_scrub_a_plane(lab, maker, plane, ends, y):
    [shown] = lab.show(cell(maker))
    grid = headless(maker).grid
    y = np.mean(grid.panel(plane).y_range) if y is None else y
    recorder = Recorder(shown.drawn(), "pointermove")
    lab.page.mouse.move(*shown.at(grid, plane, np.mean(ends), y))
    lab.page.mouse.down()
    for i in range(N):
        x = ends[0] + (29 * i) % (ends[1] - ends[0])
        recorder.until("drawn", lambda x=x: lab.page.mouse.move(*shown.at(grid, plane, x, y)))
    lab.page.mouse.up()
    TABLE.add(f"scrub: cursor drawn ({maker})", recorder.times("drawn"), BROWSER)


@pytest.mark.parametrize(("maker", "plane", "layer", "to"), DRAGS)
def test_drag(lab, maker, plane, layer, to):
    [shown] = lab.show(cell(maker))
    grid = headless(maker).grid
    recorder = Recorder(shown.drawn(), "pointermove")
    lab.page.mouse.move(*shown.at(grid, plane, *layer_of(grid, plane, layer).xy[0]))
    lab.page.mouse.down()
    for i in range(N):
        x, y = np.array(to[0]) + (np.array(to[1]) - to[0]) * ((7 * i) % N) / N
        recorder.until("answered", lambda x=x, y=y: lab.page.mouse.move(*shown.at(grid, plane, x, y)))
    lab.page.mouse.up()
    TABLE.add(f"drag: {layer} drawn ({maker})", recorder.times("drawn"), BROWSER)
    TABLE.add(f"drag: {layer} answered by Python ({maker})", recorder.times("answered"), KERNEL)


def test_first_paint(lab):
    lab.page.evaluate(FIRST)
    for _ in ("first, which does not count", "again"):
        shown = lab.show(*(cell(maker) for maker in MAKERS.values()))
        for each in shown:
            each.drawn()
    times = lab.page.evaluate("() => { paintObserver.disconnect(); return painted; }")
    TABLE.add("first paint of an explorer (each of them)", times[len(MAKERS) :], PAINT)


def test_click_to_sound(lab):
    tracks = "[Track(f'track {i:02}', np.full(64_000, 0.1 + i / 100)) for i in range(24)]"
    [shown] = lab.show(f"{IMPORTS}import numpy as np\nex = Player()\nex.load({tracks})\nex")
    buttons = [shown.player.get_by_role("button", name=f"track {i:02}") for i in range(24)]
    lab.page.evaluate(HEARD)
    for _ in ("first", "again"):
        for button in buttons:
            lab.page.wait_for_function(SILENT)
            button.click()
            expect(button).to_have_attribute("aria-pressed", "true")
            lab.page.wait_for_timeout(40)
            lab.page.keyboard.press("Escape")
    heard = lab.page.evaluate("heard")
    TABLE.add("click to sound: samples come from Python", heard[:24], SOUND)
    TABLE.add("click to sound: played before", heard[24:48], SOUND)


def test_stop_and_progress(lab):
    setup, fit = (IMPORTS + TRAINING.format(epochs=100_000)).split('watch = Training("a little network")')
    loop = f'{setup}\nfor i in range(22):\n    watch = Training("a little network"){fit}'.replace("\nhistory", "\n    history")
    lab.start(loop)
    page, here = lab.page, lab.cell(0)
    page.evaluate(STOPPED, here.element_handle())
    frames = []
    for i in range(22):
        status = here.locator("[role=status]").nth(i)
        expect(status).to_contain_text("step")
        if i == 0:
            canvas = here.locator("canvas.dl-canvas")
            frames = page.evaluate(
                """(canvas) => new Promise((done) => {
                  const at = [];
                  new MutationObserver(() => at.push(performance.now())).observe(canvas, { attributeFilter: ["data-frame"] });
                  setTimeout(() => done(at), 6000);
                })""",
                canvas.element_handle(),
            )
        here.get_by_role("button", name="Stop").nth(i).click()
        expect(status).to_contain_text("stopped")
    lab.idle()
    TABLE.add("Stop: the run has ended", page.evaluate("stopped"), CANCEL)
    TABLE.add("training: from frame to frame", np.diff(frames).tolist(), PROGRESS)
