"""Slides load nothing from elsewhere, and keep the speaker's notes to the speaker."""

import io
import re
import subprocess
import tarfile

import nbformat
import pytest
from nbformat import v4

from helpers import slides


@pytest.fixture
def build(tmp_path, monkeypatch):
    monkeypatch.setattr(slides, "BUILD", tmp_path)
    return tmp_path


def test_slides(build):
    cells = [
        v4.new_markdown_cell("# First $a_1$", metadata={"slideshow": {"slide_type": "slide"}}),
        v4.new_markdown_cell("say this", metadata={"slideshow": {"slide_type": "notes"}}),
        v4.new_markdown_cell("# Second", metadata={"slideshow": {"slide_type": "slide"}}),
    ]
    nbformat.write(v4.new_notebook(cells=cells), build / "a.ipynb")
    html = slides.slides(build / "a.ipynb").read_text()
    assert len(re.findall("<section><section>", html)) == 2
    assert re.search(r'<aside class="notes">\s*<div[^>]*>.*say this', html, re.DOTALL)
    assert [link for link in re.findall(r'(?:src|href)="([^"#]+)"', html) if not link.startswith("vendor/")] == []
    assert not re.search(r"import\s+\S+\s+from\s+['\"]https?:|import\(\s*['\"]https?:", html)


def test_no_npm(build, monkeypatch):
    monkeypatch.setattr(slides.shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match=r"Install Node.js"):
        slides.main()


def test_npm_fails(build, monkeypatch):
    monkeypatch.setattr(slides.shutil, "which", lambda name: "false")
    with pytest.raises(SystemExit, match=r"npm could not fetch reveal.js@"):
        slides.main()
    assert list((build / "vendor").iterdir()) == []


def test_only_what_slides_load_is_taken_from_a_package(build, monkeypatch):
    def pack(command, cwd, **options):
        with tarfile.open(f"{cwd}/a-1.tgz", "w:gz") as archive:
            for name in ("dist/a.js", "src/a.js", "LICENSE"):
                member = tarfile.TarInfo(f"package/{name}")
                member.size = 4
                archive.addfile(member, io.BytesIO(b"1234"))
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(slides.shutil, "which", lambda name: name)
    monkeypatch.setattr(slides.subprocess, "run", pack)
    slides.vendor("a@1", ("dist/", "LICENSE"), build / "vendor" / "a")
    files = {str(path.relative_to(build)) for path in build.rglob("*") if path.is_file()}
    assert files == {"vendor/a/dist/a.js", "vendor/a/LICENSE"}
