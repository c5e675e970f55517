// Play, step, back, reset, scrub and speed for `count` positions. The position lives here, in the browser;
// `moved(position)` is told of every change, and the kernel only hears where we are. A sound may lead: then the position
// is where the sound is, by the audio's own clock, until it ends or someone stops or scrubs. Where it ends because what it
// belongs to is shown no more, `left` is told: it must not have moved what is shown now.
const SPEEDS = [1, 4, 16, 64, 256, 1024];

function makeTransport({ moved, played, left }) {
  let count = 0;
  let position = 0;
  let speed = 4;
  let playing = false;
  let clock = 0;
  let owed = 0;
  let leader = null; // { key, place() → position or null when it has ended, stop(), gone() → whether it is offered no more }

  const button = (label, text, action) => {
    const made = node("button", { type: "button", "aria-label": label, title: label, class: "dl-button" }, text);
    made.addEventListener("click", action);
    return made;
  };
  const play = button("play", "▶", () => toggle());
  const scrub = node("input", { type: "range", min: "0", step: "1", class: "dl-scrub", "aria-label": "position" });
  const pace = node("select", { class: "dl-speed", "aria-label": "positions per second", title: "positions per second" });
  pace.append(...SPEEDS.map((s) => node("option", { value: String(s), selected: s === speed }, `${s}/s`)));
  const where = node("output", { class: "dl-where" });
  const row = node("div", { class: "dl-transport", role: "group", "aria-label": "transport" },
    button("reset", "«", () => (pause(), go(0))), button("back", "‹", () => (pause(), go(position - 1))), play,
    button("step", "›", () => (pause(), go(position + 1))), scrub, where, pace);

  const paint = () => {
    scrub.max = String(Math.max(count - 1, 0));
    scrub.value = String(position);
    where.textContent = `${position + 1} of ${count}`;
    const runs = playing || leader;
    play.textContent = runs ? "❚❚" : "▶";
    play.setAttribute("aria-label", runs ? "pause" : "play");
    row.style.display = count > 1 ? "" : "none";
  };
  const go = (to, tell = true) => {
    const next = Math.min(Math.max(Math.round(to), 0), Math.max(count - 1, 0));
    const changed = next !== position;
    position = next;
    paint();
    if (changed) moved(position, tell);
  };
  const frame = (now) => {
    if (!playing) return;
    owed += ((now - clock) / 1000) * speed;
    clock = now;
    const steps = Math.floor(owed);
    owed -= steps;
    if (steps) go(position + steps);
    if (position >= count - 1) pause();
    else requestAnimationFrame(frame);
  };
  const start = () => {
    if (playing || count < 2) return;
    if (position >= count - 1) go(0);
    playing = true;
    owed = 0;
    clock = performance.now();
    paint();
    played(true);
    requestAnimationFrame(frame);
  };
  const pause = () => {
    leader?.stop();
    if (leader) letGo();
    if (!playing) return;
    playing = false;
    paint();
    played(false);
  };
  const toggle = () => (playing || leader ? pause() : start());
  const letGo = () => {
    leader = null;
    paint();
  };
  const follow = (sound) => {
    if (count < 2) return;
    sound.at = leader || position >= count - 1 ? 0 : position; // after another sound, or at the end: from the beginning
    leader = null; // it is stopped by the one that begins
    pause();
    leader = sound;
    paint();
    const frame = () => {
      if (leader !== sound) return;
      const place = sound.place();
      if (place === null) {
        letGo();
        return sound.gone() ? left() : undefined;
      }
      go(Math.floor(place + 1e-6));
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  };

  scrub.addEventListener("input", () => {
    const to = Number(scrub.value); // before pause paints the position that was left
    pause();
    go(to);
  });
  pace.addEventListener("change", () => (speed = Number(pace.value)));
  return {
    row,
    go,
    start,
    pause,
    toggle,
    follow,
    get led() {
      return leader !== null;
    },
    get sound() {
      return leader?.key;
    },
    get position() {
      return position;
    },
    resize(to, at) {
      count = to;
      position = Math.min(at, Math.max(count - 1, 0));
      paint();
    },
  };
}
