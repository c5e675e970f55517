// A piano: its keys, the bars they carry, and what strikes them.
const KEY_SHARE = 0.42; // of a piano's height are keys, the rest is for bars
const isBlack = (pitch) => [1, 3, 6, 8, 10].includes(pitch % 12);

const keyBox = (panel, pitch) => {
  const [width, height] = panel.size;
  let [whites, before] = [0, 0];
  for (let p = panel.low; p <= panel.high; p++)
    if (!isBlack(p)) [whites, before] = [whites + 1, before + (p < pitch ? 1 : 0)];
  const [each, tall] = [width / Math.max(whites, 1), KEY_SHARE * height];
  const [left, top] = [panel.x + each * before, panel.y + height - tall];
  return isBlack(pitch) ? [left - 0.3 * each, top, 0.6 * each, 0.62 * tall] : [left, top, each, tall];
};
const pitchesOf = (panel) => Array.from({ length: panel.high - panel.low + 1 }, (_, k) => panel.low + k);
const pitchAt = (panel, [px, py]) => {
  const inside = ([x, y, w, h]) => px >= x && px < x + w && py >= y && py < y + h;
  const [black, white] = [pitchesOf(panel).filter(isBlack), pitchesOf(panel).filter((pitch) => !isBlack(pitch))];
  const hit = [...black, ...white].find((pitch) => inside(keyBox(panel, pitch)));
  const away = (pitch) => Math.abs(keyBox(panel, pitch)[0] + keyBox(panel, pitch)[2] / 2 - px);
  return hit ?? pitchesOf(panel).reduce((best, pitch) => (away(pitch) < away(best) ? pitch : best)); // over a bar
};
PAINT.keyboard = (pen, panel, numbers, look) => {
  const values = numbers.of(panel);
  const { border, faint } = look.theme;
  drawFrame(pen, panel, look.theme);
  const room = (1 - KEY_SHARE) * panel.size[1];
  const ground = panel.y + room;
  for (const black of [false, true])
    for (const pitch of pitchesOf(panel).filter((p) => isBlack(p) === black)) {
      const [x, y, w, h] = keyBox(panel, pitch);
      [pen.fillStyle, pen.strokeStyle, pen.lineWidth] = [black ? "#222" : "#fff", black ? "#888" : border, 1];
      pen.fillRect(x, y, w, h);
      pen.strokeRect(x, y, w, h);
      if (pitch % 12 === 0 && w >= 10) write(pen, `C${pitch / 12 - 1}`, x + w / 2, y + h - 5, { ...faint, fill: "#333", font: "11px sans-serif", align: "center" });
    }
  for (const pitch of pitchesOf(panel)) {
    const [x, , w] = keyBox(panel, pitch);
    const k = pitch - panel.low;
    const high = clamp((values[k] - panel.lo) / (panel.hi - panel.lo || 1), 0, 1) * (room - 4);
    const wide = w * (isBlack(pitch) ? 0.8 : 0.5);
    pen.fillStyle = panel.kept[k] ? inkAt(look, panel.ink === undefined ? { ink: 0 } : panel, 0) : faint.fill;
    pen.globalAlpha = panel.kept[k] ? 1 : 0.45;
    pen.fillRect(x + (w - wide) / 2, ground - high, wide, high);
    pen.globalAlpha = 1;
  }
};
OVER.keyboard = (pen, panel, numbers, look, { key }) => {
  if (key?.panel === panel.name) outline(pen, keyBox(panel, key.pitch), look.ink.window, 2);
};
HANDS.keyboard = (view) => {
  const { link, numbers } = view;
  const pianos = () => view.spec.panels.filter(({ kind, click }) => kind === "keyboard" && click);
  const strike = (panel, pitch) => link.send({ type: "key", panel: panel.name, pitch });
  return {
    pressed({ panel }, event) {
      if (panel.click) strike(panel, pitchAt(panel, view.px(event)));
    },
    moved: () => false,
    hovered() {},
    lifted() {},
    released() {},
    typed({ key }) {
      const [piano] = pianos();
      if (!piano) return false;
      const by = { PageUp: 1, PageDown: -1 }[key];
      if (by) view.looked = null; // Enter is for what was chosen last
      if (by) view.key = { panel: piano.name, pitch: clamp((view.key?.pitch ?? piano.low - by) + by, piano.low, piano.high) };
      else if (key === "Enter" && view.key && !view.looked) strike(piano, view.key.pitch);
      else return false;
      view.redraw();
      return true;
    },
    cursor: ({ panel }) => panel.click,
    tip({ panel }, event) {
      const k = pitchAt(panel, view.px(event)) - panel.low;
      const value = numbers.of(panel)[k];
      return panel.bars && !panel.named ? `${panel.names[k]}: ${plain(value, panel.digits)}${panel.unit || ""}` : panel.names[k];
    },
  };
};
