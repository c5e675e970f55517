// A plane: a plot in units of its own, whose points, bars and arrows Python sent in layers. Drawn here in two parts:
// what stands still, once, and on every frame what is timed or can be dragged. Then the hand that drags and picks.
const REACH_PX = 8; // this far beside a dot still counts
const EDGED_FROM_PX = 4;
const STIR_PX = 3; // less is a click, not a drag
const STEPS = 40; // key presses from one end of a plane to the other

const toPx = (panel, x, y) => {
  const [[left, right], [low, high]] = [panel.x_range, panel.y_range];
  const along = (x - left) / (right - left);
  const up = (y - low) / (high - low);
  return [panel.x + along * panel.size[0], panel.y + (1 - up) * panel.size[1]];
};
const fromPx = (panel, px, py) => {
  const [[left, right], [low, high]] = [panel.x_range, panel.y_range];
  const along = clamp((px - panel.x) / panel.size[0], 0, 1);
  const up = clamp(1 - (py - panel.y) / panel.size[1], 0, 1);
  return [left + along * (right - left), low + up * (high - low)];
};
const stirs = (layer) => layer.timed || layer.drag;
const HELD = new Set(["dots", "stems"]); // kinds of layers whose points the hand takes
const inkOf = (look, ink) => {
  if (typeof ink === "number") return look.series[ink % look.series.length];
  if (ink.startsWith("#")) return ink;
  return { text: look.theme.text.fill, faint: look.theme.faint.fill, white: "#fff" }[ink] ?? look.ink[ink];
};
const inkAt = (look, layer, i) => inkOf(look, Array.isArray(layer.ink) ? layer.ink[i] : layer.ink);

// a layer's points in px, with the one that is being dragged where the pointer has it; what follows their places stays
const pointsOf = (panel, layer, numbers, held) => {
  const values = numbers.layer(panel, layer);
  const { count, columns, places } = layer;
  const points = Array.from({ length: count }, (_, i) => [...values.subarray(i * columns, (i + 1) * columns)]);
  if (held?.panel === panel.name && held.layer === layer.name && points[held.index]) points[held.index] = [held.x, held.y];
  for (const point of points)
    for (let k = 0; k < 2 * places; k += 2) point.splice(k, 2, ...toPx(panel, point[k], point[k + 1]));
  return points;
};

// layers

// filled, with a white edge; a small one would be all edge
const fillEdged = (pen, radius, fill) => {
  pen.fillStyle = fill;
  pen.fill();
  if (radius < EDGED_FROM_PX) return;
  [pen.strokeStyle, pen.lineWidth] = ["#fff", 1.5];
  pen.stroke();
};
const disc = (pen, [x, y], radius, fill) => {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  fillEdged(pen, radius, fill);
};
const LAYERS = {
  path(pen, panel, layer, points, look, { position }) {
    const come = layer.timed ? points.slice(0, position + 1) : points;
    pen.strokeStyle = inkAt(look, layer, 0);
    pen.lineWidth = layer.size;
    pen.setLineDash(layer.dash ? [6, 4] : []);
    pen.beginPath();
    let down = false;
    for (const [x, y] of come) {
      const seen = !Number.isNaN(x + y);
      if (seen) down ? pen.lineTo(x, y) : pen.moveTo(x, y);
      down = seen;
    }
    pen.stroke();
    pen.setLineDash([]);
    const head = layer.timed && come.filter(([x, y]) => !Number.isNaN(x + y)).at(-1);
    if (head) disc(pen, head, layer.size + 3, inkAt(look, layer, 0));
  },
  dots(pen, panel, layer, points, look, { position }) {
    const only = layer.timed ? Math.min(position, points.length - 1) : null;
    points.forEach((point, i) => {
      if (Number.isNaN(point[0] + point[1]) || (only !== null && i !== only)) return;
      SHAPES[layer.shape](pen, point, layer.size, inkAt(look, layer, i));
      if (layer.written && layer.names[i]) {
        const { text, paper } = look.theme;
        [pen.font, pen.textAlign, pen.textBaseline, pen.lineWidth, pen.strokeStyle] = [text.font, "left", "alphabetic", 3, paper];
        pen.strokeText(layer.names[i], point[0] + layer.size + 4, point[1] - 4);
        write(pen, layer.names[i], point[0] + layer.size + 4, point[1] - 4, text);
      }
    });
  },
  arrows(pen, panel, layer, points, look, { position }) {
    const only = layer.timed ? Math.min(position, points.length - 1) : null;
    points.forEach(([x, y, toX, toY], i) => {
      if (Number.isNaN(x + y + toX + toY) || (only !== null && i !== only)) return;
      const length = Math.hypot(toX - x, toY - y);
      if (length < 0.5) return;
      const [dx, dy] = [(toX - x) / length, (toY - y) / length];
      const tip = Math.min(4 + 2 * layer.size, length);
      pen.strokeStyle = pen.fillStyle = inkAt(look, layer, i);
      pen.lineWidth = layer.size;
      stroke(pen, [x, y], [toX - dx * tip, toY - dy * tip]);
      pen.beginPath();
      pen.moveTo(toX, toY);
      pen.lineTo(toX - dx * tip - dy * tip * 0.5, toY - dy * tip + dx * tip * 0.5);
      pen.lineTo(toX - dx * tip + dy * tip * 0.5, toY - dy * tip - dx * tip * 0.5);
      pen.fill();
    });
  },
  stems(pen, panel, layer, points, look) {
    const [low, high] = panel.y_range;
    const [, ground] = toPx(panel, 0, clamp(0, low, high));
    points.forEach(([x, y], i) => {
      if (Number.isNaN(x + y)) return;
      pen.fillStyle = inkAt(look, layer, i);
      pen.fillRect(x - layer.size / 2, Math.min(y, ground), layer.size, Math.max(Math.abs(ground - y), 1));
      if (layer.drag) disc(pen, [x, y], 5, inkAt(look, layer, i));
    });
  },
};
const polygon = (corners) => (pen, [x, y], radius, fill) => {
  pen.beginPath();
  for (const [dx, dy] of corners) pen.lineTo(x + dx * radius, y + dy * radius);
  pen.closePath();
  fillEdged(pen, radius, fill);
};
const SHAPES = {
  circle: disc,
  square: polygon([[-1, -1], [1, -1], [1, 1], [-1, 1]]),
  triangle: polygon([[0, -1.2], [1.1, 0.8], [-1.1, 0.8]]),
  cross(pen, [x, y], radius, ink) {
    for (const [colour, width] of [["#fff", 5], [ink, 2.5]]) {
      [pen.strokeStyle, pen.lineWidth] = [colour, width];
      stroke(pen, [x - radius, y - radius], [x + radius, y + radius]);
      stroke(pen, [x - radius, y + radius], [x + radius, y - radius]);
    }
  },
  ring(pen, [x, y], radius, ink) {
    for (const [colour, width] of [["#fff", 4.5], [ink, 2.5]]) {
      pen.beginPath();
      pen.arc(x, y, radius, 0, 2 * Math.PI);
      [pen.strokeStyle, pen.lineWidth] = [colour, width];
      pen.stroke();
    }
  },
};

const drawLayers = (pen, panel, layers, numbers, look, { held, position }) => {
  const [x, y, w, h] = panelBox(panel);
  const room = Math.max(...layers.map((layer) => (layer.kind === "dots" ? layer.size + 2 : 1)), 1);
  for (const layer of layers) {
    const beyond = layer.kind === "dots" ? room : layer.drag || layer.timed ? 8 : 0; // a head on the edge is shown whole
    pen.save();
    pen.beginPath();
    pen.rect(x - beyond, y - beyond, w + 2 * beyond + (layer.written ? 200 : 0), h + 2 * beyond);
    pen.clip();
    LAYERS[layer.kind](pen, panel, layer, pointsOf(panel, layer, numbers, held), look, { position });
    pen.restore();
  }
};

// the plane

const drawSurface = (pen, panel, numbers) => {
  const [rows, columns] = panel.shape;
  const [x, y, w, h] = panelBox(panel);
  const [side, up] = [w / Math.max(columns - 1, 1) / 2, h / Math.max(rows - 1, 1) / 2]; // the ends' cells stand on the edges
  pen.save();
  pen.beginPath();
  pen.rect(x, y, w, h);
  pen.clip();
  pen.imageSmoothingEnabled = true;
  pen.imageSmoothingQuality = "low";
  pen.drawImage(numbers.picture({ ...panel, flip: true }), x - side, y - up, w + 2 * side, h + 2 * up);
  pen.restore();
};
const drawPlaneTicks = (pen, panel, { theme }) => {
  const [left, top, w, h] = panelBox(panel);
  pen.strokeStyle = theme.border;
  pen.lineWidth = 1;
  for (const [value, text] of panel.x_ticks ?? []) {
    const [x] = toPx(panel, value, 0);
    stroke(pen, [x, top + h], [x, top + h + 5]);
    write(pen, text, x, top + h + 18, { ...theme.faint, align: "center" });
  }
  for (const [value, text] of panel.y_ticks ?? []) {
    const [, y] = toPx(panel, 0, value);
    stroke(pen, [left - 5, y], [left, y]);
    write(pen, text, left - 8, y, { ...theme.faint, align: "right", base: "middle" });
  }
};
const drawZero = (pen, panel, { theme }) => {
  const [left, top, w, h] = panelBox(panel);
  const [x, y] = toPx(panel, 0, 0);
  [pen.strokeStyle, pen.lineWidth] = [theme.border, 1];
  const bars = panel.layers.some(({ kind }) => kind === "stems"); // whose places are only numbered
  if (x > left && x < left + w && !bars) stroke(pen, [x, top], [x, top + h]);
  if (y > top && y < top + h) stroke(pen, [left, y], [left + w, y]);
};
const drawPlaneLegend = (pen, panel, look) => {
  const named = panel.layers.filter((layer) => layer.legend);
  if (!named.length) return;
  pen.font = look.theme.text.font;
  const width = Math.max(...named.map((layer) => pen.measureText(layer.name).width)) + 42;
  const [left, top] = [panel.x + panel.size[0] - width - 4, panel.y + 4];
  pen.globalAlpha = 0.85;
  pen.fillStyle = look.theme.paper;
  pen.fillRect(left, top, width, 18 * named.length + 6);
  pen.globalAlpha = 1;
  named.forEach((layer, i) => {
    const y = top + 12 + 18 * i;
    pen.strokeStyle = pen.fillStyle = inkAt(look, layer, 0);
    if (layer.kind === "dots") SHAPES[layer.shape](pen, [left + 16, y], Math.min(layer.size, 6), inkAt(look, layer, 0));
    else {
      pen.lineWidth = 3;
      pen.setLineDash(layer.dash ? [6, 4] : []);
      stroke(pen, [left + 6, y], [left + 28, y]);
      pen.setLineDash([]);
    }
    write(pen, layer.name, left + 34, y, { ...look.theme.text, base: "middle" });
  });
};

PAINT.plane = (pen, panel, numbers, look) => {
  if (panel.shape[0]) drawSurface(pen, panel, numbers);
  else drawZero(pen, panel, look);
  drawFrame(pen, panel, look.theme);
  drawPlaneTicks(pen, panel, look);
  if (panel.row_axis) {
    pen.save();
    pen.translate(panel.x - 46, panel.y + panel.size[1] / 2);
    pen.rotate(-Math.PI / 2);
    write(pen, panel.row_axis, 0, 0, { ...look.theme.faint, align: "center" });
    pen.restore();
  }
  drawLayers(pen, panel, panel.layers.filter((layer) => !stirs(layer)), numbers, look, {});
  drawPlaneLegend(pen, panel, look);
};
OVER.plane = (pen, panel, numbers, look, view) => {
  const { position } = view.transport;
  if (panel.scrub) {
    const [x] = toPx(panel, position * panel.step, 0);
    [pen.strokeStyle, pen.lineWidth] = [look.ink.window, 2];
    stroke(pen, [x, panel.y], [x, panel.y + panel.size[1]]);
  }
  drawLayers(pen, panel, panel.layers.filter(stirs), numbers, look, { held: view.held, position });
  const { chosen } = view;
  const layer = chosen?.panel === panel.name && panel.layers.find(({ name }) => name === chosen.layer);
  const point = layer && pointsOf(panel, layer, numbers, view.held)[chosen.index];
  if (point) SHAPES.ring(pen, point, (layer.kind === "dots" ? layer.size : 5) + 4, look.ink.window);
};

// the hand

HANDS.plane = (view) => {
  const { link, transport, numbers } = view;
  let scrubbing = null; // a plane's name

  const alive = (panel) =>
    [...panel.layers].reverse().filter((layer) => HELD.has(layer.kind) && (layer.drag || layer.click || layer.names) && !layer.timed);
  const reach = (panel, [px, py]) => {
    for (const layer of alive(panel)) {
      const points = pointsOf(panel, layer, numbers, view.held);
      const far = ([x, y]) => (layer.kind === "stems" ? Math.abs(px - x) - layer.size / 2 : Math.hypot(px - x, py - y) - layer.size);
      const near = points.map((point, index) => ({ index, away: far(point) })).filter(({ away }) => away < REACH_PX);
      const [best] = near.sort((a, b) => a.away - b.away);
      if (best) return { layer, index: best.index, point: points[best.index] };
    }
    return null;
  };
  const named = (panel, layer) => view.named(panel)?.layers.find(({ name }) => name === layer);
  const carry = (x, y) => {
    const { panel, layer, index } = view.held;
    [view.held.x, view.held.y, view.held.moved] = [x, y, true];
    link.send({ type: "drag", panel, layer, index, x, y });
    view.redraw();
  };
  const drop = () => {
    const { panel, layer, index, x, y } = view.held;
    view.held.free = true; // it stays where it was let go until Python has answered
    link.send({ type: "drop", panel, layer, index, x, y });
  };
  link.onQuiet(() => {
    if (!view.held?.free) return;
    view.held = null;
    view.redraw();
  });
  const follow = (event) => {
    const panel = view.named(scrubbing);
    transport.pause();
    if (panel) transport.go(fromPx(panel, ...view.px(event))[0] / panel.step);
  };
  // while the kernel still answers keys or drags, a dot is where the hand has it
  const placeOf = ({ panel, layer, index }) => {
    const { held } = view;
    if (held?.panel === panel && held.layer === layer && held.index === index) return [held.x, held.y];
    const at = numbers.layer(view.named(panel), named(panel, layer));
    return [at[2 * index], at[2 * index + 1]];
  };
  const choosable = () =>
    view.spec.panels
      .filter(({ kind }) => kind === "plane")
      .flatMap((panel) => panel.layers.filter((layer) => HELD.has(layer.kind) && (layer.drag || layer.click) && !layer.timed).flatMap((layer) =>
        Array.from({ length: layer.count }, (_, index) => ({ panel: panel.name, layer: layer.name, index }))));
  const choose = (by) => {
    const all = choosable();
    const { chosen } = view;
    const at = all.findIndex(({ panel, layer, index }) => panel === chosen?.panel && layer === chosen.layer && index === chosen.index);
    view.chosen = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : (at + by + all.length) % all.length] ?? null;
    view.redraw();
  };

  return {
    pressed(hit, event) {
      const { panel } = hit;
      const [px, py] = view.px(event);
      const found = reach(panel, [px, py]);
      const told = { panel: panel.name, layer: found?.layer.name, index: found?.index };
      if (found?.layer.drag) {
        const [x, y] = placeOf(told);
        view.held = { ...told, x, y, from: [px, py], off: [found.point[0] - px, found.point[1] - py], shift: event.shiftKey };
        view.chosen = told;
      } else if (found?.layer.click) link.send({ type: "pick", ...told, shift: event.shiftKey });
      else if (panel.scrub) {
        scrubbing = panel.name;
        follow(event);
      } else if (panel.click) {
        const [x, y] = fromPx(panel, px, py);
        link.send({ type: "place", panel: panel.name, x, y, shift: event.shiftKey });
      }
      view.redraw();
    },
    // true where the hand holds something: then nothing else is meant
    moved(event) {
      if (scrubbing) follow(event);
      const { held } = view;
      if (!held || held.free || !held.from) return Boolean(scrubbing);
      const [px, py] = view.px(event);
      const panel = view.named(held.panel);
      if (!panel || (!held.moved && Math.hypot(px - held.from[0], py - held.from[1]) < STIR_PX)) return true;
      const [x, y] = fromPx(panel, px + held.off[0], py + held.off[1]);
      carry(named(held.panel, held.layer)?.kind === "stems" ? held.x : x, y);
      return true;
    },
    hovered(hit, event) {
      if (!hit.panel.hover) return;
      const [x, y] = fromPx(hit.panel, ...view.px(event));
      link.send({ type: "over", panel: hit.panel.name, x, y });
    },
    lifted() {
      scrubbing = null;
      const { held } = view;
      if (!held || held.free || !held.from) return;
      if (held.moved) return drop();
      if (named(held.panel, held.layer)?.click)
        link.send({ type: "pick", panel: held.panel, layer: held.layer, index: held.index, shift: held.shift });
      view.held = null;
    },
    typed(event, scrubs) {
      const { chosen } = view;
      if (event.key === "PageDown" || event.key === "PageUp") {
        if (!choosable().length) return false;
        choose(event.key === "PageDown" ? 1 : -1);
        return true;
      }
      const layer = chosen && named(chosen.panel, chosen.layer);
      if (!layer || layer.count <= chosen.index) return false;
      if (event.key in ARROWS && layer.drag && !scrubs) {
        const [dx, dy] = ARROWS[event.key];
        const { x_range, y_range } = view.named(chosen.panel);
        const [x, y] = placeOf(chosen);
        const across = layer.kind === "stems" ? 0 : (dx * (x_range[1] - x_range[0])) / STEPS;
        view.held = { ...chosen, x, y };
        carry(clamp(x + across, ...x_range), clamp(y - (dy * (y_range[1] - y_range[0])) / STEPS, ...y_range));
        return true;
      }
      if (event.key !== "Enter" || !layer.click) return false;
      link.send({ type: "pick", ...chosen, shift: event.shiftKey });
      return true;
    },
    released() {
      if (view.held && !view.held.from && !view.held.free) drop();
    },
    cursor(hit, event) {
      const found = reach(hit.panel, view.px(event));
      return (found && (found.layer.drag || found.layer.click)) || hit.panel.click || hit.panel.scrub;
    },
    // what the tip says: a dot's name, or where one points and the surface's number nearest to it
    tip(hit, event) {
      const { panel } = hit;
      const found = reach(panel, view.px(event));
      if (found?.layer.names?.[found.index]) return found.layer.names[found.index];
      const [x, y] = fromPx(panel, ...view.px(event));
      const place = `${plain(x, 2)}, ${plain(y, 2)}`;
      const [rows, columns] = panel.shape;
      if (!rows) return place;
      const share = (value, [lo, hi], n) => Math.round(((value - lo) / (hi - lo)) * (n - 1));
      const at = share(y, panel.y_range, rows) * columns + share(x, panel.x_range, columns);
      return `${place}: ${plain(numbers.of(panel)[at], panel.digits)}${panel.unit || ""}`;
    },
  };
};
