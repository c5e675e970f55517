"""Turns the stored notebooks into reveal.js slides that need no network: `make slides`, into build/slides.

reveal.js and MathJax come through npm into build/slides/vendor, once. The slides show the stored pictures; to present
with live widgets, use JupyterLab with the extra `teach`.
"""

import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from nbconvert import SlidesExporter

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "slides"
# npm package -> the parts of it that slides load
VENDOR = {
    "reveal.js@4.6.1": ("dist/reveal.js", "dist/reveal.css", "dist/theme/", "plugin/notes/", "LICENSE"),
    "mathjax@3.2.2": ("es5/tex-svg.js", "LICENSE"),
}
TEMPLATE = r"""
{%- extends 'reveal/index.html.j2' -%}
{%- block html_head_js -%}{%- endblock -%}
{%- block html_head_js_mathjax -%}
<script>MathJax = {tex: {inlineMath: [["$", "$"], ["\\(", "\\)"]], processEscapes: true}};</script>
<script src="vendor/mathjax/es5/tex-svg.js" defer></script>
<style>.reveal .slides section { max-height: 100%; overflow-y: auto; }</style>
{%- endblock -%}
{%- block footer_js -%}
<script src="vendor/reveal.js/dist/reveal.js"></script>
<script src="vendor/reveal.js/plugin/notes/notes.js"></script>
<script>Reveal.initialize({hash: true, plugins: [RevealNotes], width: 1280, height: 800});</script>
{%- endblock -%}
"""


def vendor(package: str, parts: tuple[str, ...], folder: Path) -> None:
    """Fetch an npm package and put its `parts` into `folder`; raises SystemExit if npm is missing or fails."""
    if folder.exists():
        return
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("Slides need reveal.js and MathJax from npm. Install Node.js (nodejs and npm), and try again.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as part:
        packed = subprocess.run([npm, "pack", "--silent", package], cwd=part, capture_output=True, text=True)
        if packed.returncode:
            raise SystemExit(f"npm could not fetch {package}:\n{packed.stderr}\nCheck the network, and try again.")
        with tarfile.open(next(Path(part).glob("*.tgz"))) as archive:
            for member in archive:
                name = member.name.removeprefix("package/")
                if member.isfile() and name.startswith(parts):
                    target = Path(part) / "wanted" / name
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(archive.extractfile(member).read())
        (Path(part) / "wanted").rename(folder)


def slides(path: Path) -> Path:
    """Write the slides of the notebook at `path`, and return where."""
    exporter = SlidesExporter(raw_template=TEMPLATE, reveal_url_prefix="vendor/reveal.js", reveal_theme="white")
    html, _ = exporter.from_filename(str(path))
    page = BUILD / f"{path.stem}.slides.html"
    page.write_text(html, encoding="utf-8")
    return page


def main() -> int:
    """Write the slides of every lecture."""
    for package, parts in VENDOR.items():
        vendor(package, parts, BUILD / "vendor" / package.split("@")[0])
    for path in sorted(ROOT.glob("notebooks/[!.]*.ipynb")):
        print(slides(path).relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
