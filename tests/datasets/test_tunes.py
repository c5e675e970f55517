"""The tunes: those that were counted before, cleaned as it says, divided always in the same way; their vocabulary."""

import re
import subprocess
import sys
import time
import zipfile
from collections import Counter

import pytest

from helpers.datasets import tunes as module
from helpers.datasets.abc import parse
from helpers.datasets.assets import AssetError
from helpers.datasets.tunes import Tune, clean, held_out, load_tunes, read_collection, read_tune, twins
from helpers.datasets.vocabulary import Vocabulary


def test_the_tunes_are_all_there():
    tunes = load_tunes()
    assert len(tunes) == 4248
    bodies = "".join(tune.body for tune in tunes)
    assert (len(bodies), len(set(bodies))) == (900_719, 58)  # 900,552 and 59 where changes inside a tune were cut
    sources = [tune.source for tune in tunes]
    assert [(name, sources.count(name)) for name in dict.fromkeys(sources)] == [
        ("oneills1850", 2009),
        ("ryansMammoth", 1059),
        ("airdsAirs", 1180),
    ]
    assert (tunes[0].title, tunes[-1].title) == ("The Enchanted Valley", "Colonel McLean's March.")
    assert load_tunes() == tunes
    assert load_tunes() is not tunes  # whoever sorts their list does not sort ours


def test_loading_takes_two_seconds_and_imports_nobody():
    code = "import sys, time\nfrom helpers.datasets.tunes import load_tunes\nt = time.process_time()\nload_tunes()\n"
    code += "print(time.process_time() - t, 'music21' in sys.modules, 'torch' in sys.modules)"
    seconds, *others = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert float(seconds) < 2
    assert others == ["False", "False"]
    start = time.process_time()
    load_tunes()
    assert time.process_time() - start < 0.1


def test_a_tenth_is_held_out_by_tune_and_always_the_same():
    tunes = load_tunes()
    learn, held = held_out(tunes)
    assert (len(learn), len(held)) == (3824, 424)
    number = {id(tune): i for i, tune in enumerate(tunes)}
    assert sorted(number[id(tune)] for tune in learn + held) == list(range(4248))
    assert [tune.title for tune in held_out(load_tunes())[1]] == [tune.title for tune in held]
    assert [number[id(tune)] for tune in held[:3]] == [3367, 3652, 2406]


def test_tunes_that_were_collected_twice_are_known():
    def tune(body):
        return Tune("", "C", "1/8", "C", body, "")

    first = tune("ABcd efga|bagf edcB|A2AB cBAG|")
    other = tune("GFED CDEF|GABc dcBA|GGGG AAAA|")
    again = tune("(AB)cd e>f ga|bagf edcB|A2 AB c2 cc|")  # begins in the same way, ends in another
    assert twins([first, other, again], [first]) == [True, False, True]
    assert twins([first, again], [other]) == [False, False]
    learn, held = held_out(load_tunes())
    assert sum(twins(held, learn)) == 68  # of 424, see data/README.md


BOOK = """% a comment before all
X:1
T:First: a title
T:another
R:jig
M:6/8
K:E Minor
"Em"~B>.c {ef}!trill!T(d2 | \\
% a comment
w:words
A B c) | ^f=g_a [ceg]2 z :| % why
P:B
K:D
ABCDEFGABCDEFG abcdefg abcdefg |]

X:2
T:Too short
M:C
K:C
abc |
X:3
T:Without a metre
K:C
ABCDEFGABCDEFG abcdefg abcdefg abcdefg abcdefg |]
X:4
M:2/4
L:1/8
K:Zz
ABCDEFGABCDEFG abcdefg abcdefg abcdefg abcdefg |]
"""


@pytest.fixture
def book(tmp_path):
    with zipfile.ZipFile(tmp_path / "songs.zip", "w") as archive:
        archive.writestr("b.abc", BOOK.replace("First", "Later"))
        archive.writestr("a.abc", BOOK)
    return tmp_path / "songs.zip"


def test_a_book_is_read_and_cleaned(book):
    body = "B>c (d2 | A B c) | ^f=g_a [ceg]2 z :| [K:D] ABCDEFGABCDEFG abcdefg abcdefg |]"
    found = read_collection(book)
    assert found[0] == Tune("First: a title", "6/8", "1/8", "Em", body, "songs")
    assert found[0].text == f"M:6/8\nL:1/8\nK:Em\n{body}\n"
    assert [tune.title for tune in found] == ["First: a title", "?", "Later: a title", "?"]
    assert (found[1].unit, found[1].key) == ("1/8", "Zz")  # not ours to mend


def test_a_tune_without_a_unit_has_the_usual_one():
    text = "X:1\nM:2/4\nK:G\n" + "GABc dBGB|" * 6
    assert read_tune(text, "").unit == "1/16"
    assert read_tune(text.replace("2/4", "C"), "").unit == "1/8"


def test_cleaning_keeps_notes_alone():
    assert clean('"D7"A  !p!+trill+B\t{/c}.d ~e T(f g) u|') == "A B d e (f g) |"


def test_a_change_inside_a_tune_is_kept_and_heard():
    lines = ["X:1", "M:2/4", "L:1/8", "K:G", "GABc|" * 8, "P:B", "M: 3/4", "K:G Minor", "GABcde|[L:1/16] GABcdefgabag|"]
    tune = read_tune("\n".join([*lines, "[P:C]TG12|[M:2/4]G8|]"]), "")
    assert tune.body.endswith("GABc| [M:3/4] [K:Gm] GABcde|[L:1/16] GABcdefgabag| G12|[M:2/4]G8|]")
    score = parse(tune.text)
    assert [float(bar.length) for bar in score.bars[-4:]] == [3, 3, 3, 2]
    assert all(bar.full for bar in score.bars)
    assert [note.pitch for note in score.notes[-20:-17]] == [67, 69, 70]  # B flat, from the new key on


def test_every_change_inside_a_tune_can_be_read():
    """A field whose name had been cut, as "[:3/4]", and the key "G inor" stood here once."""
    fields = [field for tune in load_tunes() for field in re.findall(r"\[([^]|]?):([^]|]*)\]", tune.body)]
    assert Counter(name for name, _ in fields) == {"V": 90, "L": 24, "K": 43, "M": 18}
    for name, value in fields:
        if name != "V":
            parse(f"[{name}:{value}]\nK:C\n")
    assert not [tune.title for tune in load_tunes() if re.search(r"(?<!\[)[KLMVP]:(?![|:\]])|inor", tune.body)]


def test_a_collection_that_cannot_be_read_says_what_to_do(tmp_path, monkeypatch):
    path = tmp_path / "songs.zip"
    with pytest.raises(AssetError, match=r"songs\.zip: these tunes cannot be read .*Remove the file, .*make data"):
        read_collection(path)
    path.write_bytes(b"PK no archive")
    with pytest.raises(AssetError, match=r"songs\.zip: these tunes cannot be read .*Remove the file"):
        read_collection(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.abc", b"X:1\nT:\xff\xfe\n")
    with pytest.raises(AssetError, match=r"cannot be read .*utf-8"):
        read_collection(path)
    monkeypatch.setattr(module, "fetch", lambda name: tmp_path / name)
    module._tunes.cache_clear()
    with pytest.raises(AssetError, match=r"oneills1850\.zip"):
        load_tunes()


def test_tunes_come_back_from_their_numbers():
    texts = [tune.text for tune in load_tunes()[::100]]
    vocabulary = Vocabulary.of(texts)
    assert vocabulary.symbols[:2] == ["<start>", "<end>"]
    assert vocabulary.symbols[2:] == sorted(set("".join(texts)))
    for text in texts:
        numbers = vocabulary.encode(f"<start>{text}<end>")
        assert len(numbers) == len(text) + 2  # < is a sign of ABC as well
        assert (numbers[0], numbers[-1]) == (0, 1)
        assert vocabulary.decode(numbers) == f"<start>{text}<end>"
        assert [vocabulary.symbols[number] for number in numbers[1:-1]] == list(text)


def test_what_a_vocabulary_does_not_know_is_named_with_its_place():
    vocabulary = Vocabulary(["<start>", "<end>", "A", "B", "<", "\n", "rest"])
    assert vocabulary.encode("A<B\n<end>rest") == [2, 4, 3, 5, 1, 6]
    assert len(vocabulary) == 7
    with pytest.raises(ValueError, match=r"line 2, column 3: 'é' is no symbol of this vocabulary; its 7 symbols are"):
        vocabulary.encode("AB\nABé")
    with pytest.raises(ValueError, match="line 1, column 1: 's'"):
        vocabulary.encode("start>")
    for number in (-1, 7):
        with pytest.raises(ValueError, match=f"no symbol has number {number}; they go from 0 to 6"):
            vocabulary.decode([0, number])
    with pytest.raises(ValueError, match="twice: 'A'"):
        Vocabulary(["A", "B", "A"])
