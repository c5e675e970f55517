// Grid: heat maps, RGB thumbnails and curves on one canvas. Draws and hit-tests what Python sent; computes no result.
// geometry.js knows where the cells are, numbers.js what they hold, paint.js how they look, hand.js what the pointer and
// the keys do; here they meet the model.
const MAX_ZOOM = 1.6;
const THEME_MS = [0, 100, 300, 1000, 3000];
const SHARE_OF_SCREEN = 0.7; // a picture and its controls fit on one screen

function render({ model, el }) {
  const canvas = node("canvas", { tabindex: "0", role: "img", class: "dl-canvas" });
  const tip = node("div", { class: "dl-tip" });
  const caption = node("div", { class: "dl-caption", "aria-live": "polite" });
  const stage = node("div", { class: "dl-stage" }, canvas, tip);
  const link = makeLink(model);
  const numbers = makeNumbers(model);
  const transport = makeTransport({
    moved(position, tell) {
      const { sound } = transport; // the kernel knows whether it still belongs to what is shown
      if (tell) link.send({ type: "position", position, ...(sound && { sound }) });
      redraw();
    },
    played: (playing) => link.send({ type: "playing", playing }),
    left: () => transport.go(model.get("position"), false),
  });
  el.classList.add("dl-view");
  el.append(stage, transport.row, caption);

  const pen = canvas.getContext("2d");
  const still = node("canvas"); // what neither the pointer nor a live number changes, drawn once
  let stale = true;
  let asked = 0;
  let frames = 0;
  const redraw = () => {
    if (!asked) asked = requestAnimationFrame(draw);
  };
  const refresh = () => {
    stale = true;
    redraw();
  };
  const named = (name) => view.spec.panels.find((panel) => panel.name === name);
  const view = {
    model, link, transport, numbers, canvas, stage, tip, named, redraw, refresh,
    spec: { panels: [], width: 0, height: 0 },
    zoom: 1,
    cursor: null, // the cell under the pointer or the keyboard
    held: null, // the dot or bar of a plane that is being moved, and where it is
    chosen: null, // the one that the keys move
    px(event) {
      const box = canvas.getBoundingClientRect();
      return [(event.clientX - box.left) / view.zoom, (event.clientY - box.top) / view.zoom];
    },
  };
  const hand = makeHand(view);
  el.addEventListener("dl-sound", ({ detail }) => transport.follow(detail)); // the player in the same box begins

  // drawing
  const draw = () => {
    const { spec } = view;
    asked = 0;
    if (!spec.panels.length || !el.clientWidth) return;
    const sharp = fit();
    const theme = themeOf(el);
    const look = { theme, series: spec.series, ink: spec.ink };
    const other = still.width !== canvas.width || still.height !== canvas.height || still.dataset.ink !== theme.text.fill;
    if (stale || other) drawStill(sharp, look);
    pen.drawImage(still, 0, 0);
    pen.setTransform(sharp, 0, 0, sharp, 0, 0);
    for (const panel of spec.panels) if (panel.live) drawPanel(pen, panel, numbers, look);
    for (const panel of spec.panels) OVER[panel.kind]?.(pen, panel, numbers, look, view);
    drawOutlines();
    for (const { text, x, y, align = "center", size = 16 } of model.get("labels"))
      write(pen, text, x, y, { ...theme.text, font: `${size}px sans-serif`, align, base: "middle" });
    canvas.dataset.frame = String(++frames);
  };
  const fit = () => {
    const { width, height } = view.spec;
    const fits = Math.max((SHARE_OF_SCREEN * innerHeight) / height, 0.8);
    view.zoom = Math.min(el.clientWidth / width, MAX_ZOOM, fits);
    const sharp = (globalThis.devicePixelRatio || 1) * view.zoom;
    canvas.style.width = `${width * view.zoom}px`;
    canvas.style.height = `${height * view.zoom}px`;
    canvas.width = Math.round(width * sharp);
    canvas.height = Math.round(height * sharp);
    return sharp;
  };
  const drawStill = (sharp, look) => {
    [still.width, still.height, still.dataset.ink] = [canvas.width, canvas.height, look.theme.text.fill];
    const pen = still.getContext("2d");
    pen.setTransform(sharp, 0, 0, sharp, 0, 0);
    for (const panel of view.spec.panels) if (!panel.live) drawPanel(pen, panel, numbers, look);
    stale = false;
  };
  const drawOutlines = () => {
    const { spec, cursor } = view;
    const boxOf = (panel, whole, ...cells) => (whole || panel.kind === "line" ? panelBox(panel) : cellBox(panel, ...cells));
    for (const { panel: name, row, column, height, width, ink: colour, weight } of model.get("marks")) {
      const panel = named(name);
      if (panel) outline(pen, boxOf(panel, false, row, column, height, width), spec.ink[colour], weight || 3);
    }
    const slide = model.get("slide");
    const out = slide.output && named(slide.output);
    const windows = out ? windowBoxes(slide, out, transport.position, named) : [];
    for (const [box, width] of windows) outline(pen, box, spec.ink.window, width);
    if (!cursor || cursor.panel.kind === "plane") return;
    const { panel, row, column } = cursor;
    if (panel.hover || panel.click || panel.edit) outline(pen, boxOf(panel, panel.whole, row, column), spec.ink.window, 2);
  };

  // what Python changes
  const lay = () => {
    const { cursor } = view;
    view.spec = { ...model.get("spec"), panels: [...(model.get("spec").panels || []), ...model.get("live_spec")] };
    view.cursor = cursor && named(cursor.panel.name) ? { ...cursor, panel: named(cursor.panel.name) } : null;
  };
  const take = () => {
    lay();
    numbers.take();
    for (const { panel, row, column, value } of link.waiting("paint"))
      if (named(panel)) numbers.put(named(panel), row, column, value);
    refresh();
  };
  const takeLive = () => {
    lay();
    numbers.takeLive(view.spec.panels);
    redraw();
  };
  const tell = () => {
    canvas.setAttribute("aria-label", model.get("alt"));
    caption.textContent = model.get("caption");
  };
  const wind = () => transport.resize(model.get("count"), model.get("position"));
  const move = () => {
    if (!transport.led && !link.waiting("position").length) transport.go(model.get("position"), false);
  };
  const run = () => (model.get("playing") ? transport.start() : transport.pause());
  const changes = [
    [take, ["spec", "data", "thumbs"]],
    [takeLive, ["live", "live_spec"]],
    [redraw, ["marks", "slide", "labels", "weights", "places"]],
    [tell, ["alt", "caption"]],
    [wind, ["count"]],
    [move, ["position"]],
    [run, ["playing"]],
  ];
  const listeners = changes.flatMap(([listener, traits]) => traits.map((trait) => [`change:${trait}`, listener]));
  for (const [event, listener] of listeners) model.on(event, listener);
  const sized = new ResizeObserver(redraw);
  sized.observe(el);
  // JupyterLab names a new theme before its colours are there, and no event tells when they are
  const themed = new MutationObserver(() => THEME_MS.forEach((ms) => setTimeout(redraw, ms)));
  themed.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name"] });
  take();
  tell();
  wind();
  link.send({ type: "ready" });
  return () => {
    for (const [event, listener] of listeners) model.off(event, listener);
    sized.disconnect();
    themed.disconnect();
    hand.close();
    transport.pause();
    link.close();
  };
}

export default { initialize, render };
