"""Verifies an audit bundle without a server: python verify_bundle.py BUNDLE [--key VKEY] [--checkpoint FILE]

Written from docs/audit-bundle.md, and from nothing else, so that it agrees with the other verifier only where both agree
with the document. Needs the package `cryptography` when a key is given.
"""

import argparse
import base64
import binascii
import hashlib
import json
import re
import sys
from collections import namedtuple

LINE_LENGTH_MAX = 16 * 1024 * 1024
NOTE_LENGTH_MAX = 256 * 1024
SIGNATURES_MAX = 16
NUMBER_MAX = 2**53 - 1

PUBLIC = {
    "account": {"id"},
    "action": {"description", "result", "time", "type"},
    "actor": {"context", "id", "token_id", "type"},
    "organization": {"id"},
    "raw": {"cf_ray_id", "method", "status_code"},
    "resource": {"id", "product", "scope", "type"},
}
PERSONAL = {
    "actor": {"email", "ip_address", "token_name"},
    "raw": {"uri", "user_agent"},
    "resource": {"after", "before", "request", "response"},
}

Checkpoint = namedtuple("Checkpoint", "origin size root")
Key = namedtuple("Key", "name id public")
Verified = namedtuple("Verified", "checkpoint signed leaves erased first_time last_time")


class Refused(Exception):
    """Why something is not what it must be."""


def refuse_unless(condition, why):
    if not condition:
        raise Refused(why)


# Canonical JSON


def canonical(value):
    """The canonical JSON of a value without fractions whose names are all ASCII, where both orders of sorting agree."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()  # refuses halves of surrogate pairs


def read_line(line, members):
    """Reads a line that must be an object with these members, some of them optional (marked by a `?`), in canonical form."""
    try:
        value = json.loads(line.decode())
        same = canonical(value) == line
    except (ValueError, RecursionError) as error:
        raise Refused(f"is not JSON: {error}") from None
    refuse_unless(same, "is not in canonical form")
    refuse_unless(type(value) is dict, "is not an object")
    check_members(value, members)
    return value


def check_members(value, members):
    required = {name for name in members if not name.endswith("?")}
    allowed = {name.rstrip("?") for name in members}
    refuse_unless(required <= value.keys(), f"lacks {sorted(required - value.keys())}")
    refuse_unless(value.keys() <= allowed, f"has unknown members {sorted(value.keys() - allowed)}")


def number(value, what):
    refuse_unless(type(value) is int and 0 <= value <= NUMBER_MAX, f"has a {what} that is no number")
    return value


def text(value, what):
    refuse_unless(type(value) is str, f"has a {what} that is no text")
    return value


def from_hex(value, length, what):
    refuse_unless(type(value) is str and re.fullmatch(f"[0-9a-f]{{{2 * length}}}", value), f"has a {what} that is no hex of {length} bytes")
    return bytes.fromhex(value)


def hashes(value, what):
    refuse_unless(type(value) is list, f"has a {what} that is no array")
    return [from_hex(item, 32, what) for item in value]


# Leaves


def check_entry(entry):
    refuse_unless(type(entry) is dict, "has an entry that is no object")
    check_members(entry, {"id?"} | {f"{group}?" for group in PUBLIC})
    for name, group in entry.items():
        if name == "id":
            text(group, "id")
            continue
        refuse_unless(type(group) is dict and group, f"has a {name} that is no object with members")
        check_members(group, {f"{member}?" for member in PUBLIC[name] | PERSONAL.get(name, set())})
        for member, value in group.items():
            if member == "status_code":
                refuse_unless(number(value, "status_code") <= 65535, "has a status_code over 65535")
            else:
                text(value, f"{name}.{member}")


def part(entry, groups):
    """The entry with nothing but these members of its groups, and without groups that are then empty."""
    parts = {name: {m: v for m, v in entry[name].items() if m in members} for name, members in groups.items() if name in entry}
    return {name: group for name, group in parts.items() if group}


def leaf_hash(line):
    """The hash of the leaf of a line, which is checked for what a single line can be wrong in."""
    entry = line["entry"]
    check_entry(entry)
    personal = part(entry, PERSONAL)
    refuse_unless(("salt" in line) != ("commitment" in line), "has not exactly one of salt and commitment")
    if "salt" in line:
        commitment = sha256(from_hex(line["salt"], 16, "salt") + canonical(personal))
    else:
        refuse_unless(not personal, "has personal members beside a commitment")
        commitment = from_hex(line["commitment"], 32, "commitment")
    leaf = part(entry, PUBLIC) | {"commitment": commitment.hex(), "version": 1}
    if "id" in entry:
        leaf["id"] = entry["id"]
    return sha256(b"\x00" + canonical(leaf))


# The tree


def sha256(data):
    return hashlib.sha256(data).digest()


def node(left, right):
    return sha256(b"\x01" + left + right)


def append(frontier, size, leaf):
    """Appends a leaf to the frontier of `size` leaves."""
    frontier.append(leaf)
    while size & 1:
        right, left = frontier.pop(), frontier.pop()
        frontier.append(node(left, right))
        size >>= 1


def root_of(frontier):
    if not frontier:
        return sha256(b"")
    root = frontier[-1]
    for left in reversed(frontier[:-1]):
        root = node(left, root)
    return root


def root_by_proof(index, size, leaf, proof):
    """The root that an inclusion proof leads to (RFC 9162, section 2.1.3.2)."""
    at, last, found = index, size - 1, leaf
    for sibling in proof:
        refuse_unless(last != 0, "has a proof that is too long")
        if at & 1 or at == last:
            found = node(sibling, found)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = node(found, sibling)
        at, last = at >> 1, last >> 1
    refuse_unless(last == 0, "has a proof that is too short")
    return found


# Checkpoints


def from_base64(value, what):
    try:
        data = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        data = None
    refuse_unless(data is not None and base64.b64encode(data).decode() == value, f"has a {what} that is no base64")
    return data


def check_name(name):
    bad = not name or any(c.isspace() or c == "+" or ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 for c in name)
    refuse_unless(not bad, f"has a name {name!r} that no key can have")


def parse_key(vkey):
    parts = vkey.split("+", 2)
    refuse_unless(len(parts) == 3, "is no verifier key")
    name, key_id, key = parts[0], from_hex(parts[1], 4, "id"), from_base64(parts[2], "key")
    check_name(name)
    refuse_unless(len(key) == 33 and key[0] == 1, "is no key of Ed25519")
    refuse_unless(sha256(name.encode() + b"\n" + key)[:4] == key_id, "has an id that does not follow from name and key")
    return Key(name, key_id, key[1:])


def parse_note(note):
    """The text of a note and its signatures: (name, id, signature)."""
    refuse_unless(len(note.encode()) <= NOTE_LENGTH_MAX, "has a note that is too long")
    refuse_unless(all(c >= " " or c == "\n" for c in note), "has a note with a control character")
    above, empty_line, below = note.rpartition("\n\n")
    refuse_unless(empty_line and below.endswith("\n"), "has a note without signatures")
    lines = below[:-1].split("\n")
    refuse_unless(len(lines) <= SIGNATURES_MAX, "has a note with too many signatures")
    signatures = []
    for line in lines:
        parts = line.split(" ")
        refuse_unless(len(parts) == 3 and parts[0] == "\u2014", "has a note with a bad line of a signature")
        check_name(parts[1])
        signature = from_base64(parts[2], "signature")
        refuse_unless(len(signature) > 4, "has a note with a signature that is too short")
        signatures.append((parts[1], signature[:4], signature[4:]))
    return above + "\n", signatures


def parse_checkpoint(body):
    refuse_unless(body.endswith("\n"), "has a checkpoint that does not end in a line")
    lines = body[:-1].split("\n")
    refuse_unless(len(lines) >= 3 and all(lines), "has a checkpoint without its three lines, or with an empty one")
    refuse_unless(re.fullmatch("0|[1-9][0-9]{0,15}", lines[1], re.ASCII), "has a checkpoint whose size is no number")
    root = from_base64(lines[2], "root")
    refuse_unless(len(root) == 32, "has a checkpoint whose root is no hash")
    return Checkpoint(lines[0], number(int(lines[1]), "size"), root)


def open_checkpoint(note, key):
    """Reads a checkpoint; with a key, one that the log of that key signed."""
    body, signatures = parse_note(note)
    if key is not None:
        verify_signatures(body, signatures, key)
    checkpoint = parse_checkpoint(body)
    refuse_unless(key is None or key.name == checkpoint.origin, "has a checkpoint of another log than the key is of")
    return checkpoint


def verify_signatures(body, signatures, key):
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    ours = [signature for name, key_id, signature in signatures if (name, key_id) == (key.name, key.id)]
    refuse_unless(ours, "has a checkpoint that is not signed by the key")
    for signature in ours:
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature, body.encode())
        except InvalidSignature:
            raise Refused("has a checkpoint whose signature is wrong") from None


# The bundle


class Range:
    """A bundle of all leaves from `start` on."""

    def __init__(self, header):
        self.size = number(header["start"], "start")
        self.frontier = hashes(header["frontier"], "frontier")
        refuse_unless(len(self.frontier) == self.size.bit_count(), "has a frontier of another size than start")
        self.leaf_members = {"commitment?", "entry", "index", "kind", "salt?"}

    def add(self, line):
        refuse_unless(number(line["index"], "index") == self.size, f"has index {line['index']} instead of {self.size}")
        append(self.frontier, self.size, leaf_hash(line))
        self.size += 1

    def root(self):
        return root_of(self.frontier)


class Selection:
    """A bundle of some leaves with their proofs."""

    def __init__(self, header):
        refuse_unless(header["proofs"] is True, "has proofs that are not true")
        self.size = number(header["size"], "size")
        self.expected = from_hex(header["root"], 32, "root")
        self.next = 0
        self.leaf_members = {"commitment?", "entry", "index", "kind", "proof", "salt?"}

    def add(self, line):
        index = number(line["index"], "index")
        refuse_unless(self.next <= index < self.size, f"has index {index}, which is not between {self.next} and {self.size}")
        root = root_by_proof(index, self.size, leaf_hash(line), hashes(line["proof"], "proof"))
        refuse_unless(root == self.expected, "has a proof that does not lead to the root")
        self.next = index + 1

    def root(self):
        return self.expected


def read_header(line):
    if b'"proofs":' in line:
        header = read_line(line, {"kind", "origin", "proofs", "root", "size", "version"})
    else:
        header = read_line(line, {"frontier", "kind", "origin", "start", "version"})
    refuse_unless(header["kind"] == "audit_bundle", "is not the first of a bundle")
    refuse_unless(header["version"] == 1 and type(header["version"]) is int, "is of a version that is not known")
    text(header["origin"], "origin")
    return header, (Selection if "proofs" in header else Range)(header)


class Verifier:
    def __init__(self, key, known):
        self.key, self.known = key, known
        self.header = self.contents = self.checkpoint = None
        self.leaves = self.erased = 0
        self.times = []

    def line(self, line):
        refuse_unless(self.checkpoint is None, "comes after the checkpoint")
        if self.header is None:
            self.header, self.contents = read_header(line)
            self.begin()
        elif line.startswith(b'{"kind":"audit_checkpoint",'):
            self.end(read_line(line, {"kind", "note"}))
        else:
            leaf = read_line(line, self.contents.leaf_members)
            refuse_unless(leaf["kind"] == "audit_leaf", "is no leaf")
            self.contents.add(leaf)
            self.count(leaf)
            self.compare()

    def begin(self):
        if self.known is not None:
            refuse_unless(self.known.origin == self.header["origin"], "is of another log than the known checkpoint")
            comparable = self.known.size >= self.contents.size
            refuse_unless(comparable, "starts after the known checkpoint, with which it cannot be compared")
            self.compare()

    def compare(self):
        if self.known is not None and self.known.size == self.contents.size:
            same = self.known.root == self.contents.root()
            refuse_unless(same, "leads to another root than the known checkpoint: the log was forked, or a line changed")

    def count(self, leaf):
        self.leaves += 1
        self.erased += "commitment" in leaf
        time = leaf["entry"].get("action", {}).get("time")
        if time is not None:
            self.times = [min(self.times + [time]), max(self.times + [time])]

    def end(self, line):
        checkpoint = open_checkpoint(text(line["note"], "note"), self.key)
        refuse_unless(checkpoint.origin == self.header["origin"], "is of another log than the first line")
        refuse_unless(checkpoint.size == self.contents.size, f"is of {checkpoint.size} leaves, and there are {self.contents.size}")
        newer = self.known is not None and self.known.size > checkpoint.size
        refuse_unless(not newer, "is older than the known checkpoint: the log was rolled back, or the bundle is from before")
        refuse_unless(checkpoint.root == self.contents.root(), "has another root than the lines before it lead to")
        self.checkpoint = checkpoint


def verify(bundle, key=None, known=None):
    """Verifies a bundle that is open for reading bytes, with a key and a checkpoint of another time if they are there."""
    verifier = Verifier(key, known)
    count = 0
    while line := bundle.readline(LINE_LENGTH_MAX):
        count += 1
        try:
            refuse_unless(line.endswith(b"\n"), "is too long, or cut off")
            verifier.line(line[:-1])
        except Refused as refused:
            raise Refused(f"line {count} {refused}") from None
    refuse_unless(verifier.checkpoint is not None, f"the bundle ends after line {count} without a checkpoint: it was cut off")
    first, last = verifier.times or (None, None)
    return Verified(verifier.checkpoint, key is not None, verifier.leaves, verifier.erased, first, last)


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Verifies an audit bundle without a server.")
    parser.add_argument("bundle", help="the file to verify")
    parser.add_argument("--key", help="the verifier key of the log: NAME+ID+KEY")
    parser.add_argument("--checkpoint", metavar="FILE", help="a checkpoint of the log that was kept from another time")
    options = parser.parse_args(arguments)
    try:
        key = options.key and parse_key(options.key)
        known = None
        if options.checkpoint:
            with open(options.checkpoint, encoding="utf-8", newline="") as file:
                known = open_checkpoint(file.read(), key)
        with open(options.bundle, "rb") as bundle:
            verified = verify(bundle, key, known)
    except (Refused, OSError, UnicodeError) as error:
        print(f"refused: {error}", file=sys.stderr)
        return 1
    print(f"{verified.checkpoint.origin}: {verified.leaves} of {verified.checkpoint.size} entries hold, {verified.erased} erased")
    print(f"root {verified.checkpoint.root.hex()}, times {verified.first_time} to {verified.last_time}")
    if not verified.signed:
        print("no key was given: nothing tells who made this bundle")
    return 0


if __name__ == "__main__":
    sys.exit(main())
