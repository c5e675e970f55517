"""Starts JupyterLab on a lecture: `python -m helpers.server`, which `make lab` calls.

It talks to nobody outside, writes nothing into the home folder (its state is .jupyter in the project), shows the
stored outputs of the course's own notebooks, and sends small messages at once instead of 40 ms later.
"""

import json
import os
import sys
from pathlib import Path

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

ROOT = Path(__file__).resolve().parents[1]
LECTURE = "notebooks/01_neurons.ipynb"
SETTINGS = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}


class NoDelayConnection(ZMQChannelsWebsocketConnection):
    """The kernel's websocket without Nagle's algorithm, which holds a small message back for up to 40 ms."""

    def connect(self):
        """Open the kernel's channels, with TCP_NODELAY set on the browser's side."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()


def environment(state: Path = ROOT / ".jupyter") -> dict[str, str]:
    """Return the variables that keep Jupyter's settings, signatures and history in the folder `state`."""
    return {
        "JUPYTER_CONFIG_DIR": str(state / "config"),
        "JUPYTER_DATA_DIR": str(state / "data"),
        "JUPYTER_RUNTIME_DIR": str(state / "data" / "runtime"),
        "IPYTHONDIR": str(state / "ipython"),
    }


def prepare(state: Path = ROOT / ".jupyter") -> None:
    """Keep everything in the folder `state`, and write there the settings JupyterLab starts from."""
    os.environ.update(environment(state))
    config = state / "config" / "labconfig"
    config.mkdir(parents=True, exist_ok=True)
    (config / "default_setting_overrides.json").write_text(json.dumps(SETTINGS, indent=1))


def headless() -> bool:
    """Tell whether no browser can be opened from here: as root, or on Linux without a display.

    JupyterLab would stop as root, and would open a text browser in the terminal without a display.
    """
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return root or (sys.platform.startswith("linux") and not display)


def arguments(notebook: str = LECTURE) -> list[str]:
    """Return JupyterLab's options: the lecture as the first page, news and update checks off, a link if headless."""
    options = [
        f"--ServerApp.root_dir={ROOT}",
        f"--LabApp.default_url=/lab/tree/{notebook}",
        "--ServerApp.kernel_websocket_connection_class=helpers.server.NoDelayConnection",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
        "--LanguageServerManager.autodetect=False",  # it would start npm and others to look for language servers
        "--Application.log_level=WARN",
    ]
    return [*options, "--no-browser", "--allow-root"] if headless() else options


def trust() -> None:
    """Sign the course's notebooks, so that their stored sounds and figures show before the first run."""
    import nbformat
    from nbformat.sign import NotebookNotary

    notary = NotebookNotary()
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        notary.sign(nbformat.read(path, as_version=4))


def launch(options: list[str]) -> None:
    """Become JupyterLab. It is imported no sooner: it looks up its folders for settings and workspaces as it is imported."""
    from jupyterlab.labapp import LabApp

    LabApp.launch_instance(options)


def main(options: list[str]) -> None:
    """Start JupyterLab and stay until it is stopped; `options` go on to it, a notebook's path first if given."""
    notebook, *options = options if options and options[0].endswith(".ipynb") else [LECTURE, *options]
    prepare()
    trust()
    launch([*arguments(notebook), *options])


if __name__ == "__main__":
    main(sys.argv[1:])
