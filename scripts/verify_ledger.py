"""Verifies exports of the ledger, independently of Onus: only this file and Python 3 are needed.

Exit code 0 verified, 1 altered, 2 unreadable; a line of JSON for each export says what was found.
RFC 9162 (tree), RFC 8032 (Ed25519), C2SP signed-note and tlog-checkpoint (what is signed).
"""
import argparse, base64, functools, hashlib, json, re, sys
MAX_LINE, NAME = 1024 * 1024, "[!-*,-~]{1,200}"
def sha256(data): return hashlib.sha256(data).digest()
def node(left, right): return sha256(b"\1" + left + right)
# Ed25519 (RFC 8032 section 5.1), points in extended coordinates.
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P
def multiply(k, p):
    q = (0, 1, 1, 0)
    while k: q, p, k = add(q, p) if k & 1 else q, add(p, p), k >> 1
    return q
def point(data):
    y, sign = int.from_bytes(data, "little") & (2**255 - 1), data[31] >> 7
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P: x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - xx) % P or (x == 0 and sign): return None
    x = x if x & 1 == sign else P - x
    return x, y, 1, x * y % P
BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
def is_signed(public, message, signature):
    a, s = point(public), int.from_bytes(signature[32:], "little")
    if a is None or s >= L: return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    x, y, z, _ = add(multiply(s, BASE), multiply(h, (P - a[0], a[1], 1, P - a[3])))  # s B - h A, which must be R
    x, y = x * pow(z, P - 2, P) % P, y * pow(z, P - 2, P) % P
    return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]
def unbase64(text):
    try: data = base64.b64decode(text, validate=True)
    except ValueError: return b""
    return data if base64.b64encode(data).decode() == text else b""
def read_key(text):
    match = re.fullmatch(rf"({NAME})\+([0-9a-f]{{8}})\+(\S{{1,100}})", text)
    data = unbase64(match[3]) if match else b""
    if len(data) != 33 or data[0] != 1 or sha256(match[1].encode() + b"\n" + data)[:4].hex() != match[2]: return None
    return text, match[1], bytes.fromhex(match[2]), data[1:]
def read_note(note):
    parts = note.split("\n")
    if not 6 <= len(parts) <= 21 or parts[3] != "" or parts.pop() != "": return None
    origin, size, root, signatures = parts[0], parts[1], unbase64(parts[2]), []
    if not re.fullmatch(NAME, origin) or not re.fullmatch("0|[1-9][0-9]{0,15}", size) or len(root) != 32: return None
    for match in [re.fullmatch(rf"\u2014 ({NAME}) (\S+)", line) for line in parts[4:]]:
        data = unbase64(match[2]) if match else b""
        if len(data) != 68: return None
        signatures.append((match[1], data[:4], data[4:]))
    return {"origin": origin, "size": int(size), "root": root, "signatures": signatures, "text": "\n".join(parts[:3]) + "\n"}
def signers(note, known):
    found = [(next((key for key in known if key[1:3] == (name, key_id) and name == note["origin"]), None), signature) for name, key_id, signature in note["signatures"]]
    return [key[0] for key, _ in found] if all(key and is_signed(key[3], note["text"].encode(), signature) for key, signature in found) else None
class Found(Exception): pass
def altered(code, first=None, last=None): raise Found(1, {"state": "altered", "code": code, "first": first, "last": first if last is None else last})
def unreadable(detail): raise Found(2, {"state": "unreadable", "detail": detail})
def loads(data):
    try: value = json.loads(data.decode())
    except (ValueError, RecursionError): return {}
    return value if isinstance(value, dict) else {}
def parse(data, keys):  # the members of an object that is spelled in the one way, or None
    value = loads(data)
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass")
    return list(value.values()) if list(value) == keys and text == data else None
def are_texts(*values): return all(isinstance(value, str) for value in values)
def facts_of(text):
    entry = loads(text)
    personal, after = [value if isinstance(value, dict) else {} for value in (entry.get("personal"), entry.get("after"))]
    return personal, after.get("vkey") if entry.get("action") == "ledger-key.announce" else None
def read_entry(line, size):  # leaf in hex, personal values, bytes of the entry
    start, at = b'{"index":%d,"leaf":"' % size, line.find(b',"entry":')
    end = len(start) + 64
    if not line.startswith(start) or at <= end or line[end:end + 1] != b'"' or line[-1:] != b"}":
        altered("entry-missing" if int((re.match(rb'\{"index":(\d{1,15}),', line) or ["", 0])[1]) > size else "entry-altered", size)
    (personal,) = parse(b"{" + line[end + 2:at] + b"}", ["personal"]) or [None] if at > end + 1 else [{}]
    if not isinstance(personal, dict) or (at > end + 1 and not personal): altered("entry-altered", size)
    if not all(isinstance(value, dict) and list(value) == ["salt", "value"] and are_texts(*value.values())
               and re.fullmatch("[0-9a-f]{64}", value["salt"]) for value in personal.values()): altered("entry-altered", size)
    return line[len(start):end], personal, line[at + 9:-1]
def verify(lines, keys, since):
    first = next(lines, b"")
    first = first[:-1] if first.endswith(b"\n") else b""
    version, origin, total, checkpoint, listed = parse(first, ["ledger", "origin", "size", "checkpoint", "keys"]) or [None] * 5
    if not (type(version) is type(total) is int and version == 1 and 0 <= total < 2**53 and isinstance(listed, list) and 1 <= len(listed) <= 1000 and are_texts(origin, checkpoint, *listed)):
        unreadable("this is no export of a ledger")
    last, known = read_note(checkpoint), [read_key(key) for key in listed]
    if not last or None in known or last["origin"] != origin or last["size"] != total: altered("checkpoint-altered")
    known += [read_key(key) for key in keys or []]
    trusted, announced, last_signers = set(listed if keys is None else keys), [], signers(last, known)
    if last_signers is None: altered("checkpoint-altered")
    if since and signers(since, known) is None: unreadable("the earlier checkpoint is not signed by a key of this ledger")
    peaks, size, good, shown, erased = [], 0, 0, 0, 0  # peaks: leaves and hash of each complete subtree
    def root(): return functools.reduce(lambda right, left: node(left, right), [hash for _, hash in reversed(peaks)]) if peaks else sha256(b"")
    def compare_since(): since and since["size"] == size and since["root"] != root() and altered("history-rewritten", 0, size - 1)
    def compare_root(note, by):
        if note["root"] != root(): altered("root-differs", good, size - 1)
        trusted.update(announced if trusted & set(by) else [])
        return size
    compare_since()
    for raw in lines:
        line = raw[:-1] if raw.endswith(b"\n") else b""
        if line.startswith(b'{"checkpoint":'):
            (text,) = parse(line, ["checkpoint"]) or [None]
            note = read_note(text) if are_texts(text) else None
            by = signers(note, known) if note and note["origin"] == origin else None
            if by is None: altered("checkpoint-altered")
            if note["size"] != size: altered("entry-missing", size)
            good = compare_root(note, by)
            continue
        if size >= total: altered("entry-extra", size)
        leaf, personal, text = read_entry(line, size)
        hash = sha256(b"\0" + text)
        if hash.hex().encode() != leaf: altered("entry-missing" if text == b"null" else "entry-altered", size)
        committed, vkey = facts_of(text)
        for slot, value in personal.items():
            if sha256(bytes.fromhex(value["salt"]) + value["value"].encode()).hex() != committed.get(slot): altered("personal-altered", size)
        shown, erased, announced = shown + len(personal), erased + len(committed) - len(personal), announced + [vkey] * isinstance(vkey, str)
        peaks, size = peaks + [(1, hash)], size + 1
        while len(peaks) > 1 and peaks[-2][0] == peaks[-1][0]: peaks[-2:] = [(2 * peaks[-1][0], node(peaks[-2][1], peaks[-1][1]))]
        compare_since()
    if size < total: altered("entry-missing", size)
    compare_root(last, last_signers)
    if not trusted & set(last_signers): altered("key-not-trusted")
    if since and since["size"] > size: altered("history-rewritten", size, since["size"] - 1)
    return 0, {"state": "verified", "origin": origin, "size": size, "root": last["root"].hex(), "shown": shown, "erased": erased}
def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exports", nargs="+", metavar="EXPORT")
    parser.add_argument("--key", action="append", metavar="VKEY", help="a key to trust; without one, those that the export names")
    parser.add_argument("--since", metavar="FILE", help="an earlier export, or its checkpoint, that must be continued")
    args, since, worst = parser.parse_args(), None, 0
    if args.since:
        with open(args.since, "rb") as file: text = file.readline() + file.read(10_000)
        since = read_note(loads(text.split(b"\n")[0]).get("checkpoint", "") if text[:1] == b"{" else text.decode())
    if (args.since and not since) or None in map(read_key, args.key or []): parser.error("a key or the earlier state cannot be read")
    for path in args.exports:
        try:
            with open(path, "rb") as file: code, found = verify(iter(lambda: file.readline(MAX_LINE + 1), b""), args.key, since)
        except Found as error: code, found = error.args
        except OSError as error: code, found = 2, {"state": "unreadable", "detail": str(error)}
        print(json.dumps(found))
        worst = max(worst, code)
    sys.exit(worst)
if __name__ == "__main__": main()
