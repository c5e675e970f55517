// Clouds of dots and fields of arrows that move with the transport: a frame for each position. Places came as whole
// 65535ths of what a plane reaches; where a frame is a mixture, the shares of its parts came as the layer's numbers.
const REACH_PLANES = 2; // film.py's REACH
const SHORT_PX = 1.5; // an arrow that is no longer is a dot

LAYERS.swarm = () => {}; // it is drawn on every frame, over what stands still
const words = (view) => {
  const { buffer, byteOffset, byteLength } = view.model.get("places");
  return new Uint16Array(buffer.slice(byteOffset, byteOffset + byteLength));
};
const fromWord = (word) => (word / 65535) * (1 + 2 * REACH_PLANES) - REACH_PLANES;
// the px of a layer's dots at a position, and of its arrows' feet
const dotsAt = (panel, layer, numbers, places, position) => {
  const { start, dots, parts, count, columns } = layer;
  const px = (x, up) => [panel.x + x * panel.size[0], panel.y + (1 - up) * panel.size[1]];
  const at = (part, dot) => {
    const k = start + 2 * (part * dots + dot);
    return [fromWord(places[k]), fromWord(places[k + 1])];
  };
  const zero = [panel.x_range, panel.y_range].map(([low, high]) => -low / (high - low)); // where 0, 0 is: what shares are of
  const mix = numbers.layer(panel, layer);
  const frame = Math.min(position, (count || parts) - 1);
  const placeOf = (dot) => {
    if (!count) return at(frame, dot);
    const place = [...zero];
    for (let part = 0; part < parts; part++) {
      const share = mix[frame * columns + part];
      const from = at(part, dot);
      for (const k of [0, 1]) place[k] += share * (from[k] - zero[k]);
    }
    return place;
  };
  const all = Array.from({ length: dots }, (_, dot) => dot);
  return { tips: all.map((dot) => px(...placeOf(dot))), feet: layer.arrows ? all.map((dot) => px(...at(parts, dot))) : [] };
};
const drawSwarm = (pen, panel, layer, numbers, look, places, position) => {
  const { tips, feet } = dotsAt(panel, layer, numbers, places, position);
  if (feet.length) {
    const points = tips.map((tip, i) => [...feet[i], ...tip]);
    const long = points.map(([x, y, toX, toY]) => (Math.hypot(toX - x, toY - y) < SHORT_PX ? [NaN, NaN, NaN, NaN] : [x, y, toX, toY]));
    return LAYERS.arrows(pen, panel, { ...layer, timed: false }, long, look, { position });
  }
  tips.forEach((tip, i) => {
    pen.beginPath();
    pen.arc(...tip, layer.size, 0, 2 * Math.PI);
    fillEdged(pen, layer.size, inkAt(look, layer, i));
  });
};

const overStage = OVER.plane;
OVER.plane = (pen, panel, numbers, look, view) => {
  const swarms = panel.layers.filter(({ kind }) => kind === "swarm");
  const places = swarms.length ? words(view) : null;
  pen.save();
  pen.beginPath();
  pen.rect(...panelBox(panel));
  pen.clip();
  for (const swarm of swarms) drawSwarm(pen, panel, swarm, numbers, look, places, view.transport.position);
  pen.restore();
  overStage(pen, panel, numbers, look, view);
};
