"""What a Roll sends: notes, words and weights where it says; which arcs are drawn; what cannot be; the still picture."""

import json
from itertools import combinations

import numpy as np
import pytest

from helpers.views import HEADS, Arcs, Keyboard, Notes, Plane, Roll, Tokens, Words, still_roll
from helpers.views.still import pixels

RANDOM = np.random.default_rng(0)
NOTES = [(0, 1, 60), (1, 0.5, 64), (1, 2, 67), (1.5, 0.5, np.nan), (3, 1, 72)]


def attention(heads, n):
    weights = RANDOM.gamma(0.3, size=(heads, n, n))
    return weights / weights.sum(-1, keepdims=True)


def plane(*layers, name="roll", **more):
    return Plane(name, **{"x_range": (0, 4), "y_range": (55.5, 76.5), "layers": list(layers), **more})


def told(roll, panel, layer):
    said = next(p for p in roll.spec["panels"] if p["name"] == panel)
    return said, next(each for each in said["layers"] if each["name"] == layer)


def numbers(roll, panel, layer):
    said, found = told(roll, panel, layer)
    start, shape = said["offset"] + found["offset"], (found["count"], found["columns"])
    return np.frombuffer(roll.data, np.float32)[start : start + shape[0] * shape[1]].reshape(shape)


def test_notes_travel_as_their_corners_and_strength():
    roll = Roll()
    strength = np.linspace(0, 1, 5)
    roll.show([plane(Notes("before", [(0, 1, 60)])), plane(Notes("notes", NOTES, strength=strength), name="second")])
    sent = numbers(roll, "second", "notes")
    onset, duration, pitch = np.array(NOTES).T
    np.testing.assert_allclose(sent, np.stack([onset, pitch - 0.5, onset + duration, pitch + 0.5, strength], 1), rtol=1e-6)
    assert told(roll, "second", "notes")[1]["names"] == ["C4", "E4", "G4", "", "C5"]
    json.dumps(roll.spec, allow_nan=False)


def test_a_voice_behind_the_pitch_is_not_drawn():
    assert Notes("notes", [(0, 1, 60, 3), (1, 1, 62, 0)]).xy.tolist() == [[0, 1, 60], [1, 1, 62]]
    assert Notes("none", []).numbers().shape == (0, 5)


@pytest.mark.parametrize(("x", "sounding"), [(0, [0]), (0.99, [0]), (1, [1, 2]), (1.5, [2, 3]), (2.5, [2]), (3.5, [4]), (4, [])])
def test_what_sounds_at_a_place(x, sounding):
    assert Notes("notes", NOTES).sounding(x) == sounding


def test_thirds_of_a_beat_begin_on_time():
    notes = Notes("notes", [(k / 3, 1 / 3, 60) for k in range(300)])
    assert all(notes.sounding(k * (1 / 3)) == [k] for k in range(300))


def test_weights_travel_once_a_byte_each_and_find_their_place():
    roll, first, second = Roll(), attention(2, 5), attention(3, 3)
    words = Words("words", cell=(400, 90), words=["a", "b", "c"], layers=[Arcs("b", of="words", weights=second)])
    roll.show([plane(Notes("notes", NOTES), Arcs("a", of="notes", weights=first)), words])
    assert len(roll.weights) == 2 * 5 * 5 + 3 * 3 * 3
    for panel, layer, weights in (("roll", "a", first), ("words", "b", second)):
        said = told(roll, panel, layer)[1]
        found = np.frombuffer(roll.weights, np.uint8)[said["start"] :][: weights.size].reshape(said["shape"])
        np.testing.assert_allclose(found / 255, weights, atol=0.5 / 255)


def test_where_nobody_looks_ahead_half_of_the_weights_travel():
    roll, given = Roll(), np.tril(RANDOM.integers(1, 256, (2, 5, 5))).astype(np.uint8)
    full = attention(1, 5)
    arcs = [Arcs("a", of="notes", weights=given), Arcs("b", of="notes", weights=full)]
    roll.show([plane(Notes("notes", NOTES), *arcs)])
    assert len(roll.weights) == 2 * 15 + 25
    assert [told(roll, "roll", name)[1]["causal"] for name in "ab"] == [True, False]
    assert told(roll, "roll", "b")[1]["start"] == 30
    sent = iter(roll.weights)
    for head, i in np.ndindex(2, 5):
        assert [next(sent) for _ in range(i + 1)] == given[head, i, : i + 1].tolist()
    assert bytes(sent) == arcs[1].weights.tobytes()


@pytest.mark.parametrize(("heads", "n", "limit"), [(48, 256, 3_180_000), (12, 24, 7_100)])
def test_the_payload_of_all_heads(heads, n, limit):
    roll = Roll()
    notes = [(i / 4, 0.25, 60 + i % 12) for i in range(n)]
    roll.show([plane(Notes("notes", notes), Arcs("heads", of="notes", weights=attention(heads, n)))])
    rest = len(roll.data) + len(json.dumps(roll.spec))
    assert heads * n * n == len(roll.weights) <= limit
    assert rest < 40_000  # the notes' names and places


@pytest.mark.parametrize("n", [4, 24, 256])
def test_quantised_rows_still_sum_to_one(n):
    weights = attention(8, n)
    rows = Arcs("arcs", of="notes", weights=weights).weights.astype(float).sum(-1) / 255
    assert np.abs(rows - 1).max() <= n / 255
    assert np.abs(weights.sum(-1) - 1).max() < 1e-12


def test_bytes_stay_as_they_are():
    given = RANDOM.integers(0, 256, (2, 5, 5)).astype(np.uint8)
    np.testing.assert_array_equal(Arcs("arcs", of="notes", weights=given).weights, given)


@pytest.mark.parametrize("direction", ["from", "to"])
@pytest.mark.parametrize("threshold", [0.0, 0.05, 0.3])
@pytest.mark.parametrize("most", [1, 3, 8])
def test_the_arcs_are_the_heaviest_above_the_threshold(direction, threshold, most):
    arcs = Arcs("arcs", of="n", weights=attention(4, 12), shown=[0, 2], threshold=threshold, most=most, direction=direction)
    found = arcs.seen([3, 7])
    wanted = set()
    for head in (0, 2):
        for note in (3, 7):
            pairs = [(note, k) if direction == "from" else (k, note) for k in range(12)]
            heavy = sorted((int(arcs.weights[head, i, j]), i, j) for i, j in pairs)[::-1][:most]
            wanted |= {(head, i, j, w) for w, i, j in heavy if w > 0 and w >= 255 * threshold}
    ties = {w for *_, w in set(found) ^ wanted}
    assert sorted(w for *_, w in found) == sorted(w for *_, w in wanted)
    assert len(ties) <= 1 or most < 12  # equal weights may stand for each other
    assert [w for *_, w in found] == sorted((w for *_, w in found), reverse=True)
    assert all(arcs.weights[head, i, j] == w for head, i, j, w in found)


def test_a_higher_threshold_shows_fewer():
    weights = attention(4, 20)
    counts = [len(Arcs("a", of="n", weights=weights, threshold=t).seen(range(20))) for t in np.linspace(0, 1, 21)]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] == 300  # and never more
    assert counts[-1] < 10


def test_no_arc_goes_into_the_future_under_a_causal_mask():
    weights = np.tril(attention(4, 12))
    arcs = Arcs("a", of="n", weights=weights)
    assert all(j <= i for _, i, j, _ in arcs.seen(range(12)))
    backwards = Arcs("a", of="n", weights=weights, direction="to").seen([4])
    assert backwards
    assert all(j == 4 and i >= 4 for _, i, j, _ in backwards)


def test_arcs_end_at_the_notes_they_are_of():
    notes = Notes("notes", NOTES)
    arcs = Arcs("arcs", of="notes", weights=attention(1, 5))
    panel = plane(notes, arcs, x=50, y=20, cell=(400, 210))
    for (_, i, j, _), points in still_roll.bows(panel, arcs, [4]):
        if i == j:
            continue
        for note, (x, y) in ((i, points[:, 0]), (j, points[:, -1])):
            onset, _, pitch = NOTES[note]
            assert 0 <= x - (50 + 100 * onset) <= 5
            assert y == pytest.approx(20 + 10 * (76.5 - pitch) if np.isfinite(pitch) else 230 - 4.5, abs=0.01)


def test_words_in_a_row_do_not_overlap_and_stay_inside():
    words = ["chasing", "<b>", "</script>", "😀😀", "$x$", "", "a"] * 4
    panel = Words("words", x=10, y=20, cell=(300, 240), words=words)
    boxes = still_roll.boxes(panel, panel.layers[0])
    assert len(boxes) == 28
    for x, y, wide, high in boxes:
        assert x >= 10
        assert x + wide <= 310
        assert y >= 20
        assert y + high <= 260
    for (x, y, wide, high), (to_x, to_y, to_wide, _) in combinations(boxes, 2):
        assert abs(y - to_y) >= high or x + wide <= to_x or to_x + to_wide <= x
    assert panel.layers[0].names == words


def test_words_in_two_columns_face_each_other():
    panel = Words("words", cell=(300, 200), words=list("abcd"), columns=True, layers=[
        Arcs("arcs", of="words", at="words seen", weights=attention(2, 4))])  # fmt: skip
    Roll().show([panel])
    left, right = (still_roll.boxes(panel, layer) for layer in panel.layers[:2])
    assert [y for _, y, *_ in left] == [y for _, y, *_ in right] == sorted(y for _, y, *_ in left)
    seen = panel.layers[2].seen([1], seen_at=True)
    assert seen
    assert all(j == 1 for _, _, j, _ in seen)


def brightness(colours):
    rgb = np.array([[int(colour[k : k + 2], 16) for k in (1, 3, 5)] for colour in colours]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def test_the_heads_inks_are_told_apart_and_seen_on_white_and_on_black():
    """CIE 1976 delta E from sRGB (IEC 61966-2-1, D65) by its definition; and contrast as WCAG 2 has it."""
    xyz = brightness(HEADS) @ np.array([[0.4124, 0.2126, 0.0193], [0.3576, 0.7152, 0.1192], [0.1805, 0.0722, 0.9505]])
    f = np.cbrt(xyz / [0.9505, 1, 1.089])  # none of them is dark enough for the straight part of the curve
    lab = np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], 1)
    assert len(HEADS) == 12
    assert min(np.linalg.norm(one - other) for one, other in combinations(lab, 2)) >= 20
    light, dark = 1.05 / (xyz[:, 1] + 0.05), (xyz[:, 1] + 0.05) / 0.0555  # on #fff and on #111
    assert min(light) >= 2
    assert min(dark) >= 2


def test_each_of_many_heads_has_an_ink():
    assert Arcs("a", of="n", weights=attention(14, 3)).inks == [*HEADS, *HEADS[:2]]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Notes("notes", [(0, -1, 60)]), "before it begins"),
        (lambda: Notes("notes", NOTES, strength=[0.5]), "strength is one number from 0 to 1 for each of 5"),
        (lambda: Notes("notes", NOTES, strength=[2] * 5), "from 0 to 1"),
        (lambda: Notes("notes", NOTES, ink=[1]), "1 inks for 5"),
        (lambda: Arcs("arcs", of="n", weights=np.ones((5, 5))), r"shape \(5, 5\)"),
        (lambda: Arcs("arcs", of="n", weights=np.full((1, 2, 2), 1.5)), r"they are in \[0, 1\]"),
        (lambda: Arcs("arcs", of="n", weights=np.full((1, 2, 2), np.nan)), r"they are in \[0, 1\]"),
        (lambda: Arcs("arcs", of="n", weights=attention(2, 3), shown=[2]), r"shows heads \[2\]; there are 2"),
        (lambda: Arcs("arcs", of="n", weights=attention(2, 3), inks=[1]), "1 inks for 2 heads"),
        (lambda: Arcs("arcs", of="n", weights=attention(2, 3), threshold=1.5), "threshold is 1.5"),
        (lambda: Arcs("arcs", of="n", weights=attention(2, 3), locked=3), "note 3 is locked; there are 3"),
        (lambda: Keyboard("keys", low=60, high=48), "from 60 to 48"),
        (lambda: Keyboard("keys", low=60, high=72, values=[0.1]), "1 values for 13 keys"),
        (lambda: Roll().show([plane(Arcs("arcs", of="no", weights=attention(1, 2)))]), "are of layer 'no'; plane 'roll'"),
        (
            lambda: Roll().show([plane(Notes("notes", NOTES), Arcs("arcs", of="notes", weights=attention(1, 2)))]),
            "weights for 2, but layer 'notes' has 5",
        ),
    ],
)
def test_what_cannot_be_is_explained(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_a_piano_has_its_keys_where_they_belong():
    keys = Keyboard("keys", x=10, y=20, cell=(700, 100), low=60, high=71)  # one octave: seven white keys of 100 px
    assert [round(keys.key(p)[0]) for p in (60, 62, 64, 65, 67, 69, 71)] == [10, 110, 210, 310, 410, 510, 610]
    assert keys.key(61)[0] + keys.key(61)[2] / 2 == pytest.approx(110)  # C sharp stands between C and D
    assert keys.key(66)[0] + keys.key(66)[2] / 2 == pytest.approx(410)
    assert keys.names == ["C4", "C♯4", "D4", "D♯4", "E4", "F4", "F♯4", "G4", "G♯4", "A4", "A♯4", "B4"]


def test_a_name_that_was_given_is_all_that_a_keys_tip_says():
    values, names = np.linspace(0, 1, 12), ["", "D: 0.26 %"] * 6
    assert Keyboard("keys", low=60, high=71, values=values, names=names).named
    assert not Keyboard("keys", low=60, high=71, values=values).named


def has(picture, x, y, colour, within=12):
    wanted = [int(colour[k : k + 2], 16) for k in (1, 3, 5)]
    return np.abs(picture[int(y), int(x)].astype(int) - wanted).max() < within


def test_the_still_picture_shows_notes_lit_arcs_and_bars():
    roll = Roll()
    weights = np.zeros((1, 5, 5))
    weights[0, 2, 0] = 1
    panel = plane(Notes("notes", NOTES, ink=1, timed=True), Arcs("arcs", of="notes", weights=weights, inks=["#009e73"]),
                  x=50, y=20, cell=(400, 210), step=0.5)  # fmt: skip
    keys = Keyboard("keys", x=50, y=300, cell=(700, 100), low=60, high=71, values=np.linspace(0, 1, 12))
    words = Words("words", x=470, y=20, cell=(300, 90), words=["<b>", "😀", "$"], inks=2, strength=[1, 0, 0])
    roll.show([panel, keys, words])
    roll.count = 8
    (_, points), = still_roll.bows(panel, panel.layers[1], [2])  # fmt: skip
    top = points[:, 20]
    for position, lit in ((0, False), (2, True), (4, True), (6, False)):
        roll.position = position
        picture = pixels(roll)
        assert has(picture, *top, "#009e73", 40) == lit
        assert has(picture, 50 + 230, 20 + 95, "#d55e00" if lit else "#e69e66", 30)
    bar = np.linspace(0, 1, 12)[11] * (100 * (1 - still_roll.KEY_SHARE) - 4)
    assert has(picture, 50 + 650, 300 + 58 - bar + 3, "#2a8fd0", 30)
    assert not has(picture, 50 + 650, 300 + 58 - bar - 3, "#2a8fd0", 30)
    x, y, *_ = still_roll.boxes(words, words.layers[0])[0]
    assert has(picture, x + 3, y + 4, "#66c4ab", 30)


def test_tokens_and_notes_may_share_a_plane():
    roll = Roll()
    roll.show([plane(Notes("notes", NOTES), Tokens("bars", [(0, 56, 40), (2, 56, 40)], names=["bar 1", "bar 2"]))])
    assert numbers(roll, "roll", "bars").shape == (2, 4)
