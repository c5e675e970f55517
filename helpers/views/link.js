// One message at a time to the kernel: the next waits until the last is answered, and of what repeats only the newest waits.
const NEWEST_WINS = new Set(["hover", "over", "look", "drag", "position"]);
const GIVE_UP_MS = 2000; // a kernel that is busy or gone must not silence the view for ever

function makeLink(model) {
  const queue = [];
  let flying = 0;
  let next = 1 + Math.floor(Math.random() * 1e9); // two views of one model must not take each other's answers
  let timer = 0;
  let quiet = () => {};

  const flush = () => {
    if (flying) return;
    if (!queue.length) return quiet();
    const { buffers, ...message } = queue.shift();
    flying = next++;
    model.send({ ...message, id: flying }, undefined, buffers);
    timer = setTimeout(land, GIVE_UP_MS);
  };
  const land = () => {
    clearTimeout(timer);
    flying = 0;
    flush();
  };
  const heard = () => {
    if (model.get("answered") === flying) land();
  };
  model.on("change:answered", heard);

  return {
    send(message) {
      const last = queue.length - 1;
      if (last >= 0 && NEWEST_WINS.has(message.type) && queue[last].type === message.type) queue[last] = message;
      else queue.push(message);
      flush();
    },
    // what the kernel has not been told yet, and its answers cannot know of
    onQuiet: (listener) => (quiet = listener),
    waiting: (type) => queue.filter((message) => message.type === type),
    close() {
      model.off("change:answered", heard);
      clearTimeout(timer);
    },
  };
}

// JupyterLab's one-key commands (m makes a cell Markdown, x cuts it, arrows leave it) look at the focused element before
// its parents, whatever these say. In a widget plain keys are the widget's; running cells and Ctrl stay JupyterLab's.
const KEYS = Symbol.for("deep-learning-you-can-hear: keys");
if (!globalThis[KEYS]) {
  globalThis[KEYS] = true;
  const decide = ({ target, key, ctrlKey, metaKey, shiftKey, altKey }) => {
    const theirs = ctrlKey || metaKey || (key === "Enter" && (shiftKey || altKey));
    if (target.closest?.(".jupyter-widgets, .dl-view")) target.toggleAttribute("data-lm-suppress-shortcuts", !theirs);
  };
  addEventListener("keydown", decide, true);
}

const node = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name in made && typeof value !== "string") made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
};
