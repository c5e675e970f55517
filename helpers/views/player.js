// Player: one audio context a page, whatever the number of players. Plays what Python sent, never louder nor softer.
const PAGE = Symbol.for("deep-learning-you-can-hear");
const RECORD_SECONDS = 4;
const FADE = 0.005; // seconds: a click at the cut would be heard as part of the sound

const page = () => {
  if (globalThis[PAGE]) return globalThis[PAGE];
  const context = new AudioContext();
  const gain = new GainNode(context, { gain: 0.5 });
  const analyser = new AnalyserNode(context, { fftSize: 2048 });
  gain.connect(analyser).connect(context.destination);
  const volume = { value: 0.5, muted: false };
  const listeners = new Set();
  const set = (changes) => {
    Object.assign(volume, changes);
    gain.gain.setTargetAtTime(volume.muted ? 0 : volume.value, context.currentTime, 0.01);
    listeners.forEach((listen) => listen(volume));
  };
  return (globalThis[PAGE] = { context, gain, analyser, volume, listeners, set, sounds: new Map(), playing: null });
};

const stopAll = () => {
  const { playing, context } = page();
  if (!playing) return;
  page().playing = null;
  playing.gain.gain.setTargetAtTime(0, context.currentTime, FADE / 3);
  playing.source.stop(context.currentTime + FADE * 2);
  playing.ended();
};

const startSound = (buffer, from, ended) => {
  const { context, gain } = page();
  stopAll();
  const own = new GainNode(context);
  const source = new AudioBufferSourceNode(context, { buffer });
  source.connect(own).connect(gain);
  source.start(0, from);
  const playing = { source, gain: own, begun: context.currentTime - from, ended };
  source.onended = () => {
    if (page().playing === playing) {
      page().playing = null;
      ended();
    }
  };
  page().playing = playing;
  return playing;
};

async function recordSound() {
  const unchanged = { echoCancellation: false, autoGainControl: false, noiseSuppression: false };
  const stream = await navigator.mediaDevices.getUserMedia({ audio: unchanged });
  const recorder = new MediaRecorder(stream);
  const blobs = [];
  recorder.ondataavailable = (event) => blobs.push(event.data);
  const stopped = new Promise((done) => (recorder.onstop = done));
  recorder.start();
  setTimeout(() => recorder.stop(), RECORD_SECONDS * 1000);
  await stopped;
  stream.getTracks().forEach((track) => track.stop());
  const heard = await page().context.decodeAudioData(await new Blob(blobs).arrayBuffer());
  return { rate: heard.sampleRate, samples: heard.getChannelData(0) };
}

function render({ model, el }) {
  const link = makeLink(model);
  const arriving = new Map(); // key → parts of a sound on their way
  const awaited = new Map(); // key → what to do once it is here
  let current = null; // key of the track of this player that sounds
  const row = node("div", { class: "dl-player", role: "group", "aria-label": "player" });
  const level = node("span", { class: "dl-level" });
  const bar = node("progress", { max: 1, value: 0, "aria-label": "playhead" });
  el.classList.add("dl-view");
  el.append(row);

  const tracks = () => model.get("tracks");
  const buttons = new Map();
  const paint = () => {
    for (const [key, button] of buttons) {
      button.setAttribute("aria-pressed", String(key === current));
      button.firstChild.textContent = key === current ? "■ " : "▶ ";
    }
    const { volume } = page();
    slider.value = String(volume.value);
    mute.setAttribute("aria-pressed", String(volume.muted));
    mute.textContent = volume.muted ? "muted" : "mute";
  };
  const ended = () => {
    current = null;
    bar.value = 0;
    paint();
  };
  const follow = () => {
    const { playing, context } = page();
    if (!current || !playing) return;
    bar.value = Math.min((context.currentTime - playing.begun) / playing.source.buffer.duration, 1);
    requestAnimationFrame(follow);
  };
  const viewBeside = () => el.closest(".widget-vbox")?.querySelector(".dl-view:has(canvas.dl-canvas)");
  const begin = (key) => {
    const track = tracks().find((t) => t.key === key);
    if (!track) return;
    const { playing, context, sounds } = page();
    const { buffer, level: loud } = sounds.get(key);
    const stay = model.get("together") && current && playing ? (context.currentTime - playing.begun) % buffer.duration : null;
    const led = { key, at: 0, place: () => null, stop() {}, gone: () => !tracks().some((t) => t.key === key) };
    if (track.beats) viewBeside()?.dispatchEvent(new CustomEvent("dl-sound", { detail: led })); // it says where it stands
    const from = stay ?? led.at * (track.beats ?? 0);
    const begun = startSound(buffer, from < buffer.duration ? from : 0, ended);
    const heard = () => Math.max(context.currentTime - begun.begun - (context.outputLatency || 0), 0);
    led.place = () => (page().playing === begun ? heard() / track.beats : null);
    led.stop = () => page().playing === begun && stopAll();
    current = key;
    level.textContent = loud;
    paint();
    follow();
    link.send({ type: "played", key });
  };
  const play = async (key) => {
    await page().context.resume();
    if (page().sounds.has(key)) return begin(key);
    awaited.set(key, () => begin(key));
    link.send({ type: "fetch", key });
  };
  const press = (key) => (current === key ? stopAll() : play(key));

  const mute = node("button", { type: "button", class: "dl-button", "aria-label": "mute", title: "mute all sound (m)" }, "mute");
  mute.addEventListener("click", () => page().set({ muted: !page().volume.muted }));
  const slider = node("input", { type: "range", min: "0", max: "1", step: "0.01", "aria-label": "volume" });
  slider.addEventListener("input", () => page().set({ value: Number(slider.value) }));

  const lay = () => {
    buttons.clear();
    for (const track of tracks()) {
      const button = node("button", { type: "button", class: "dl-button", title: track.level }, node("span"), track.name);
      button.addEventListener("click", () => press(track.key));
      buttons.set(track.key, button);
    }
    if (current && !buttons.has(current)) stopAll();
    const extras = model.get("record") ? [recording()] : [];
    row.replaceChildren(...buttons.values(), ...extras, bar, mute, slider, level);
    row.style.display = buttons.size || extras.length ? "" : "none";
    if (!current) level.textContent = tracks().length === 1 ? tracks()[0].level : "";
    paint();
  };
  const recording = () => {
    const button = node("button", { type: "button", class: "dl-button", title: `record ${RECORD_SECONDS} seconds` }, "● record");
    button.addEventListener("click", async () => {
      stopAll();
      button.disabled = true;
      button.textContent = "● listening…";
      try {
        const { rate, samples } = await recordSound();
        link.send({ type: "recorded", rate, buffers: [samples.slice().buffer] });
        button.textContent = "● record";
      } catch (error) {
        button.textContent = `● no microphone (${error.name})`;
      }
      button.disabled = false;
    });
    return button;
  };

  const receive = (message, buffers) => {
    if (message.type === "play") return play(message.key);
    if (message.type === "stop") return stopAll();
    if (message.type !== "pcm") return;
    if (message.part === 0) arriving.set(message.key, []);
    arriving.get(message.key)?.push(buffers[0]);
    if (message.part < message.parts - 1) return;
    const { key, level } = message;
    if (message.length) page().sounds.set(key, { buffer: decode(arriving.get(key), message), level });
    arriving.delete(message.key);
    awaited.get(message.key)?.();
    awaited.delete(message.key);
  };
  const key = (event) => {
    const n = Number(event.key);
    if (n >= 1 && n <= tracks().length) press(tracks()[n - 1].key);
    else if (event.key === "m") page().set({ muted: !page().volume.muted });
    else if (event.key === "Escape") stopAll();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  row.addEventListener("keydown", key);
  model.on("msg:custom", receive);
  model.on("change:tracks", lay);
  page().listeners.add(paint);
  lay();
  return () => {
    model.off("msg:custom", receive);
    model.off("change:tracks", lay);
    page().listeners.delete(paint);
    link.close();
  };
}

const decode = (parts, { length, rate }) => {
  const buffer = page().context.createBuffer(1, length, rate);
  const samples = buffer.getChannelData(0);
  let at = 0;
  for (const part of parts) {
    const pcm = new Int16Array(part.buffer.slice(part.byteOffset, part.byteOffset + part.byteLength));
    for (const sample of pcm) samples[at++] = sample / 32767;
  }
  return buffer;
};

export default { initialize, render };
