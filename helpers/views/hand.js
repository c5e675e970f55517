// What the pointer and the keys do: they move the cursor, scrub the linked window, paint and click cells, and say so to
// Python. `view` is what the canvas shows now (grid.js makes it); the hand changes its cursor and asks it to redraw.
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const PAINTS = { "+": 1, "=": 1, "-": -1, 0: 0 };

// what the tip says of a cell: its names and its number, or each curve's number at that place
const cellText = ({ panel, row, column }, values) => {
  const n = panel.shape[1];
  if (panel.kind !== "line") {
    const number = plain(values[row * n + column], panel.digits);
    return [panel.row_names?.[row], panel.column_names?.[column], `${number}${panel.unit || ""}`].filter(Boolean).join(" · ");
  }
  const [lo, hi] = panel.x_range;
  const at = plain(lo + ((hi - lo) * column) / Math.max(n - 1, 1), 2);
  const numbers = Array.from({ length: panel.shape[0] }, (_, s) => plain(values[s * n + column], panel.digits));
  return [at, ...numbers].filter(Boolean).join(" · ");
};

// by kind of panel: a hand of its own, where cells are not what is pointed at
const HANDS = {};

function makeHand(view) {
  const { model, link, transport, numbers, canvas, stage, tip } = view;
  // the cell painted last: panels are replaced by the kernel's answer while the pointer is still down, their names stay
  let painting = null;

  const tell = (type, { panel, row, column }, more = {}) => link.send({ type, panel: panel.name, row, column, ...more });
  const hands = Object.fromEntries(Object.entries(HANDS).map(([kind, make]) => [kind, make(view)]));
  const handOf = (hit) => hit && hands[hit.panel.kind];
  const where = (event) => {
    const [x, y] = view.px(event);
    for (const panel of view.spec.panels) {
      const hit = cellAt(panel, x, y);
      if (hit) return hit;
    }
    return null;
  };
  const follow = (hit) => {
    const slide = model.get("slide");
    const out = slide.output && view.named(slide.output);
    if (!out || ![slide.output, ...slide.inputs].includes(hit.panel.name)) return;
    transport.pause();
    transport.go(positionAt(slide, out, hit));
  };
  const point = (hit) => {
    const last = view.cursor;
    const same = hit && hit.panel === last?.panel && (hit.panel.whole || (hit.row === last.row && hit.column === last.column));
    view.cursor = hit;
    if (same || (!hit && !painting)) return view.redraw();
    if (hit) follow(hit);
    if (hit?.panel.hover) tell("hover", hit);
    view.redraw();
  };
  const explain = (hit, event) => {
    const silent = !hit || (hit.panel.kind === "rgb" && !hit.panel.row_names);
    const words = silent || hit.panel.whole ? "" : handOf(hit)?.tip(hit, event) ?? cellText(hit, numbers.of(hit.panel));
    tip.style.display = words ? "block" : "none";
    if (!words) return;
    tip.textContent = words;
    const box = stage.getBoundingClientRect();
    tip.style.left = `${Math.min(event.clientX - box.left + 14, box.width - tip.offsetWidth - 4)}px`;
    tip.style.top = `${event.clientY - box.top + 18}px`;
  };
  const paint = (hit, value = model.get("brushes")[model.get("brush")]) => {
    const { panel, row, column } = hit;
    if (numbers.of(panel)[row * panel.shape[1] + column] === value) return;
    numbers.put(panel, row, column, value);
    tell("paint", hit, { value });
    view.refresh();
  };
  const click = (hit, more) => hit.panel.click && tell(more && hit.panel.several ? "add" : "click", hit);
  const double = (event) => {
    const hit = where(event);
    if (hit?.panel.several) tell("only", hit);
  };
  // the preview of one of several is over
  const passed = (hit) => {
    if (view.cursor?.panel.several && !hit?.panel.several) link.send({ type: "left" });
  };

  // arrows walk from cell to cell, and over the edge of a panel into the next
  const targets = () => view.spec.panels.filter((panel) => (panel.click || panel.edit) && !hands[panel.kind]);
  const walk = (dx, dy) => {
    if (!view.cursor || !targets().includes(view.cursor.panel)) view.cursor = { panel: targets()[0], row: 0, column: 0 };
    const { panel } = view.cursor;
    const [row, column] = [view.cursor.row + (panel.flip ? -dy : dy), view.cursor.column + dx];
    const inside = !panel.whole && row >= 0 && column >= 0 && row < panel.shape[0] && column < panel.shape[1];
    if (inside) return point({ panel, row, column });
    const ahead = panelAhead(targets(), panel, dx, dy);
    if (ahead) point({ panel: ahead, row: 0, column: 0 });
  };
  const scrub = (dx, dy) => {
    const out = view.named(model.get("slide").output);
    transport.go(transport.position + dx + dy * (out ? out.shape[1] * (out.flip ? -1 : 1) : 1));
  };

  const hovered = (event) => {
    if (Object.values(hands).some((hand) => hand.moved(event))) return;
    const hit = where(event);
    passed(hit);
    if (painting && hit?.panel.name === painting.panel.name) {
      strokeOver(hit.panel, painting, hit).forEach((cell) => paint(cell));
      painting = hit;
    }
    const other = handOf(hit);
    if (other) view.cursor = null;
    other ? other.hovered(hit, event) : point(hit);
    explain(hit, event);
    const alive = other ? other.cursor(hit, event) : hit?.panel.click || hit?.panel.edit;
    canvas.style.cursor = alive ? "pointer" : "default";
  };
  const left = () => {
    passed(null);
    view.cursor = null;
    tip.style.display = "none";
    view.redraw();
  };
  const pressed = (event) => {
    const hit = where(event);
    if (handOf(hit)) {
      canvas.setPointerCapture(event.pointerId); // a drag may leave the picture
      return handOf(hit).pressed(hit, event);
    }
    if (hit?.panel.edit) {
      painting = hit;
      paint(hit);
    }
    if (hit) click(hit, event.shiftKey);
  };
  const lifted = () => {
    painting = null;
    for (const hand of Object.values(hands)) hand.lifted();
  };
  const released = () => Object.values(hands).forEach((hand) => hand.released());
  const typed = (event) => {
    const scrubs = model.get("count") > 1 && !event.shiftKey;
    const { cursor } = view;
    if (Object.values(hands).some((hand) => hand.typed(event, scrubs))) {
      // the other hand has done it
    } else if (event.key in ARROWS) {
      if (scrubs) scrub(...ARROWS[event.key]);
      else if (targets().length) walk(...ARROWS[event.key]);
      else return;
    } else if (event.key === " " && scrubs) transport.toggle();
    else if (event.key === "Home" && scrubs) transport.go(0);
    else if (event.key === "End" && scrubs) transport.go(model.get("count") - 1);
    else if ((event.key === "Enter" || event.key === " ") && cursor) click(cursor, event.shiftKey);
    else if (event.key in PAINTS && cursor?.panel.edit) paint(cursor, PAINTS[event.key]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  canvas.addEventListener("pointermove", hovered);
  canvas.addEventListener("pointerleave", left);
  canvas.addEventListener("pointerdown", pressed);
  canvas.addEventListener("dblclick", double);
  canvas.addEventListener("keydown", typed);
  canvas.addEventListener("keyup", released);
  addEventListener("pointerup", lifted); // on the window: the pointer may be lifted anywhere
  return { close: () => removeEventListener("pointerup", lifted) };
}
