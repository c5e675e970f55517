"""How long a long text's attention takes from running the cell to its first paint: forward pass, heads, transfer, drawing."""

import pytest

from tests.browser.latency import TABLE

MOUNT = 1000  # ms
N = 22  # the first two find nothing ready
RUN = """async ([code]) => {
  const { content } = jupyterapp.shell.currentWidget;
  const shared = content.model.sharedModel;
  shared.transact(() => {
    shared.deleteCellRange(0, shared.cells.length);
    shared.insertCells(0, [{ cell_type: "code", source: code, metadata: {} }]);
  });
  content.activeCellIndex = 0;
  await new Promise((done) => setTimeout(done, 300));
  const began = performance.now();
  jupyterapp.commands.execute("notebook:run-cell");
  return new Promise((done) => {
    const look = () => {
      if (document.querySelector(".jp-NotebookPanel canvas.dl-canvas[data-frame]")) done(performance.now() - began);
      else setTimeout(look, 4);
    };
    look();
  });
}"""
SENTENCE = "the violinist tuned her instrument because it was out of tune and then she played an old slow air"


def text_of(tokens: int, first: int) -> str:
    """A text of so many tokens, [CLS] and [SEP] included; another for each first word."""
    words = SENTENCE.split()
    return " ".join(words[(first * 7 + k) % len(words)] for k in range(tokens - 2 - first)) + " la" * first


@pytest.mark.parametrize("tokens", [128, 512])
def test_from_running_the_cell_to_the_first_paint(lab, tokens):
    times = []
    for k in range(N):
        code = f"from helpers.explorers import Attention\nex = Attention(text={text_of(tokens, k)!r})\nex"
        times.append(lab.page.evaluate(RUN, [code]))
        lab.idle()
        assert lab.ask("len(ex.result_['tokens'])") == tokens
        lab.ask("ex.close()")
    TABLE.add(f"mount of Attention, {tokens} tokens, a new text", times[2:], MOUNT)
