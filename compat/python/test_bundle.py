"""The verifier of bundles accepts what Umbel writes and refuses whatever was tampered with.

No server is needed, nor a client: `python -m pytest --noconftest compat/python/test_bundle.py` does with `cryptography`.
"""

import base64
import json
import random
from io import BytesIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from verify_bundle import Refused, append, canonical, main, open_checkpoint, parse_key, root_by_proof, root_of, sha256, verify

FIXTURES = Path(__file__).parents[2] / "crates/proof/tests/fixtures"
VKEY = (FIXTURES / "verifier-key.txt").read_text().strip()
KEY = parse_key(VKEY)
TAMPERINGS = 100

# Name, leaves, erased.
GOOD = [
    ("whole", 40, 0),
    ("retained", 27, 0),
    ("selection", 6, 0),
    ("erased", 40, 14),
    ("erased-selection", 3, 2),
    ("empty", 0, 0),
]


def fixture(name):
    return (FIXTURES / f"{name}.ndjson").read_bytes()


def checkpoint(size):
    return open_checkpoint((FIXTURES / f"checkpoint-{size}.txt").read_text(), KEY)


def refused(bundle, key=KEY, known=None):
    with pytest.raises(Refused) as error:
        verify(BytesIO(bundle), key, known)
    assert str(error.value).startswith(("line ", "the bundle ends after line "))
    return str(error.value)


@pytest.mark.parametrize(("name", "leaves", "erased"), GOOD)
def test_what_umbel_writes_is_accepted(name, leaves, erased):
    verified = verify(BytesIO(fixture(name)), KEY)
    assert (verified.leaves, verified.erased, verified.signed) == (leaves, erased, True)
    assert verified.checkpoint.origin == KEY.name


def test_the_bundles_have_in_them_what_is_hard_to_keep():
    whole = fixture("whole").decode()
    for text in ["12.50", "1e-7", "123456789012345678901234567890", "🦋", "\u2028", "\x7f", "\\\\u0000", "[ 1.0 , -0 ]"]:
        assert text in whole


@pytest.mark.parametrize("size", [20, 40])
def test_an_earlier_checkpoint_of_the_same_log_is_met(size):
    assert verify(BytesIO(fixture("whole")), KEY, checkpoint(size)).leaves == 40


def test_a_checkpoint_of_another_history_is_a_fork():
    for size in [20, 40]:
        assert "forked" in refused(fixture("whole"), known=checkpoint(size)._replace(root=b"x" * 32))
    assert "forked" in refused(fixture("selection"), known=checkpoint(40)._replace(root=b"x" * 32))


def test_a_later_checkpoint_means_that_the_log_was_rolled_back():
    for name in ["whole", "retained", "selection"]:
        assert "rolled back" in refused(fixture(name), known=checkpoint(41))


def test_a_checkpoint_that_cannot_be_compared_is_refused():
    assert "cannot be compared" in refused(fixture("retained"), known=checkpoint(20)._replace(size=12))
    assert "another log" in refused(fixture("whole"), known=checkpoint(40)._replace(origin="other"))


def test_without_a_key_the_result_says_so():
    assert not verify(BytesIO(fixture("whole"))).signed


def test_the_command_says_by_its_status_whether_a_bundle_holds(tmp_path, capsys):
    good, later = str(FIXTURES / "whole.ndjson"), str(FIXTURES / "checkpoint-41.txt")
    assert main([good]) == 0
    assert "no key was given" in capsys.readouterr().out
    assert main([good, "--key", VKEY]) == 0
    assert "40 of 40 entries hold" in capsys.readouterr().out
    assert main([good, "--key", VKEY, "--checkpoint", later]) == 1
    assert "rolled back" in capsys.readouterr().err
    bad = tmp_path / "bad.ndjson"
    bad.write_bytes(fixture("whole").replace(b"user-1@", b"user-2@", 1))
    assert main([str(bad), "--key", VKEY]) == 1
    assert main([str(tmp_path / "missing.ndjson")]) == 1
    assert main([good, "--key", VKEY.replace("+", "-")]) == 1


def test_trees_of_every_small_size_prove_their_leaves():
    """Against the definition by recursion, with proofs made here."""

    def root(leaves):
        if len(leaves) < 2:
            return leaves[0] if leaves else sha256(b"")
        k = 1 << (len(leaves) - 1).bit_length() - 1
        return sha256(b"\x01" + root(leaves[:k]) + root(leaves[k:]))

    def path(index, leaves):
        if len(leaves) == 1:
            return []
        k = 1 << (len(leaves) - 1).bit_length() - 1
        if index < k:
            return path(index, leaves[:k]) + [root(leaves[k:])]
        return path(index - k, leaves[k:]) + [root(leaves[:k])]

    leaves, frontier = [sha256(b"\x00%d" % index) for index in range(33)], []
    for size, leaf in enumerate(leaves, 1):
        append(frontier, size - 1, leaf)
        assert root_of(frontier) == root(leaves[:size])
        for index in range(size):
            assert root_by_proof(index, size, leaves[index], path(index, leaves[:size])) == root(leaves[:size])


# Tampering. Each way changes a list of lines, with a source of random choices.


def edit(lines, at, change):
    line = json.loads(lines[at])
    change(line)
    lines[at] = canonical(line) + b"\n"


def a_leaf(hand, lines):
    return hand.randrange(1, len(lines) - 1)


def change_value(hand, value):
    """Another value of the same type."""
    if isinstance(value, str):
        at = hand.randrange(len(value))
        return value[:at] + ("1" if value[at] == "0" else "0") + value[at + 1 :]
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + hand.randrange(1, 9)
    if isinstance(value, list):
        at = hand.randrange(len(value))
        return hand.choice(
            [value[:at] + value[at + 1 :], value + [value[at]], value[:at] + [change_value(hand, value[at])] + value[at + 1 :]]
        )
    raise AssertionError(value)


def containers(value):
    """Every object of a line, from the outside in."""
    yield value
    for member in value.values():
        if isinstance(member, dict):
            yield from containers(member)


def change_any_member(hand, lines):
    def change(line):
        places = [(o, name) for o in containers(line) for name, member in o.items() if not isinstance(member, dict) and member != []]
        place, name = hand.choice(places)
        place[name] = change_value(hand, place[name])

    edit(lines, hand.randrange(len(lines)), change)


def remove_any_member(hand, lines):
    def change(line):
        place = hand.choice([o for o in containers(line) if o])
        del place[hand.choice(sorted(place))]

    edit(lines, hand.randrange(len(lines)), change)


def add_a_member(hand, lines):
    def change(line):
        hand.choice(list(containers(line)))[hand.choice(["zone", "aaa", "zzz", "é"])] = hand.choice(["x", 1, None, True, {}, []])

    edit(lines, hand.randrange(len(lines)), change)


def change_a_type(hand, lines):
    def change(line):
        place = hand.choice([o for o in containers(line) if o])
        name = hand.choice(sorted(place))
        place[name] = hand.choice([other for other in [None, True, 1.5, [], {}, "", -1] if other != place[name]])

    edit(lines, hand.randrange(len(lines)), change)


def write_otherwise(hand, lines):
    """The same JSON in another form."""
    at = hand.randrange(len(lines))
    line = json.loads(lines[at])
    turned = dict(reversed(line.items()))
    forms = [json.dumps(line, sort_keys=True), json.dumps(turned, separators=(",", ":"), ensure_ascii=False)]
    lines[at] = hand.choice(forms).encode() + b"\n"


def flip_a_bit(hand, lines):
    at = hand.randrange(len(lines))
    line = bytearray(lines[at])
    line[hand.randrange(len(line))] ^= 1 << hand.randrange(8)
    lines[at] = bytes(line)


def remove_a_byte(hand, lines):
    at = hand.randrange(len(lines))
    byte = hand.randrange(len(lines[at]))
    lines[at] = lines[at][:byte] + lines[at][byte + 1 :]


def remove_a_checkpoint_or_leaf(hand, lines):
    # Leaving one out of a selection says nothing of those that are left.
    selection = b'"proofs":' in lines[0]
    del lines[len(lines) - 1 if selection else hand.randrange(1, len(lines))]


def swap_lines(hand, lines):
    a, b = hand.sample(range(len(lines)), 2)
    lines[a], lines[b] = lines[b], lines[a]


def swap_entries(hand, lines):
    a, b = hand.sample(range(1, len(lines) - 1), 2)
    entries = [json.loads(lines[at])["entry"] for at in (a, b)]
    for at, entry in zip((b, a), entries):
        edit(lines, at, lambda line, entry=entry: line.update(entry=entry))


def repeat_a_line(hand, lines):
    lines.insert(hand.randrange(len(lines)), lines[hand.randrange(len(lines))])


def make_up_a_line(hand, lines):
    at = a_leaf(hand, lines)
    lines.insert(at, lines[at])
    edit(lines, at, lambda line: line["entry"]["action"].update(description="Made up"))
    for later in range(at + 1, len(lines) - 1):
        edit(lines, later, lambda line: line.update(index=line["index"] + 1))


def cut_the_tail(hand, lines):
    whole = b"".join(lines)
    lines[:] = [whole[: hand.randrange(len(whole))]]


def cut_whole_lines(hand, lines):
    del lines[hand.randrange(1, len(lines)) :]


def add_after_the_end(hand, lines):
    lines.append(hand.choice(lines + [b"\n", b"x"]))


def replace_the_checkpoint(hand, lines):
    """By one that is genuine, but of another size."""
    size = hand.choice([20, 41])
    note = (FIXTURES / f"checkpoint-{size}.txt").read_text()
    edit(lines, -1, lambda line: line.update(note=note))


def sign_with_another_key(hand, lines):
    def change(line):
        text, _, signature = line["note"].rpartition("\n\n")
        forged = Ed25519PrivateKey.from_private_bytes(hand.randbytes(32)).sign(f"{text}\n".encode())
        dash, name, _ = signature.split(" ")
        line["note"] = f"{text}\n\n{dash} {name} {base64.b64encode(KEY.id + forged).decode()}\n"

    edit(lines, -1, change)




def erase_and_change(hand, lines):
    """Takes away the personal members, which is allowed, under a commitment to others, which is not."""

    def change(line):
        for group, names in [("actor", ["email", "ip_address", "token_name"]), ("raw", ["uri", "user_agent"]), ("resource", ["after", "before", "request", "response"])]:
            for name in names:
                line["entry"].get(group, {}).pop(name, None)
        line.pop("salt", None)
        line["commitment"] = hand.randbytes(32).hex()

    edit(lines, a_leaf(hand, lines), change)


WAYS = [
    change_any_member,
    remove_any_member,
    add_a_member,
    change_a_type,
    write_otherwise,
    flip_a_bit,
    remove_a_byte,
    remove_a_checkpoint_or_leaf,
    swap_lines,
    swap_entries,
    repeat_a_line,
    make_up_a_line,
    cut_the_tail,
    cut_whole_lines,
    add_after_the_end,
    replace_the_checkpoint,
    sign_with_another_key,
    erase_and_change,
]


@pytest.mark.parametrize("name", ["whole", "retained", "selection", "erased", "erased-selection"])
def test_every_random_tampering_is_refused(name):
    hand, good, found = random.Random(f"tampering with {name}"), fixture(name), 0
    while found < TAMPERINGS:
        lines = good.splitlines(keepends=True)
        way = WAYS[found % len(WAYS)]
        way(hand, lines)
        bad = b"".join(lines)
        if bad != good:
            refused(bad)
            found += 1


def test_any_changed_bit_of_a_checkpoint_line_is_refused():
    good = fixture("erased-selection")
    start = good.rindex(b'{"kind":"audit_checkpoint"')
    for at in range(start, len(good)):
        for bit in range(8):
            refused(good[:at] + bytes([good[at] ^ 1 << bit]) + good[at + 1 :])
