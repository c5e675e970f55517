"""What symusic 0.5.9 (on abc2midi) reads in 217 of the tunes: a digest of onsets and pitches for each, as an oracle.

It is not installed for the tests. To make the table again: pip install symusic==0.5.9 somewhere, there
`python -m tests.datasets.read_by_symusic`. Repeats and endings are taken out, so that all stands once; tunes with chords and
fields inside are left out, for it spreads the notes of a chord and reads no field inside a line.
"""

import hashlib
import importlib
import re

EVERY = 18
DIFFER = {
    684: "symusic rounds the notes of a group of nine to its ticks",
    720: "it leaves e<a3 as it is, for the notes are not equally long",
    2412: "it reads on where = stands before no note",
}


def digest(notes: list[tuple[float, int]]) -> str:
    """Eight digits for (onset in quarter notes, pitch) of all notes; onsets count to a 48th, finer than any note here."""
    said = " ".join(f"{round(48 * onset)}:{pitch}" for onset, pitch in sorted(notes))
    return hashlib.sha256(said.encode()).hexdigest()[:8]


def written_once(text: str) -> str:
    return re.sub(r":*\|+\]?:*|::+", "|", re.sub(r"(?<=[|:])\d[\d,-]*", " ", text))


def main():
    symusic = importlib.import_module("symusic")  # by its name: what the tests import, make installs

    from helpers.datasets.tunes import load_tunes

    for number, tune in list(enumerate(load_tunes()))[::EVERY]:
        if "[" not in tune.body and " K:" not in tune.body:
            score = symusic.Score.from_abc(f"X:1\nT:x\n{written_once(tune.text)}")
            notes = [(note.time / score.ticks_per_quarter, note.pitch) for track in score.tracks for note in track.notes]
            print(f'    {number}: "{digest(notes)}",')


# fmt: off
DIGESTS = {
    0: "c5f1a133", 18: "b467a7dd", 36: "3809073f", 54: "898448b8", 72: "20b519d4", 90: "fe0649ef", 108: "4ab708a5",
    126: "35f10dc8", 144: "a69b0a7e", 162: "9f3f9148", 180: "edefef90", 198: "8fcbb89a", 216: "1e1406ec",
    234: "5abce6c0", 252: "90abeefa", 270: "c8fff90c", 288: "d4bb72c8", 306: "ec0addff", 324: "0b9f9732",
    342: "e58fea6a", 360: "29c37bbd", 378: "c1ba5a45", 396: "d6e38469", 414: "a5955fff", 432: "fee4d8f4",
    450: "30b271a4", 468: "663897b8", 486: "29e10fc9", 504: "63f67ea1", 522: "9641ac5a", 540: "675528a4",
    558: "22eb177e", 576: "9dab9d65", 594: "4d32b9d9", 612: "2a48b954", 630: "48c4639c", 648: "bb01f6a8",
    684: "fbac7d2c", 702: "6327849e", 720: "e5116e91", 738: "d7a81557", 756: "94648d1e", 774: "9a4d7445",
    792: "5b4ccaad", 810: "193c3e65", 846: "191fc251", 864: "cd704cc7", 882: "7039f903", 900: "db5ece60",
    918: "2269d4cb", 936: "4b374bc9", 954: "0c7aa0ed", 972: "148a2b9f", 990: "e1c5af66", 1008: "3350bba7",
    1044: "e6cb9056", 1062: "96b0a8d4", 1080: "fc752088", 1098: "ce785446", 1116: "f4a403ba", 1134: "63c3410d",
    1152: "5dbe7109", 1170: "36e4fa4a", 1188: "04831d24", 1206: "1782e3e9", 1224: "7c272957", 1242: "63e62b90",
    1260: "86cc78c9", 1278: "d5a268af", 1296: "58b7acaa", 1314: "1ad79c26", 1332: "17cdc108", 1350: "f0acccca",
    1368: "7686f050", 1386: "4eed3fc1", 1404: "014d57df", 1422: "17024022", 1440: "2c3a28da", 1458: "9af291ee",
    1476: "eba13628", 1494: "83f6b52d", 1512: "009f3942", 1530: "b9ae7157", 1548: "2608d547", 1566: "6dd6cf45",
    1584: "2ddc03b0", 1602: "efca48b9", 1620: "46f8e718", 1638: "7e84be49", 1656: "53281cf4", 1674: "3fe65bbe",
    1692: "1323cd3e", 1710: "7c52b4c0", 1728: "f414afd9", 1746: "9231362d", 1782: "db402076", 1800: "dab80f56",
    1818: "50ff0892", 1836: "a34dae32", 1854: "aac0d67c", 1872: "34213f40", 1890: "a7e7b5ff", 1908: "9e03470d",
    1926: "04570d72", 1944: "0bb4637f", 1962: "db731239", 1980: "93c818bb", 1998: "0cc86a1e", 2016: "a64d966e",
    2034: "4d4a9256", 2052: "ceb9bbd2", 2070: "7c26a508", 2088: "66a4addc", 2106: "866dc8d3", 2124: "cdd5fa26",
    2142: "47d704ed", 2160: "caa3ef03", 2178: "e81d11cf", 2196: "8d4b03e5", 2214: "9218e276", 2232: "2be55156",
    2250: "412612da", 2268: "1fab05d4", 2286: "22755b98", 2304: "9de31045", 2322: "0cc74f0b", 2340: "dfdafed0",
    2358: "7a728482", 2376: "d5b46c53", 2394: "e7be11db", 2412: "21647ae2", 2448: "1a95139a", 2466: "99688856",
    2484: "8f5c04c9", 2502: "b3367307", 2538: "27f48fbd", 2556: "f3b593ea", 2574: "7192b369", 2610: "6e05bdbc",
    2628: "a72b9797", 2646: "0d8f7e62", 2682: "d18df287", 2718: "15b3e323", 2736: "861c4948", 2754: "a2269d06",
    2772: "2a13cd6b", 2790: "a49f7321", 2808: "5c21daf3", 2826: "7e41be68", 2844: "493cc5f5", 2862: "5b65503d",
    2880: "989f7b8a", 2898: "c4ffba75", 2916: "926d5391", 2934: "a01b30b4", 2952: "80459fb0", 2970: "5bd62025",
    3024: "069e789b", 3042: "499c45e2", 3060: "8cd86f6a", 3078: "a68a6303", 3096: "88d6c0c7", 3114: "ef6b65f8",
    3132: "b21177fb", 3150: "5ff52de1", 3168: "055a63bc", 3186: "2d8e1271", 3204: "4306484f", 3222: "a7834f0c",
    3258: "4e387ace", 3276: "f13fcfef", 3294: "aa928f51", 3312: "a4702b2b", 3330: "091fb5cb", 3348: "3511b0a3",
    3366: "12dee949", 3384: "834735ac", 3402: "078e4c59", 3420: "6ebda290", 3438: "a394b6a2", 3474: "8fc77e93",
    3492: "cc36635f", 3510: "9ae6a677", 3528: "185aae82", 3546: "0079c7b6", 3564: "9ecdc839", 3582: "fe574973",
    3600: "e01dc255", 3654: "d214b613", 3672: "00de137c", 3690: "c0274cf7", 3708: "0977267d", 3726: "028b5d66",
    3744: "df2ac93c", 3780: "6b859163", 3798: "9214bacd", 3834: "41ac1922", 3852: "34b2de47", 3870: "c4d3fdd1",
    3888: "a15af96b", 3906: "75e24fa9", 3924: "f966d6ba", 3942: "72ea5196", 3960: "1cdd6cb5", 3978: "d014a1c0",
    3996: "c486292c", 4032: "1a73897a", 4050: "48d19aea", 4068: "8e29c420", 4086: "85b3d572", 4104: "bdba7eac",
    4122: "c42317db", 4140: "ceec3ddf", 4176: "cf0530f7", 4194: "0cfaab51", 4212: "384eceb8", 4230: "b7fc3c80",
}
# fmt: on

if __name__ == "__main__":
    main()
