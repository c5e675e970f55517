// Grid: heat maps, RGB thumbnails and curves on one canvas. Draws and hit-tests what Python sent; computes no result.
const MAX_ZOOM = 1.6;
const SHARE_OF_SCREEN = 0.7; // a picture and its controls fit on one screen
const FONT = "14px var(--jp-ui-font-family, system-ui, sans-serif)";
const NUMBERS_FROM_PX = 26;

const floats = (view) => new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
const clamp = (x, lo, hi) => Math.min(Math.max(x, lo), hi);
const plain = (x, digits) => (Number.isFinite(x) ? x.toFixed(digits).replace(/^-0(\.0*)?$/, "0$1").replace("-", "−") : "");

// geometry: panels know cells; cells know px
const shownRow = (panel, row) => (panel.flip ? panel.shape[0] - 1 - row : row);
const cellBox = (panel, row, column, height = 1, width = 1) => {
  if (panel.kind === "line") {
    const each = panel.size[0] / panel.shape[1];
    return [panel.x + column * each, panel.y, width * each, panel.size[1]];
  }
  const top = panel.flip ? panel.shape[0] - row - height : row;
  return [panel.x + column * panel.cell[0], panel.y + top * panel.cell[1], width * panel.cell[0], height * panel.cell[1]];
};
const cellAt = (panel, x, y) => {
  if (x < panel.x || y < panel.y || x >= panel.x + panel.size[0] || y >= panel.y + panel.size[1]) return null;
  if (panel.kind === "line") return { panel, row: 0, column: Math.floor(((x - panel.x) / panel.size[0]) * panel.shape[1]) };
  const row = clamp(Math.floor((y - panel.y) / panel.cell[1]), 0, panel.shape[0] - 1);
  const column = clamp(Math.floor((x - panel.x) / panel.cell[0]), 0, panel.shape[1] - 1);
  return { panel, row: shownRow(panel, row), column };
};

function render({ model, el }) {
  const link = makeLink(model);
  const canvas = node("canvas", { tabindex: "0", role: "img", class: "dl-canvas" });
  const tip = node("div", { class: "dl-tip" });
  const caption = node("div", { class: "dl-caption", "aria-live": "polite" });
  const stage = node("div", { class: "dl-stage" }, canvas, tip);
  const transport = makeTransport({
    moved(position, tell) {
      if (tell) link.send({ type: "position", position });
      redraw();
    },
    played: (playing) => link.send({ type: "playing", playing }),
  });
  el.classList.add("dl-view");
  el.append(stage, transport.row, caption);

  const pen = canvas.getContext("2d");
  const still = node("canvas"); // what neither the pointer nor a live number changes, drawn once
  let ctx = pen;
  const pictures = new Map(); // panel name → an off-screen canvas with one pixel per cell
  let spec = { panels: [], width: 0, height: 0 };
  const buffers = { data: new Float32Array(), live: new Float32Array(), thumbs: new Uint8Array() };
  let zoom = 1;
  let cursor = null; // the cell under the pointer or the keyboard
  let painting = null;
  let asked = 0;
  let stale = true;
  let frames = 0;

  const values = (panel) => {
    const n = panel.shape.reduce((a, b) => a * b, 1);
    const found = buffers[panel.buffer].subarray(panel.offset, panel.offset + n);
    if (!panel.coarse) return found;
    return Float32Array.from(found, (byte) => panel.lo + ((panel.hi - panel.lo) * byte) / 255);
  };
  const named = (name) => spec.panels.find((panel) => panel.name === name);
  const colour = (variable, otherwise) => getComputedStyle(el).getPropertyValue(variable).trim() || otherwise;

  // ---- drawing
  const picture = (panel) => {
    if (pictures.has(panel.name)) return pictures.get(panel.name);
    const [rows, columns] = panel.shape;
    const made = node("canvas", { width: columns, height: rows });
    const pen = made.getContext("2d");
    const image = pen.createImageData(columns, rows);
    const numbers = values(panel);
    const palette = new Uint8Array(model.get("palette").buffer, model.get("palette").byteOffset);
    const from = panel.palette === "diverging" ? 768 : 0;
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        const to = 4 * (shownRow(panel, row) * columns + column);
        const at = row * columns + column;
        if (panel.kind === "rgb") for (let k = 0; k < 3; k++) image.data[to + k] = 255 * numbers[3 * at + k];
        else {
          const level = clamp((numbers[at] - panel.lo) / (panel.hi - panel.lo || 1), 0, 1);
          const entry = from + 3 * Math.round(255 * level);
          for (let k = 0; k < 3; k++) image.data[to + k] = palette[entry + k];
        }
        image.data[to + 3] = Number.isNaN(numbers[panel.kind === "rgb" ? 3 * at : at]) ? 0 : 255;
      }
    pen.putImageData(image, 0, 0);
    pictures.set(panel.name, made);
    return made;
  };

  const write = (text, x, y, { align = "left", base = "alphabetic", font = FONT, fill } = {}) => {
    ctx.font = font.replace(/var\([^,]+, ([^)]+)\)/, "$1");
    ctx.textAlign = align;
    ctx.textBaseline = base;
    ctx.fillStyle = fill || colour("--jp-content-font-color1", "#222");
    ctx.fillText(text, x, y);
  };

  const drawNumbers = (panel, shades) => {
    const [rows, columns] = panel.shape;
    const numbers = values(panel);
    const size = clamp(panel.cell[0] / 3.2, 12, 22);
    const shade = shades.getContext("2d").getImageData(0, 0, columns, rows).data;
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        const [x, y, w, h] = cellBox(panel, row, column);
        const at = 4 * (shownRow(panel, row) * columns + column);
        const bright = 0.299 * shade[at] + 0.587 * shade[at + 1] + 0.114 * shade[at + 2];
        write(plain(numbers[row * columns + column], panel.digits), x + w / 2, y + h / 2 + 1, {
          align: "center", base: "middle", font: `${size}px sans-serif`, fill: bright > 140 ? "#111" : "#fff",
        });
      }
  };

  const drawTicks = (panel) => {
    const every = (names, px) => Math.max(1, Math.ceil(names.length / Math.max(1, Math.floor(px / 60))));
    const [rows, columns] = panel.shape;
    const faint = { font: "13px sans-serif", fill: colour("--jp-content-font-color2", "#555") };
    if (panel.row_names) {
      const step = panel.cell[1] >= 18 ? 1 : every(panel.row_names, panel.size[1] * 1.5);
      for (let row = 0; row < rows; row += step) {
        const [x, y, , h] = cellBox(panel, row, 0);
        write(panel.row_names[row], x - 6, y + h / 2, { align: "right", base: "middle", ...faint });
      }
    }
    if (panel.column_names) {
      const turned = panel.cell[0] >= 18;
      const step = turned ? 1 : every(panel.column_names, panel.size[0]);
      for (let column = 0; column < columns; column += step) {
        ctx.save();
        ctx.translate(panel.x + (column + 0.5) * panel.cell[0], panel.y + panel.size[1] + (turned ? 8 : 16));
        if (turned) ctx.rotate(-Math.PI / 4);
        write(panel.column_names[column], 0, 0, { align: turned ? "right" : "center", base: turned ? "middle" : "alphabetic", ...faint });
        ctx.restore();
      }
    }
  };

  const drawHeat = (panel) => {
    const shades = picture(panel);
    ctx.imageSmoothingEnabled = false;
    ctx.drawImage(shades, panel.x, panel.y, ...panel.size);
    ctx.strokeStyle = colour("--jp-border-color1", "#999");
    ctx.lineWidth = 1;
    ctx.strokeRect(panel.x - 0.5, panel.y - 0.5, panel.size[0] + 1, panel.size[1] + 1);
    if (panel.pad && panel.pad[0] + panel.pad[1] > 0) {
      const [up, side] = panel.pad;
      ctx.setLineDash([4, 3]);
      ctx.strokeRect(...cellBox(panel, up, side, panel.shape[0] - 2 * up, panel.shape[1] - 2 * side));
      ctx.setLineDash([]);
    }
    if (panel.numbers && Math.min(...panel.cell) >= NUMBERS_FROM_PX) drawNumbers(panel, shades);
    if (panel.ticks) drawTicks(panel);
  };

  const drawLine = (panel) => {
    const [series, n] = panel.shape;
    const numbers = values(panel);
    const [x, y] = [panel.x, panel.y];
    const [w, h] = panel.size;
    const height = (v) => y + h - clamp((v - panel.lo) / (panel.hi - panel.lo || 1), -0.02, 1.02) * h;
    ctx.strokeStyle = colour("--jp-border-color1", "#999");
    ctx.lineWidth = 1;
    ctx.strokeRect(x - 0.5, y - 0.5, w + 1, h + 1);
    if (panel.lo < 0 && panel.hi > 0) {
      ctx.beginPath();
      ctx.moveTo(x, height(0));
      ctx.lineTo(x + w, height(0));
      ctx.stroke();
    }
    for (let s = 0; s < series; s++) {
      ctx.strokeStyle = spec.series[s % spec.series.length];
      ctx.lineWidth = n > 200 ? 1.2 : 2;
      ctx.beginPath();
      let pen = false;
      for (let i = 0; i < n; i++) {
        const v = numbers[s * n + i];
        if (Number.isNaN(v)) { pen = false; continue; }
        const at = [x + (n > 1 ? (i / (n - 1)) * w : w / 2), height(v)];
        if (pen) ctx.lineTo(...at);
        else ctx.moveTo(...at);
        pen = true;
      }
      ctx.stroke();
      if (panel.names && panel.names.length > 1) {
        write(panel.names[s], x + w - 8, y + 18 + 18 * s, { align: "right" });
        const end = x + w - 16 - ctx.measureText(panel.names[s]).width;
        ctx.lineWidth = 3;
        ctx.beginPath();
        ctx.moveTo(end - 20, y + 13 + 18 * s);
        ctx.lineTo(end, y + 13 + 18 * s);
        ctx.stroke();
      }
    }
    if (!panel.ticks) return;
    const faint = { font: "13px sans-serif", fill: colour("--jp-content-font-color2", "#555") };
    write(plain(panel.hi, panel.digits), x - 6, y + 8, { align: "right", base: "middle", ...faint });
    write(plain(panel.lo, panel.digits), x - 6, y + h - 6, { align: "right", base: "middle", ...faint });
    write(`${panel.x_range[0]}`, x, y + h + 16, faint);
    write(`${panel.x_range[1]}`, x + w, y + h + 16, { align: "right", ...faint });
  };

  const outline = (box, ink, width = 3) => {
    ctx.strokeStyle = "rgba(0,0,0,0.55)";
    ctx.lineWidth = width + 2;
    ctx.strokeRect(...box);
    ctx.strokeStyle = ink;
    ctx.lineWidth = width;
    ctx.strokeRect(...box);
  };

  const drawSlide = () => {
    const slide = model.get("slide");
    const out = slide.output && named(slide.output);
    if (!out) return;
    const row = Math.floor(transport.position / out.shape[1]);
    const column = transport.position % out.shape[1];
    outline(cellBox(out, row, column), spec.ink.window);
    const [height, width] = slide.kernel;
    const gap = slide.dilation;
    for (const name of slide.inputs) {
      const panel = named(name);
      const [top, left] = [row * slide.stride, column * slide.stride];
      if (gap > 1)
        for (let u = 0; u < height; u++)
          for (let v = 0; v < width; v++) outline(cellBox(panel, top + u * gap, left + v * gap), spec.ink.window, 1);
      outline(cellBox(panel, top, left, gap * (height - 1) + 1, gap * (width - 1) + 1), spec.ink.window);
    }
  };

  const drawPanel = (panel) => {
    if (panel.kind === "line") drawLine(panel);
    else drawHeat(panel);
    if (panel.title) write(panel.title, panel.x, panel.y - 8);
    const faint = { font: "13px sans-serif", fill: colour("--jp-content-font-color2", "#555") };
    if (panel.column_axis) write(panel.column_axis, panel.x + panel.size[0] / 2, panel.y + panel.size[1] + (panel.axis_gap || 34), { align: "center", ...faint });
  };
  const drawStill = (sharp) => {
    [still.width, still.height] = [canvas.width, canvas.height];
    ctx = still.getContext("2d");
    ctx.setTransform(sharp, 0, 0, sharp, 0, 0);
    for (const panel of spec.panels) if (!panel.live) drawPanel(panel);
    ctx = pen;
    stale = false;
  };

  const draw = () => {
    asked = 0;
    if (!spec.panels.length || !el.clientWidth) return;
    const fits = Math.max((SHARE_OF_SCREEN * innerHeight) / spec.height, 0.8);
    zoom = Math.min(el.clientWidth / spec.width, MAX_ZOOM, fits);
    const sharp = pixelRatio() * zoom;
    canvas.style.width = `${spec.width * zoom}px`;
    canvas.style.height = `${spec.height * zoom}px`;
    canvas.width = Math.round(spec.width * sharp);
    canvas.height = Math.round(spec.height * sharp);
    if (stale || still.width !== canvas.width || still.height !== canvas.height) drawStill(sharp);
    ctx.drawImage(still, 0, 0);
    ctx.setTransform(sharp, 0, 0, sharp, 0, 0);
    for (const panel of spec.panels) if (panel.live) drawPanel(panel);
    for (const mark of model.get("marks")) {
      const panel = named(mark.panel);
      if (panel) outline(panel.kind === "line" ? [panel.x, panel.y, ...panel.size] : cellBox(panel, mark.row, mark.column, mark.height, mark.width), spec.ink[mark.ink], mark.weight || 3);
    }
    drawSlide();
    if (cursor && (cursor.panel.hover || cursor.panel.click || cursor.panel.edit)) {
      const { panel, row, column } = cursor;
      outline(panel.whole || panel.kind === "line" ? [panel.x, panel.y, ...panel.size] : cellBox(panel, row, column), spec.ink.window, 2);
    }
    for (const label of model.get("labels"))
      write(label.text, label.x, label.y, { align: label.align || "center", base: "middle", font: `${label.size || 16}px sans-serif` });
    canvas.dataset.frame = String(++frames);
  };
  const redraw = () => {
    if (!asked) asked = requestAnimationFrame(draw);
  };
  const refresh = () => {
    stale = true;
    redraw();
  };

  // ---- what the pointer and the keys do
  const where = (event) => {
    const box = canvas.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.left) / zoom, (event.clientY - box.top) / zoom];
    for (const panel of spec.panels) {
      const hit = cellAt(panel, x, y);
      if (hit) return hit;
    }
    return null;
  };
  const follow = ({ panel, row, column }) => {
    const slide = model.get("slide");
    const out = slide.output && named(slide.output);
    if (!out || ![slide.output, ...slide.inputs].includes(panel.name)) return;
    const centred = (cell, size) => Math.round((cell - (slide.dilation * (size - 1)) / 2) / slide.stride);
    const [r, c] = panel === out ? [row, column] : [centred(row, slide.kernel[0]), centred(column, slide.kernel[1])];
    transport.pause();
    transport.go(clamp(r, 0, out.shape[0] - 1) * out.shape[1] + clamp(c, 0, out.shape[1] - 1));
  };
  const explain = (event) => {
    const hit = cursor;
    const silent = !hit || (hit.panel.kind === "rgb" && !hit.panel.row_names);
    tip.style.display = silent || hit.panel.whole ? "none" : "block";
    if (silent || !event) return;
    const { panel, row, column } = hit;
    const numbers = values(panel);
    const n = panel.shape[1];
    let said;
    if (panel.kind === "line") {
      const [lo, hi] = panel.x_range;
      const at = plain(lo + ((hi - lo) * column) / Math.max(n - 1, 1), 2);
      said = [at, ...Array.from({ length: panel.shape[0] }, (_, s) => plain(numbers[s * n + column], panel.digits))];
    } else
      said = [panel.row_names?.[row], panel.column_names?.[column], `${plain(numbers[row * n + column], panel.digits)}${panel.unit || ""}`];
    tip.textContent = said.filter(Boolean).join(" · ");
    const box = stage.getBoundingClientRect();
    tip.style.left = `${Math.min(event.clientX - box.left + 14, box.width - tip.offsetWidth - 4)}px`;
    tip.style.top = `${event.clientY - box.top + 18}px`;
  };
  const point = (hit) => {
    const same = hit && cursor && hit.panel === cursor.panel && (hit.panel.whole || (hit.row === cursor.row && hit.column === cursor.column));
    cursor = hit;
    if (same || (!hit && !painting)) return redraw();
    if (hit) follow(hit);
    if (hit?.panel.hover) link.send({ type: "hover", panel: hit.panel.name, row: hit.row, column: hit.column });
    redraw();
  };
  const put = (panel, row, column, value) => {
    values(panel)[row * panel.shape[1] + column] = value;
    pictures.delete(panel.name);
    stale = true;
  };
  const paint = (hit, value = model.get("brush")) => {
    const at = hit.row * hit.panel.shape[1] + hit.column;
    if (values(hit.panel)[at] === value) return;
    put(hit.panel, hit.row, hit.column, value);
    link.send({ type: "paint", panel: hit.panel.name, row: hit.row, column: hit.column, value });
    redraw();
  };
  const click = (hit) => hit.panel.click && link.send({ type: "click", panel: hit.panel.name, row: hit.row, column: hit.column });

  canvas.addEventListener("pointermove", (event) => {
    const hit = where(event);
    if (painting && hit?.panel.name === painting) paint(hit);
    point(hit);
    explain(event);
    canvas.style.cursor = hit?.panel.click || hit?.panel.edit ? "pointer" : "default";
  });
  canvas.addEventListener("pointerleave", () => {
    cursor = null;
    tip.style.display = "none";
    redraw();
  });
  canvas.addEventListener("pointerdown", (event) => {
    const hit = where(event);
    if (!hit) return;
    if (hit.panel.edit) {
      painting = hit.panel.name; // panels are replaced by the kernel's answer while the pointer is still down
      paint(hit);
    }
    click(hit);
  });
  const lift = () => (painting = null);
  addEventListener("pointerup", lift);

  const targets = () => spec.panels.filter((panel) => panel.click || panel.edit);
  const walk = (dx, dy) => {
    if (!cursor || !targets().includes(cursor.panel)) cursor = { panel: targets()[0], row: 0, column: 0 };
    const { panel } = cursor;
    const [row, column] = [cursor.row + (panel.flip ? -dy : dy), cursor.column + dx];
    const inside = !panel.whole && row >= 0 && column >= 0 && row < panel.shape[0] && column < panel.shape[1];
    if (inside) return point({ panel, row, column });
    const middle = (p) => [p.x + p.size[0] / 2, p.y + p.size[1] / 2];
    const [x, y] = middle(panel);
    const ahead = targets()
      .map((p) => ({ p, along: (middle(p)[0] - x) * dx + (middle(p)[1] - y) * dy, aside: Math.abs((middle(p)[0] - x) * dy) + Math.abs((middle(p)[1] - y) * dx) }))
      .filter(({ along, aside }) => along > 1 && aside <= along)
      .sort((a, b) => a.along + 2 * a.aside - b.along - 2 * b.aside);
    if (ahead.length) point({ panel: ahead[0].p, row: 0, column: 0 });
  };
  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const paints = { "+": 1, "=": 1, "-": -1, 0: 0 };
  const key = (event) => {
    const scrubs = model.get("count") > 1 && !event.shiftKey;
    const out = named(model.get("slide").output);
    if (event.key in arrows) {
      const [dx, dy] = arrows[event.key];
      if (scrubs) transport.go(transport.position + dx + dy * (out ? out.shape[1] * (out.flip ? -1 : 1) : 1));
      else if (targets().length) walk(dx, dy);
      else return;
    } else if (event.key === " " && scrubs) transport.toggle();
    else if (event.key === "Home" && scrubs) transport.go(0);
    else if (event.key === "End" && scrubs) transport.go(model.get("count") - 1);
    else if ((event.key === "Enter" || event.key === " ") && cursor) click(cursor);
    else if (event.key in paints && cursor?.panel.edit) paint(cursor, paints[event.key]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  canvas.addEventListener("keydown", key);

  // ---- what Python changes
  const lay = () => {
    spec = { ...model.get("spec"), panels: [...(model.get("spec").panels || []), ...model.get("live_spec")] };
    cursor = cursor && named(cursor.panel.name) ? { ...cursor, panel: named(cursor.panel.name) } : null;
  };
  const take = () => {
    lay();
    buffers.data = floats(model.get("data"));
    buffers.live = floats(model.get("live"));
    buffers.thumbs = new Uint8Array(model.get("thumbs").buffer, model.get("thumbs").byteOffset, model.get("thumbs").byteLength);
    pictures.clear();
    for (const { panel, row, column, value } of link.waiting("paint")) if (named(panel)) put(named(panel), row, column, value);
    refresh();
  };
  const takeLive = () => {
    lay();
    buffers.live = floats(model.get("live"));
    for (const panel of spec.panels) if (panel.live) pictures.delete(panel.name);
    redraw();
  };
  const tell = () => {
    canvas.setAttribute("aria-label", model.get("alt"));
    caption.textContent = model.get("caption");
  };
  const wind = () => transport.resize(model.get("count"), model.get("position"));
  const move = () => {
    if (!link.waiting("position").length) transport.go(model.get("position"), false);
  };
  const run = () => (model.get("playing") ? transport.start() : transport.pause());
  const listeners = {
    "change:spec": take, "change:data": take, "change:thumbs": take, "change:live": takeLive, "change:live_spec": takeLive,
    "change:marks": redraw, "change:slide": redraw, "change:labels": redraw, "change:alt": tell, "change:caption": tell, "change:count": wind, "change:position": move,
    "change:playing": run,
  };
  for (const [event, listener] of Object.entries(listeners)) model.on(event, listener);
  const sized = new ResizeObserver(redraw);
  sized.observe(el);
  const themed = new MutationObserver(refresh);
  themed.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name"] });
  take();
  tell();
  wind();
  link.send({ type: "ready" });
  return () => {
    for (const [event, listener] of Object.entries(listeners)) model.off(event, listener);
    sized.disconnect();
    themed.disconnect();
    removeEventListener("pointerup", lift);
    transport.pause();
    link.close();
  };
}

const pixelRatio = () => globalThis.devicePixelRatio || 1;

export default { render };
