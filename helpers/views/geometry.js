// Where things are, in px of the layout: which box a cell fills, which cell a point is in, what lies beside what.
// A panel is what Python described: its place (x, y), its size, its shape (rows, columns) and the px of a cell.
const clamp = (x, lo, hi) => Math.min(Math.max(x, lo), hi);

// row 0 of a flipped panel is at the bottom
const shownRow = (panel, row) => (panel.flip ? panel.shape[0] - 1 - row : row);

const panelBox = (panel) => [panel.x, panel.y, ...panel.size];

// a box of cells as [x, y, width, height]; on curves a cell is one sample, as high as the plot
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
  if (panel.kind === "plane" || panel.kind === "keyboard") return { panel, row: 0, column: 0 };
  if (panel.kind === "line") return { panel, row: 0, column: Math.floor(((x - panel.x) / panel.size[0]) * panel.shape[1]) };
  const row = clamp(Math.floor((y - panel.y) / panel.cell[1]), 0, panel.shape[0] - 1);
  const column = clamp(Math.floor((x - panel.x) / panel.cell[0]), 0, panel.shape[1] - 1);
  return { panel, row: shownRow(panel, row), column };
};

// the cells that a straight stroke from one cell of a panel to another goes over, the first left out: the browser reports
// where the pointer is, not where it has been, and under load it leaves places out
const strokeOver = (panel, from, to) => {
  const [down, along] = [to.row - from.row, to.column - from.column];
  const steps = Math.max(Math.abs(down), Math.abs(along));
  const at = (step) => ({ row: from.row + Math.round((down * step) / steps), column: from.column + Math.round((along * step) / steps) });
  return Array.from({ length: steps }, (_, step) => ({ panel, ...at(step + 1) }));
};

// px of a number's digits: as wide as its cell allows, and never so high that rows touch
const numberSize = ([width, height]) => Math.min(clamp(width / 3.2, 12, 22), 0.6 * height);

// of `count` names along so many px, write every n-th: each then has about 60 px
const everyNth = (count, px) => Math.max(1, Math.ceil(count / Math.max(1, Math.floor(px / 60))));

// What the linked window outlines at a position, as [box, line width]: one cell of the output and what it sees of each
// input; where the kernel is dilated, also each cell that it touches.
const windowBoxes = (slide, out, position, named) => {
  const [row, column] = [Math.floor(position / out.shape[1]), position % out.shape[1]];
  const [top, left] = [row * slide.stride, column * slide.stride];
  const [height, width] = slide.kernel;
  const gap = slide.dilation;
  const boxes = [[cellBox(out, row, column), 3]];
  for (const panel of slide.inputs.map(named)) {
    if (gap > 1)
      for (let u = 0; u < height; u++)
        for (let v = 0; v < width; v++) boxes.push([cellBox(panel, top + u * gap, left + v * gap), 1]);
    boxes.push([cellBox(panel, top, left, gap * (height - 1) + 1, gap * (width - 1) + 1), 3]);
  }
  return boxes;
};

// the position whose output cell is pointed at, or whose window is centred on the input cell pointed at
const positionAt = (slide, out, { panel, row, column }) => {
  const centred = (cell, size) => Math.round((cell - (slide.dilation * (size - 1)) / 2) / slide.stride);
  const [r, c] = panel === out ? [row, column] : [centred(row, slide.kernel[0]), centred(column, slide.kernel[1])];
  return clamp(r, 0, out.shape[0] - 1) * out.shape[1] + clamp(c, 0, out.shape[1] - 1);
};

// the panel that an arrow key leads to: the nearest in that direction, rather straight ahead than aside
const panelAhead = (panels, from, dx, dy) => {
  const middle = (panel) => [panel.x + panel.size[0] / 2, panel.y + panel.size[1] / 2];
  const [x, y] = middle(from);
  const seen = panels.map((panel) => {
    const [right, down] = [middle(panel)[0] - x, middle(panel)[1] - y];
    return { panel, along: right * dx + down * dy, aside: Math.abs(right * dy) + Math.abs(down * dx) };
  });
  const ahead = seen.filter(({ along, aside }) => along > 1 && aside <= along);
  return ahead.sort((a, b) => a.along + 2 * a.aside - b.along - 2 * b.aside)[0]?.panel;
};
