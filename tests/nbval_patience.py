"""How long nbval waits for a kernel to say that a cell has ended: a busy machine may need more than nbval's five seconds.

A pytest plugin, for nbval has no option for it: `pytest -p tests.nbval_patience --nbval-lax ...`. A cell that never ends is
ended by --nbval-cell-timeout all the same.
"""

from nbval.plugin import IPyNbCell

SECONDS = 60

IPyNbCell.output_timeout = property(lambda _cell: SECONDS, lambda _cell, _five: None)
