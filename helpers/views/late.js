// anywidget (0.11) gives a model two seconds to load. If a busy page took longer, every message from the kernel is refused
// from then on, without a word on the screen. What has loaded late listens for itself, and asks for all it has missed.
const NOTHING = { content: { data: { method: "nothing" } } };

function initialize({ model }) {
  let real; // anywidget shows a stand-in; the model itself comes with each of its events
  const look = (changed) => (real = changed);
  model.on("change:_late", look);
  model.set("_late", true);
  model.off("change:_late", look);
  model.set("_late", true, { unset: true });
  real._handle_comm_msg(NOTHING).catch(() => {
    const { _handle_comm_msg: heard } = Object.getPrototypeOf(Object.getPrototypeOf(real));
    real.comm.on_msg(heard.bind(real));
    real.comm.send({ method: "request_state" }, real.callbacks());
  });
}
