"""Every number of Flavours against an independent computation, with networks that nobody has trained."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from helpers.audio import RATE, hertz
from helpers.concepts.pyramid import collapse, expand
from helpers.datasets.harmonics import load_harmonics, sound
from helpers.datasets.notes import FAMILIES
from helpers.explorers.flavours import Flavours, board, flavours, making
from helpers.explorers.flavours.sound import MOMENT, colours, glide
from helpers.explorers.parts.timbres import LEVEL, played
from helpers.models.gan import Generator, LapGAN, SuperResolution, truncate
from helpers.models.judge import Judge

ORGAN, FLUTE = FAMILIES.index("organ"), FAMILIES.index("flute")


@pytest.fixture(autouse=True)
def nets(monkeypatch):
    """Small, with weights that say something."""
    torch.manual_seed(0)
    found = Generator(8, 4), LapGAN(8, 8, 4), SuperResolution(8, 1), Judge(4)
    for model in found:
        for p in model.parameters():
            torch.nn.init.normal_(p, std=0.3)
        model.eval()
    monkeypatch.setattr(making, "networks", lambda: found)
    return found


def told(*families: int) -> torch.Tensor:
    return F.one_hot(torch.tensor(families), 11).float()


def rms(a: np.ndarray, b: np.ndarray) -> float:
    return 60 * float(np.sqrt(np.mean((a.astype(float) - b) ** 2)))


def test_drawings_are_what_the_model_samples_and_the_noise_stays_while_the_family_changes(nets):
    explorer = Flavours(family="organ", seed=4, a=2)
    result = explorer.result()
    np.testing.assert_allclose(result["drawings"], nets[0].sample(8, 4, ORGAN).numpy(), atol=1e-6)
    flutes = Flavours(family="flute", seed=4, a=2).result()
    np.testing.assert_allclose(result["kin"], flutes["kin"], atol=1e-6)
    for number, found in ((ORGAN, result), (FLUTE, flutes)):
        np.testing.assert_allclose(found["drawings"][2], result["kin"][number], atol=1e-5)
        heard = nets[3](torch.from_numpy(found["drawings"])).softmax(1)[:, number]
        np.testing.assert_allclose(found["taken"], heard.detach().numpy(), atol=1e-5)
    assert result["spread"] == pytest.approx(60 * result["drawings"].std(0, ddof=1).mean(), rel=1e-4)
    assert result["kin spread"] == pytest.approx(60 * result["kin"].std(0, ddof=1).mean(), rel=1e-4)


def test_truncation_cuts_the_noise_and_3_cuts_nothing(nets):
    z = torch.randn(8, 4, generator=torch.Generator().manual_seed(1))
    cut = Flavours(family="flute", seed=1, truncation=0.5).result()
    expected = nets[0](truncate(z, 0.5), told(*[FLUTE] * 8)).detach()
    np.testing.assert_allclose(cut["drawings"], expected.numpy(), atol=1e-6)
    assert cut["spread"] < Flavours(family="flute", seed=1).result()["spread"]


def test_a_way_begins_and_ends_with_its_drawings_and_goes_in_even_steps_of_noise_and_family(nets):
    explorer = Flavours(show="between", family="organ", to="flute", a=1, b=5, seed=3, place=4)
    way = explorer.result()
    np.testing.assert_allclose(way["way"][0], Flavours(family="organ", seed=3).result()["drawings"][1], atol=1e-5)
    np.testing.assert_allclose(way["way"][-1], Flavours(family="flute", seed=3).result()["drawings"][5], atol=1e-5)
    z = torch.randn(8, 4, generator=torch.Generator().manual_seed(3))[[1, 5]].double()
    ways = z / z.norm(dim=1, keepdim=True)
    half = ways.sum(0) / ways.sum(0).norm() * z.norm(dim=1).mean()  # half-way on the arc, as long as both on average
    middle = nets[0](half[None].float(), told(ORGAN, FLUTE).mean(0, keepdim=True)).detach()
    np.testing.assert_allclose(way["way"][4], middle[0].numpy(), atol=1e-4)
    assert way["whole"] == pytest.approx(rms(way["way"][0], way["way"][-1]), rel=1e-4)
    np.testing.assert_allclose(way["steps"], [rms(a, b) for a, b in zip(way["way"], way["way"][1:])], rtol=1e-3)
    heard = nets[3](torch.from_numpy(way["way"])).softmax(1).detach().numpy()
    np.testing.assert_allclose(way["heard as A"], heard[:, ORGAN], atol=1e-5)
    np.testing.assert_allclose(way["heard as B"], heard[:, FLUTE], atol=1e-5)


def test_from_a_drawing_to_itself_nothing_changes():
    way = Flavours(show="between", family="organ", to="organ", a=2, b=2, place=3).result()
    assert way["whole"] == pytest.approx(0, abs=1e-3)
    assert np.isfinite(way["way"]).all()


def test_levels_are_the_lapgans_and_a_real_notes_pyramid(nets):
    explorer = Flavours(show="level by level", family="organ", seed=2, detail=7, a=3, place=1)
    result = explorer.result()
    z = torch.randn(1, 4, generator=torch.Generator().manual_seed(2))
    small = nets[1].base(z, told(ORGAN)).detach()
    np.testing.assert_allclose(result["made 6 × 8"], small[0].numpy(), atol=1e-6)
    real = load_harmonics("test")  # the only organ there has recordings of its own
    organs = real.picture[real.family == ORGAN]
    np.testing.assert_array_equal(result["real 24 × 32"], organs[3 * len(organs) // 8].numpy())
    for who in ("made", "real"):
        parts = [torch.from_numpy(result[f"{who} {name}"])[None] for name in ("band 24 × 32", "band 12 × 16", "6 × 8")]
        np.testing.assert_allclose(collapse(parts)[0].numpy(), result[f"{who} 24 × 32"], atol=1e-6)
    np.testing.assert_allclose(result["played"][0], expand(expand(small))[0].numpy(), atol=1e-6)
    np.testing.assert_array_equal(result["played"][2], result["made 24 × 32"])
    np.testing.assert_array_equal(result["played"][3], result["real 24 × 32"])
    heard = nets[3](torch.from_numpy(result["played"])).softmax(1)[:, ORGAN].detach().numpy()
    np.testing.assert_allclose(result["taken"], heard, atol=1e-5)


def test_other_bands_leave_the_small_picture_alone():
    a, b = (Flavours(show="level by level", detail=k, place=0).result() for k in (0, 1))
    np.testing.assert_array_equal(a["made 6 × 8"], b["made 6 × 8"])
    assert np.abs(a["made 24 × 32"] - b["made 24 × 32"]).max() > 1e-3


def test_enlargements_are_measured_against_the_real_note(nets):
    explorer = Flavours(show="enlarged", family="flute", a=1, place=3)
    result = explorer.result()
    real = result["enlarged"][-1]
    np.testing.assert_allclose(result["low"], real.reshape(6, 4, 8, 4).mean((1, 3)), atol=1e-6)
    np.testing.assert_allclose(result["enlarged"][0], np.kron(result["low"], np.ones((4, 4))), atol=1e-6)
    np.testing.assert_allclose(result["off"], [rms(x, real) for x in result["enlarged"]], atol=1e-3)
    features = nets[3].features(torch.from_numpy(result["enlarged"])).detach().numpy()
    np.testing.assert_allclose(result["apart"], np.linalg.norm(features - features[-1], axis=1), atol=1e-4)
    assert (result["off"][-1], result["apart"][-1]) == (0, 0)
    least = list(making.ENLARGED.values())[1 + int(np.argmin(result["off"][1:5]))]
    nearest = list(making.ENLARGED.values())[1 + int(np.argmin(result["apart"][1:5]))]
    assert f"{least} has the least error in dB; in the judge's ears {nearest} is nearest" in explorer.grid.caption


def test_a_generator_of_ones_own_takes_the_place_of_the_one_shipped():
    torch.manual_seed(5)
    mine = Generator(4, 3)
    explorer = Flavours(mine, family="organ")
    assert not mine.training
    np.testing.assert_allclose(explorer.result()["drawings"], mine.sample(8, 0, ORGAN).numpy(), atol=1e-6)
    assert explorer.to_code() == "Flavours(generator=generator)"


def test_of_drawings_the_place_is_the_drawing_and_elsewhere_it_is_not():
    explorer = Flavours(a=3)
    assert explorer.state["place"] == 3
    assert explorer.set(place=5).state["a"] == 5
    assert explorer.set(show="between").state["place"] == 5
    assert explorer.set(place=8).state["a"] == 5
    assert explorer.set(show="level by level").state["place"] == 3
    assert explorer.count() == 4


def test_a_click_is_looked_at():
    explorer = Flavours()
    explorer._click("drawing 6", 0, 0)
    assert explorer.state["a"] == 6
    explorer._click("kin flute", 0, 0)
    assert explorer.state["family"] == "flute"
    explorer.set(show="enlarged")
    explorer._click("error bicubic", 3, 3)
    assert explorer.state["place"] == 2
    explorer.set(show="level by level")
    explorer._click("made band 12 × 16", 0, 0)
    assert explorer.state["place"] == 1
    explorer._click("real 6 × 8", 0, 0)
    assert explorer.state["place"] == 3


def test_all_sounds_have_one_level_and_a_sound_is_its_picture():
    explorer = Flavours(a=1, pitch=45)
    for show in ("drawings", "between", "level by level", "enlarged"):
        first = explorer.set(show=show).tracks()[0].samples
        at = explorer.state["place"]
        x = sound(torch.from_numpy(explorer.pictures()[at]), 45).numpy()
        assert np.corrcoef(x, first)[0, 1] == pytest.approx(1, abs=1e-5)
        loud = np.sqrt(np.mean(first.astype(float) ** 2))
        assert loud == pytest.approx(LEVEL, rel=1e-3) or np.abs(first).max() == pytest.approx(0.9, abs=1e-3)
    assert np.array_equal(played(np.zeros((24, 32), np.float32), 52), np.zeros(16_000, np.float32))


def test_the_gapless_tone_goes_from_colour_to_colour_and_never_stops():
    pictures = np.zeros((9, 24, 32), np.float32)
    pictures[:, 0] = 1.0  # the fundamental throughout, the fourth harmonic comes in
    pictures[:, 3] = np.linspace(0, 1, 9)[:, None]
    x = glide(pictures, 52)
    assert len(x) == 9 * MOMENT * RATE
    windows = x[: len(x) // 400 * 400].reshape(-1, 400)[1:-1]
    assert np.sqrt((windows**2).mean(1)).min() > LEVEL / 3  # no gap of 25 ms

    def fourth(k: int) -> float:
        """Amplitude of the fourth harmonic against the first, in the middle of a place."""
        middle = round((k + 0.5) * MOMENT * RATE)
        piece, t = x[middle - 1500 : middle + 1500].astype(float), np.arange(3000) / RATE
        both = [abs(np.sum(piece * np.hanning(3000) * np.exp(-2j * np.pi * h * hertz(52) * t))) for h in (4, 1)]
        return 20 * np.log10(both[0] / both[1])

    assert fourth(8) == pytest.approx(0, abs=1.5)
    assert fourth(4) == pytest.approx(-30, abs=1.5)
    np.testing.assert_allclose(colours(pictures)[3, [0, -1]], [0, 1], atol=0.02)


@pytest.mark.parametrize(("state", "words"), [
    ({"show": "nothing"}, "choose one of drawings"), ({"family": "tuba"}, "choose one of bass"),
    ({"to": "tuba"}, "choose one of bass"), ({"truncation": 0.0}, "choose 0.1 to 3"), ({"a": 8}, "choose 0 to 7"),
    ({"seed": 100}, "choose 0 to 99"), ({"detail": 100}, "choose 0 to 99"),
    ({"pitch": 90}, "choose 40 to 64"), ({"show": "between", "place": 9}, "no place 9; between has 9"),
])  # fmt: skip
def test_what_cannot_be_is_explained(state, words):
    with pytest.raises(ValueError, match=words):
        Flavours(**state)


def test_what_is_written_is_what_was_found():
    explorer = Flavours(show="between", place=0)
    result = explorer.result()
    titles = {p.name: p.column_axis for p in explorer.grid.panels}
    assert titles["place 3"] == f"+{result['steps'][2]:.1f} dB"
    explorer.set(show="drawings")
    result = explorer.result()
    titles = {p.name: p.column_axis for p in explorer.grid.panels}
    assert titles["drawing 2"] == f"organ? {board.percent(result['taken'][2])}"
    assert titles["kin flute"] == board.percent(result["kin taken"][FLUTE])


def test_the_question_is_about_the_organs_whatever_is_shown(nets):
    organs, families = (60 * x.std(0, ddof=1).mean() for x in (Flavours().result()["drawings"], Flavours().result()["kin"]))
    asked = Flavours(show="enlarged", predict=True).asked
    assert f"{organs:.1f} dB among the organs, by {families:.1f} dB" in asked.why
    ratio = organs / families
    truth = "about the same" if 1 / 1.2 < ratio < 1.2 else "organs among themselves" if ratio > 1 else "families of one noise"
    assert asked.truth == truth
    assert flavours._answer(14.0, 11.0) == "organs among themselves"
    assert flavours._answer(9.0, 11.0) == "families of one noise"
    assert flavours._answer(10.0, 11.0) == "about the same"
