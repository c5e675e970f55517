// What the cells hold: the numbers that Python sent as bytes, how they are written, and the colours they become.
const plain = (x, digits) => (Number.isFinite(x) ? x.toFixed(digits).replace(/^-0(\.0*)?$/, "0$1").replace("-", "−") : "");

// copied, because floats must begin at a multiple of four bytes and a message's part need not
const floats = (view) => new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
const bytes = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

// an off-screen canvas with one pixel a cell, which the browser enlarges; what is not a number is transparent
const coloured = (panel, values, palettes) => {
  const [rows, columns] = panel.shape;
  const made = node("canvas", { width: columns, height: rows });
  const pen = made.getContext("2d");
  const image = pen.createImageData(columns, rows);
  const rgb = panel.kind === "rgb";
  const from = panel.palette === "diverging" ? 768 : 0; // two palettes of 256 RGB triples, one after the other
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const to = 4 * (shownRow(panel, row) * columns + column);
      const at = (row * columns + column) * (rgb ? 3 : 1);
      const level = clamp((values[at] - panel.lo) / (panel.hi - panel.lo || 1), 0, 1);
      const entry = from + 3 * Math.round(255 * level);
      for (let k = 0; k < 3; k++) image.data[to + k] = rgb ? 255 * values[at + k] : palettes[entry + k];
      image.data[to + 3] = Number.isNaN(values[at]) ? 0 : 255;
    }
  pen.putImageData(image, 0, 0);
  return made;
};

// All numbers of one view. What is painted is changed here at once; the kernel's answer replaces it.
function makeNumbers(model) {
  const buffers = { data: new Float32Array(), live: new Float32Array(), thumbs: new Uint8Array() };
  const pictures = new Map(); // panel name → its colours, made when first drawn

  const of = (panel) => {
    const n = panel.shape.reduce((a, b) => a * b, 1);
    const found = buffers[panel.buffer].subarray(panel.offset, panel.offset + n);
    if (!panel.coarse) return found;
    return Float32Array.from(found, (byte) => panel.lo + ((panel.hi - panel.lo) * byte) / 255);
  };

  return {
    of,
    layer(panel, { offset, count, columns }) {
      const from = panel.offset + offset;
      return buffers[panel.buffer].subarray(from, from + count * columns);
    },
    picture(panel) {
      if (!pictures.has(panel.name)) pictures.set(panel.name, coloured(panel, of(panel), bytes(model.get("palette"))));
      return pictures.get(panel.name);
    },
    put(panel, row, column, value) {
      of(panel)[row * panel.shape[1] + column] = value;
      pictures.delete(panel.name);
    },
    take() {
      buffers.data = floats(model.get("data"));
      buffers.live = floats(model.get("live"));
      buffers.thumbs = bytes(model.get("thumbs"));
      pictures.clear();
    },
    takeLive(panels) {
      buffers.live = floats(model.get("live"));
      for (const panel of panels) if (panel.live) pictures.delete(panel.name);
    },
  };
}
