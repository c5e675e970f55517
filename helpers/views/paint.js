// How a panel looks. Each function takes the pen (a canvas's 2-D context), the panel, and the theme it is drawn in;
// `values` are the panel's own numbers, `numbers` (numbers.js) is where these and their colours are found; `look` is the
// theme with the colours of series and marks.
const NUMBERS_FROM_PX = 26; // in smaller cells no number is legible

// asked for anew on each draw, because JupyterLab's theme may change under a view
const themeOf = (el) => {
  const style = getComputedStyle(el);
  const colour = (variable, otherwise) => style.getPropertyValue(variable).trim() || otherwise;
  return {
    text: { font: "14px system-ui, sans-serif", fill: colour("--jp-content-font-color1", "#222") },
    faint: { font: "13px sans-serif", fill: colour("--jp-content-font-color2", "#555") },
    border: colour("--jp-border-color1", "#999"),
    paper: colour("--jp-layout-color0", "#fff"),
  };
};

const write = (pen, text, x, y, { font, fill, align = "left", base = "alphabetic", most }) => {
  pen.font = font;
  pen.textAlign = align;
  pen.textBaseline = base;
  pen.fillStyle = fill;
  pen.fillText(text, x, y, most); // px; it is squeezed where it is longer
};

const stroke = (pen, ...points) => {
  pen.beginPath();
  pen.moveTo(...points[0]);
  for (const point of points.slice(1)) pen.lineTo(...point);
  pen.stroke();
};

// bright on dark, so that it shows on any colour of the palette
const outline = (pen, box, ink, width = 3) => {
  pen.strokeStyle = "rgba(0,0,0,0.55)";
  pen.lineWidth = width + 2;
  pen.strokeRect(...box);
  pen.strokeStyle = ink;
  pen.lineWidth = width;
  pen.strokeRect(...box);
};

const drawFrame = (pen, panel, theme) => {
  pen.strokeStyle = theme.border;
  pen.lineWidth = 1;
  pen.strokeRect(panel.x - 0.5, panel.y - 0.5, panel.size[0] + 1, panel.size[1] + 1);
};

const drawNumbers = (pen, panel, values, picture) => {
  const [rows, columns] = panel.shape;
  const font = `${numberSize(panel.cell)}px sans-serif`;
  const shade = picture.getContext("2d").getImageData(0, 0, columns, rows).data;
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const [x, y, w, h] = cellBox(panel, row, column);
      const at = 4 * (shownRow(panel, row) * columns + column);
      const bright = 0.299 * shade[at] + 0.587 * shade[at + 1] + 0.114 * shade[at + 2];
      const said = plain(values[row * columns + column], panel.digits);
      write(pen, said, x + w / 2, y + h / 2 + 1, { font, fill: bright > 140 ? "#111" : "#fff", align: "center", base: "middle" });
    }
};

const drawRowNames = (pen, panel, theme) => {
  const step = panel.cell[1] >= 18 ? 1 : everyNth(panel.row_names.length, panel.size[1] * 1.5);
  for (let row = 0; row < panel.shape[0]; row += step) {
    const [x, y, , h] = cellBox(panel, row, 0);
    write(pen, panel.row_names[row], x - 6, y + h / 2, { ...theme.faint, align: "right", base: "middle" });
  }
};

// where each column is wide enough for a turned name, all are written
const drawColumnNames = (pen, panel, theme) => {
  const turned = panel.cell[0] >= 18;
  const step = turned ? 1 : everyNth(panel.column_names.length, panel.size[0]);
  const aligned = turned ? { align: "right", base: "middle" } : { align: "center" };
  for (let column = 0; column < panel.shape[1]; column += step) {
    pen.save();
    pen.translate(panel.x + (column + 0.5) * panel.cell[0], panel.y + panel.size[1] + (turned ? 8 : 16));
    if (turned) pen.rotate(-Math.PI / 4);
    write(pen, panel.column_names[column], 0, 0, { ...theme.faint, ...aligned });
    pen.restore();
  }
};

const drawHeat = (pen, panel, numbers, { theme }) => {
  const picture = numbers.picture(panel);
  pen.imageSmoothingEnabled = false;
  pen.drawImage(picture, ...panelBox(panel));
  drawFrame(pen, panel, theme);
  if (panel.pad && panel.pad[0] + panel.pad[1] > 0) {
    const [up, side] = panel.pad;
    pen.setLineDash([4, 3]);
    pen.strokeRect(...cellBox(panel, up, side, panel.shape[0] - 2 * up, panel.shape[1] - 2 * side));
    pen.setLineDash([]);
  }
  if (panel.numbers && Math.min(...panel.cell) >= NUMBERS_FROM_PX) drawNumbers(pen, panel, numbers.of(panel), picture);
  if (panel.ticks && panel.row_names) drawRowNames(pen, panel, theme);
  if (panel.ticks && panel.column_names) drawColumnNames(pen, panel, theme);
};

// one curve, interrupted where there is no number
const drawCurve = (pen, panel, values, height) => {
  const n = values.length;
  const place = (i) => panel.x + (n > 1 ? (i / (n - 1)) * panel.size[0] : panel.size[0] / 2);
  let down = false;
  pen.lineWidth = n > 200 ? 1.2 : 2;
  pen.beginPath();
  values.forEach((value, i) => {
    const seen = !Number.isNaN(value);
    if (seen && down) pen.lineTo(place(i), height(value));
    else if (seen) pen.moveTo(place(i), height(value));
    down = seen;
  });
  pen.stroke();
  pen.fillStyle = pen.strokeStyle;
  values.forEach((value, i) => {
    if (!Number.isNaN(value) && Number.isNaN(values[i - 1] ?? NaN) && Number.isNaN(values[i + 1] ?? NaN))
      pen.fillRect(place(i) - 3, height(value) - 3, 6, 6); // between two gaps there is no line to see
  });
};

const drawLegend = (pen, panel, s, theme) => {
  const [right, y] = [panel.x + panel.size[0], panel.y + 18 * s];
  write(pen, panel.names[s], right - 8, y + 18, { ...theme.text, align: "right" });
  const end = right - 16 - pen.measureText(panel.names[s]).width;
  pen.lineWidth = 3;
  stroke(pen, [end - 20, y + 13], [end, y + 13]);
};

const drawAxes = (pen, panel, theme) => {
  const [x, y, w, h] = panelBox(panel);
  const beside = { ...theme.faint, align: "right", base: "middle" };
  write(pen, plain(panel.hi, panel.digits), x - 6, y + 8, beside);
  write(pen, plain(panel.lo, panel.digits), x - 6, y + h - 6, beside);
  write(pen, `${panel.x_range[0]}`, x, y + h + 16, theme.faint);
  write(pen, `${panel.x_range[1]}`, x + w, y + h + 16, { ...theme.faint, align: "right" });
};

const drawLine = (pen, panel, numbers, { series, theme }) => {
  const values = numbers.of(panel);
  const [x, y, w, h] = panelBox(panel);
  const [count, n] = panel.shape;
  const height = (v) => y + h - clamp((v - panel.lo) / (panel.hi - panel.lo || 1), -0.02, 1.02) * h;
  drawFrame(pen, panel, theme);
  if (panel.lo < 0 && panel.hi > 0) stroke(pen, [x, height(0)], [x + w, height(0)]);
  for (let s = 0; s < count; s++) {
    pen.strokeStyle = series[s % series.length];
    drawCurve(pen, panel, values.subarray(s * n, (s + 1) * n), height);
    if (panel.names && panel.names.length > 1) drawLegend(pen, panel, s, theme);
  }
  if (panel.ticks) drawAxes(pen, panel, theme);
};

// by kind of panel: how it is drawn, and what is drawn over all panels on each frame
const PAINT = { heat: drawHeat, rgb: drawHeat, line: drawLine };
const OVER = {};

const drawPanel = (pen, panel, numbers, look) => {
  const [x, y, w, h] = panelBox(panel);
  PAINT[panel.kind](pen, panel, numbers, look);
  if (panel.title) write(pen, panel.title, x, y - 8, look.theme.text);
  const below = y + h + (panel.axis_gap || 34);
  if (panel.column_axis) write(pen, panel.column_axis, x + w / 2, below, { ...look.theme.faint, align: "center" });
};
