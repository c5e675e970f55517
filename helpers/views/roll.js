// Notes and words on a plane and the arcs between them. Arcs are drawn over all on each frame: those of the
// locked note, else of the one looked at (under the pointer, or chosen by keys), else of those at the playhead.
const MOST_ARCS = 300;
const NEAR_PX = 2; // this far beside a note still counts
const SLACK = 1e-4; // onsets travel as float32
const marksOf = (panel) => panel.layers.filter(({ kind }) => kind === "notes" || kind === "words");
const arcsOf = (panel, layer) =>
  panel.layers.filter(({ kind, of, at }) => kind === "arcs" && (!layer || layer === of || layer === at));

// left, top, width and height of a note or word whose numbers are these
const markBox = (panel, { kind, size }, point) => {
  if (kind === "words") return [point[0] - point[2] / 2, point[1] - size / 2, point[2], size];
  const [x, bottom, end, top] = point;
  if (Number.isNaN(bottom)) return [x, panel.y + panel.size[1] - 9, Math.max(end - x, 6), 9];
  return [x, top, Math.max(end - x - 1, 3), Math.max(bottom - top, 3)];
};
const isLit = (panel, { kind, timed }, point, i, position) => {
  if (!timed) return false;
  if (kind === "words") return i === position;
  const [x] = toPx(panel, position * panel.step + SLACK, 0);
  return point[0] <= x && x < point[2];
};

// layers

LAYERS.notes = (pen, panel, layer, points, look, { position }) => {
  points.forEach((point, i) => {
    const [x, y, w, h] = markBox(panel, layer, point);
    const lit = isLit(panel, layer, point, i, position);
    pen.globalAlpha = point[4] * (layer.timed && !lit ? 0.6 : 1);
    pen.fillStyle = inkAt(look, layer, i);
    pen.fillRect(x, y + 0.5, w, h - 1);
    pen.globalAlpha = 1;
    if (!lit) return;
    [pen.strokeStyle, pen.lineWidth] = [look.theme.text.fill, 2];
    pen.strokeRect(x, y, w, h);
  });
};
LAYERS.words = (pen, panel, layer, points, look, { position }) => {
  const { text, border, paper } = look.theme;
  points.forEach((point, i) => {
    const box = markBox(panel, layer, point);
    pen.fillStyle = paper; // a line that ends here does not go through the word
    pen.fillRect(...box);
    pen.globalAlpha = 0.6 * point[3];
    pen.fillStyle = inkAt(look, layer, i);
    pen.fillRect(...box);
    pen.globalAlpha = 1;
    const lit = isLit(panel, layer, point, i, position);
    [pen.strokeStyle, pen.lineWidth] = lit ? [text.fill, 2] : [border, 1];
    pen.strokeRect(...box);
    const font = `${Math.min(14, 0.6 * layer.size)}px system-ui, sans-serif`;
    const middle = { align: "center", base: "middle", most: point[2] - 6 };
    write(pen, layer.names[i], point[0], point[1] + 1, { font, fill: text.fill, ...middle });
  });
};
LAYERS.arcs = () => {};

// arcs

// whose arcs are drawn, as [layer name, indices]
const lockOf = (view, panel, arcs) => {
  const own = view.locks.get(`${panel.name}/${arcs.name}`);
  const still = own && own.said === arcs.locked && own.index < panel.layers.find(({ name }) => name === own.layer)?.count;
  return still ? own : { layer: arcs.of, index: arcs.locked }; // a newer word of Python's counts, or its fewer notes
};
const lookers = (panel, arcs, numbers, view) => {
  const { layer, index } = lockOf(view, panel, arcs);
  if (index >= 0) return [layer, [index]];
  const { looked } = view;
  const marks = panel.layers.find(({ name }) => name === arcs.of);
  const ours = looked?.panel === panel.name && [arcs.of, arcs.at].includes(looked.layer);
  if (ours && looked.index < marks.count) return [looked.layer, [looked.index]];
  const { position } = view.transport;
  const points = marks.timed ? pointsOf(panel, marks, numbers) : [];
  return [arcs.of, points.flatMap((point, i) => (isLit(panel, marks, point, i, position) ? [i] : []))];
};
// where a head's weight for row i, column j lies among all bytes; causal rows end at their own column
const placeOf = ({ shape: [, rows, columns], causal, start }, head, i, j) =>
  causal ? start + (head * rows * (rows + 1) + i * (i + 1)) / 2 + j : start + (head * rows + i) * columns + j;
// [head, who looks, at what, weight in 255ths], the heaviest first
const chooseArcs = (weights, arcs, [layer, notes]) => {
  const { shape: [, rows, columns], causal, shown = [], most, threshold = 0 } = arcs;
  const backwards = arcs.at ? layer === arcs.at : arcs.direction === "to";
  const found = [];
  for (const head of shown)
    for (const note of notes) {
      const at = (k) => {
        const [i, j] = backwards ? [k, note] : [note, k];
        return causal && j > i ? 0 : weights[placeOf(arcs, head, i, j)];
      };
      const others = Array.from({ length: backwards ? rows : columns }, (_, k) => [k, at(k)]);
      const heavy = others.filter(([, w]) => w > 0 && w >= 255 * threshold).sort((a, b) => b[1] - a[1]).slice(0, most);
      for (const [k, w] of heavy) found.push([head, backwards ? k : note, backwards ? note : k, w]);
    }
  return found.sort((a, b) => b[3] - a[3]).slice(0, MOST_ARCS);
};
const anchor = (arcs, { kind }, [x, y, w, h], looks) => {
  if (arcs.at) return [looks ? x + w : x, y + h / 2];
  return kind === "words" ? [x + w / 2, y] : [x + Math.min(5, w / 2), y + h / 2];
};
// where a curve from one note to another bends: over both, or beside a chord, inside the plane
const bend = (panel, [x, y], [toX, toY], rank) => {
  const [dx, dy] = [Math.abs(toX - x), Math.abs(toY - y)];
  if (dx < 8) return [x + (x < panel.x + 60 ? 1 : -1) * (clamp(0.5 * dy, 20, 70) + 7 * rank), (y + toY) / 2];
  const lift = clamp(0.3 * dx, 20, 0.8 * panel.size[1]) + 7 * rank;
  return [(x + toX) / 2, Math.max(Math.min(y, toY) - lift, 2 * panel.y - (y + toY) / 2 + 6)];
};
const drawArc = (pen, panel, from, to, rank, straight) => {
  const [[x, y], [toX, toY]] = [from, to];
  pen.beginPath();
  if (x === toX && y === toY) pen.arc(x, y - 5 - 1.2 * rank, 5 + 1.2 * rank, 0, 2 * Math.PI);
  else if (straight) {
    pen.moveTo(x, y + 2 * rank);
    pen.lineTo(toX, toY + 2 * rank);
  } else {
    pen.moveTo(x, y);
    pen.quadraticCurveTo(...bend(panel, from, to, rank), toX, toY);
  }
  pen.stroke();
};
const drawArcs = (pen, panel, arcs, numbers, look, view) => {
  const layerOf = (name) => panel.layers.find((layer) => layer.name === name);
  const [who, what] = [layerOf(arcs.of), layerOf(arcs.at || arcs.of)];
  const chosen = chooseArcs(bytes(view.model.get("weights")), arcs, lookers(panel, arcs, numbers, view));
  if (!chosen.length) return;
  const [looking, seen] = [pointsOf(panel, who, numbers), pointsOf(panel, what, numbers)];
  pen.save();
  pen.beginPath();
  pen.rect(...panelBox(panel));
  pen.clip();
  for (const [head, i, j, weight] of chosen.reverse()) {
    const share = weight / 255;
    const from = anchor(arcs, who, markBox(panel, who, looking[i]), true);
    const to = anchor(arcs, what, markBox(panel, what, seen[j]), false);
    const rank = arcs.shown.indexOf(head) - (arcs.at ? (arcs.shown.length - 1) / 2 : 0);
    pen.globalAlpha = 0.25 + 0.75 * Math.sqrt(share);
    pen.strokeStyle = pen.fillStyle = inkOf(look, arcs.inks[head]);
    pen.lineWidth = 1 + 4 * share;
    drawArc(pen, panel, from, to, rank, Boolean(arcs.at));
    if (arcs.at) continue;
    pen.beginPath();
    pen.arc(...to, 2 + 2 * share, 0, 2 * Math.PI);
    pen.fill();
  }
  pen.restore();
};

// planes

const drawKeyRows = (pen, panel, { theme }) => {
  const [x, , w] = panelBox(panel);
  const [low, high] = panel.y_range;
  pen.fillStyle = pen.strokeStyle = theme.border;
  pen.lineWidth = 1;
  for (let pitch = Math.ceil(low + 0.5); pitch + 0.5 <= high; pitch++) {
    pen.globalAlpha = 0.2;
    const [, top] = toPx(panel, 0, pitch + 0.5);
    const [, bottom] = toPx(panel, 0, pitch - 0.5);
    if (isBlack(pitch)) pen.fillRect(x, top, w, bottom - top);
  }
  pen.globalAlpha = 0.6;
  for (const [value] of panel.x_ticks ?? []) {
    const [at] = toPx(panel, value, 0);
    stroke(pen, [at, panel.y], [at, panel.y + panel.size[1]]);
  }
  pen.globalAlpha = 1;
};
const paintStage = PAINT.plane;
PAINT.plane = (pen, panel, numbers, look) => {
  if (panel.layers.some(({ kind }) => kind === "notes")) drawKeyRows(pen, panel, look);
  paintStage(pen, panel, numbers, look);
};
const overStage = OVER.plane;
OVER.plane = (pen, panel, numbers, look, view) => {
  overStage(pen, panel, numbers, look, view);
  for (const arcs of arcsOf(panel)) drawArcs(pen, panel, arcs, numbers, look, view);
  const locked = arcsOf(panel).map((arcs) => [lockOf(view, panel, arcs), look.ink.lock]);
  const looked = view.looked?.panel === panel.name ? [[view.looked, look.ink.window]] : [];
  for (const [{ layer: name, index }, ink] of [...locked, ...looked]) {
    const layer = panel.layers.find((known) => known.name === name);
    const point = layer && index >= 0 && pointsOf(panel, layer, numbers)[index];
    if (point) outline(pen, markBox(panel, layer, point), ink, 2);
  }
};

const stageHand = HANDS.plane;
HANDS.plane = (view) => {
  const { link, numbers, canvas, tip } = view;
  const hand = stageHand(view);
  view.locks = new Map();
  view.looked = null;

  const boxesOf = (panel) =>
    marksOf(panel).flatMap((layer) => pointsOf(panel, layer, numbers).map((point, index) => ({
      told: { panel: panel.name, layer: layer.name, index }, layer, box: markBox(panel, layer, point),
    })));
  const under = (panel, [px, py]) =>
    boxesOf(panel).findLast(({ box: [x, y, w, h] }) =>
      px > x - NEAR_PX && px < x + w + NEAR_PX && py > y - NEAR_PX && py < y + h + NEAR_PX);
  const same = (a, b) => a?.panel === b?.panel && a?.layer === b?.layer && a?.index === b?.index;
  const lookAt = (told) => {
    const last = view.looked;
    if (same(last, told)) return;
    view.looked = told;
    const said = told ?? { ...last, index: -1 };
    if (view.named(said.panel)?.hover) link.send({ type: "look", ...said });
    view.redraw();
  };
  // true if that is what a click on it means
  const press = ({ told, layer }, event) => {
    const panel = view.named(told.panel);
    const arcs = arcsOf(panel, told.layer);
    for (const each of arcs) {
      const { layer: name, index } = lockOf(view, panel, each);
      const free = name === told.layer && index === told.index;
      view.locks.set(`${panel.name}/${each.name}`, { said: each.locked, layer: told.layer, index: free ? -1 : told.index });
    }
    if (arcs.length) link.send({ type: "lock", ...told, index: lockOf(view, panel, arcs[0]).index });
    if (layer.click) link.send({ type: "pick", ...told, shift: event.shiftKey });
    view.redraw();
    return arcs.length > 0 || layer.click;
  };
  // the nearest in that direction: along time the next to begin, up and down rather one that sounds at the same time
  const ahead = ([dx, dy]) => {
    const all = view.spec.panels.filter(({ kind }) => kind === "plane").flatMap(boxesOf);
    const here = all.find(({ told }) => same(told, view.looked));
    if (!here) return all[0];
    const [x, y, w, h] = here.box;
    const seen = all.map((each) => {
      const [left, top, wide, high] = each.box;
      const down = top + high / 2 - y - h / 2;
      if (dx) return { each, along: (left - x) * dx, aside: Math.abs(down) / 2 };
      const apart = Math.max(left - x - w, x - left - wide);
      return { each, along: down * dy, aside: apart < 0 ? 0 : 1000 + apart };
    });
    const [next] = seen.filter(({ along }) => along > 1).sort((a, b) => a.along + a.aside - b.along - b.aside);
    return next?.each ?? here;
  };
  const explain = ({ told, layer, box: [x, y, , h] }) => {
    tip.textContent = layer.names?.[told.index] ?? "";
    tip.style.display = tip.textContent && layer.kind === "notes" ? "block" : "none";
    [tip.style.left, tip.style.top] = [`${x * view.zoom}px`, `${(y + h + 6) * view.zoom}px`];
  };
  canvas.addEventListener("pointerleave", () => lookAt(null));

  return {
    ...hand,
    pressed(hit, event) {
      const found = under(hit.panel, view.px(event));
      if (!found || !press(found, event)) hand.pressed(hit, event);
    },
    moved(event) {
      const at = view.px(event);
      const panel = view.spec.panels.find((each) => each.kind === "plane" && cellAt(each, ...at));
      lookAt((panel && under(panel, at)?.told) ?? null);
      return hand.moved(event);
    },
    typed(event, scrubs) {
      if (hand.typed(event, scrubs)) return true;
      if (event.key in ARROWS && !scrubs) {
        const next = ahead(ARROWS[event.key]);
        if (!next) return false;
        lookAt(next.told);
        explain(next);
        return true;
      }
      const panel = event.key === "Enter" && view.looked && view.named(view.looked.panel);
      const found = panel && boxesOf(panel).find(({ told }) => same(told, view.looked));
      return Boolean(found && press(found, event));
    },
    cursor(hit, event) {
      const found = under(hit.panel, view.px(event));
      return (found && (found.layer.click || arcsOf(hit.panel, found.told.layer).length)) || hand.cursor(hit, event);
    },
    tip(hit, event) {
      const found = under(hit.panel, view.px(event));
      if (found) return found.layer.names?.[found.told.index] ?? "";
      return marksOf(hit.panel).length ? "" : hand.tip(hit, event);
    },
  };
};
