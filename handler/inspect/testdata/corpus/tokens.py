"""Secrets and what looks like some.

Secrets are made from the grammars that gitleaks publishes for what issuers give out. Texts
that look like secrets come from documentation, lock files, hashes and pictures.
"""

import base64
import json
import re
import tomllib
import uuid

import common

try:
    from re import _constants as constants
    from re import _parser as parser
except ImportError:  # before Python 3.11
    import sre_constants as constants
    import sre_parse as parser

EACH = 8  # secrets of each grammar

# UNSURE are grammars whose texts no prefix of an issuer begins: they are found by a word that stands before, or
# by nothing but their length. The rule says nothing about these.
UNSURE = {"generic-api-key", "curl-auth-header", "curl-auth-user", "kubernetes-secret-yaml", "nuget-config-password", "sourcegraph-access-token", "gitlab-session-cookie", "jwt", "jwt-base64", "grafana-api-key", "facebook-access-token", "sidekiq-sensitive-url", "freemius-secret-key", "pkcs12-file", "hashicorp-tf-api-token", "maxmind-license-key", "azure-ad-client-secret", "cloudflare-origin-ca-key", "vault-service-token", "authress-service-client-access-key", "twilio-api-key", "microsoft-teams-webhook", "adobe-client-secret", "clickhouse-cloud-api-secret-key"}


def alphabet(ranges):
    out = set()
    for op, value in ranges:
        if op is constants.LITERAL:
            out.add(chr(value))
        elif op is constants.RANGE:
            out.update(map(chr, range(value[0], min(value[1], 126) + 1)))
        elif op is constants.CATEGORY and value is constants.CATEGORY_WORD:
            out.update("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
        elif op is constants.CATEGORY and value is constants.CATEGORY_DIGIT:
            out.update("0123456789")
        elif op is constants.CATEGORY and value is constants.CATEGORY_NOT_SPACE:
            out.update("abcdefghijklmnopqrstuvwxyz0123456789")
    return sorted(c for c in out if c > " ")


def text(pattern, dice):
    """A text that a parsed regular expression matches."""
    out = ""
    for op, value in pattern:
        if op is constants.LITERAL:
            out += chr(value)
        elif op is constants.IN:
            out += dice.choice(alphabet(value))
        elif op in (constants.MAX_REPEAT, constants.MIN_REPEAT):
            least, most, inner = value
            most = least + 12 if most is constants.MAXREPEAT else min(most, least + 40)
            out += "".join(text(inner, dice) for _ in range(dice.randint(least, most)))
        elif op is constants.SUBPATTERN:
            out += text(value[3], dice)
        elif op is constants.BRANCH:
            out += text(dice.choice(value[1]), dice)
        elif op is constants.ANY:
            out += "."
        elif op is not constants.AT:
            raise ValueError(op)
    return out


def grammars(path):
    """Yields (name, Python's regular expression) of the rules that a prefix begins."""
    with open(path, "rb") as f:
        rules = tomllib.load(f)["rules"]
    for rule in rules:
        regex = rule.get("regex", "")
        if rule["id"] in UNSURE or rule["id"] == "private-key" or "(?:[ \\t\\w.-]{0,20})" in regex:
            continue
        for end in ("(?:[\\x60'\"\\s;]|\\\\[nr]|$|\\b)", "(?:[\\x60'\"\\s;]|\\\\[nr]|$)", "(?:[^\\w-]|\\z)", "(?:[^a-zA-Z0-9+/]|\\z)", "\\b"):
            regex = regex.removesuffix(end)
        regex = regex.replace("[[:alnum:]]", "[a-zA-Z0-9]")
        regex = re.sub(r"\(\?-?i\)", "", regex)
        regex = re.sub(r"\(\?-?i:", "(?:", regex)
        yield rule["id"], regex


# CONTEXTS are places where people leave secrets.
CONTEXTS = (
    ("config.env", "TOKEN={}\nNEXT=1\n"),
    ("a.py", 'import os\ntoken = "{}"\nprint(token)\n'),
    ("a.yml", "env:\n  token: {}\n  name: x\n"),
    ("a.json", '{{"name": "x", "token": "{}", "n": 3}}'),
    ("a.csv", "name,value\ntoken,{}\nother,words\n"),
    ("a.sh", "#!/bin/sh\ncurl -H 'Authorization: Bearer {}' https://host/a\n"),
    ("a.txt", "The token is {} and nobody should know.\n"),
    ("a.ipynb", '{{"cells": [{{"cell_type": "code", "source": ["x = \\"{}\\""], "outputs": [], "metadata": {{}}, "execution_count": null}}], "metadata": {{}}, "nbformat": 4, "nbformat_minor": 5}}'),
)


def jwt(dice):
    part = lambda o: base64.urlsafe_b64encode(json.dumps(o, separators=(",", ":")).encode()).decode().rstrip("=")
    claims = {"sub": str(dice.randrange(10**9)), "iss": "https://login.host/", "exp": dice.randrange(10**9)}
    signature = base64.urlsafe_b64encode(dice.randbytes(dice.choice((32, 64, 256)))).decode().rstrip("=")
    return part({"alg": dice.choice(("HS256", "RS256", "ES256")), "typ": "JWT"}) + "." + part(claims) + "." + signature


def azure(dice):
    """Yields keys and links of Azure Storage and Service Bus."""
    key = base64.b64encode(dice.randbytes(64)).decode()
    yield f"DefaultEndpointsProtocol=https;AccountName=study{dice.randrange(99)};AccountKey={key};EndpointSuffix=core.windows.net"
    short = base64.b64encode(dice.randbytes(32)).decode()
    yield f"Endpoint=sb://bus.servicebus.windows.net/;SharedAccessKeyName=all;SharedAccessKey={short}"
    signature = short.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    yield f"https://study.blob.core.windows.net/data/a.csv?sv=2024-11-04&sr=b&sp=r&se=2027-01-01T00%3A00%3A00Z&sig={signature}"
    yield f"https://study.blob.core.windows.net/data?sp=rl&st=2026-01-01&se=2027-01-01&spr=https&sv=2024-11-04&sr=c&sig={signature}"


def body(dice, lines):
    return [base64.b64encode(dice.randbytes(48)).decode() for _ in range(lines)]


def pem(kind, dice, extra=()):
    return "\n".join([f"-----BEGIN {kind}-----", *extra, *body(dice, 12), f"-----END {kind}-----", ""])


KEYS = ("PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY", "OPENSSH PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "PGP PRIVATE KEY BLOCK", "ANY PRIVATE KEY", "X25519 PRIVATE KEY")


def keys(dice):
    """Yields (file, content) of private keys as they lie about."""
    for kind in KEYS:
        key = pem(kind, dice, ["Proc-Type: 4,ENCRYPTED", ""] if kind.startswith("RSA") else ())
        yield "id", key
        yield "a.txt", "some words\n\n" + key.replace("\n", "\r\n")
        yield "a.json", json.dumps({"type": "service_account", "private_key": key})
        yield "a.yml", "tls:\n  key: |\n" + "".join("    " + line + "\n" for line in key.splitlines())
        yield "a.go", "package a\n\nconst key = `" + key + "`\n"
        yield "a.py", 'KEY = """' + key + '"""\n'
        yield "a.py", "KEY = (" + "\n".join('    "' + line + '\\n"' for line in key.splitlines()) + ")\n"
    yield "a.ppk", "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: x\nPublic-Lines: 2\n" + "\n".join(body(dice, 2)) + "\nPrivate-Lines: 1\n" + body(dice, 1)[0] + "\n"
    yield "ssh2", "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n" + "\n".join(body(dice, 12)) + "\n---- END SSH2 ENCRYPTED PRIVATE KEY ----\n"
    yield "key.txt", "# created: 2026-01-01\nAGE-SECRET-KEY-1" + "".join(dice.choices("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", k=58)) + "\n"


def harmless(dice, regexes):
    """Yields (kind, text) of what looks like a secret and is none."""
    hexes = lambda n: "".join(dice.choices("0123456789abcdef", k=n))
    for name, regex in regexes:
        made = text(parser.parse(regex), dice)
        prefix = re.match(r"[A-Za-z]*[-_.]?(?:[a-z]{2,6}[-_])?", made).group()
        if not 2 < len(prefix) < 16:
            continue
        for filling in ("x" * 40, "X" * 16, "your_token_here", "0" * 36, "...", "<token>", "${TOKEN}", "{{ token }}", "*" * 40, "1234567890abcdefghij1234567890abcdef", "EXAMPLETOKENEXAMPLETOKEN"):
            yield "placeholder", prefix + filling
        yield "short", made[: len(prefix) + 6]
        yield "inside", "some_" + made.replace("-", "_").replace(".", "_")
    for _ in range(30):
        yield "hash", f"{hexes(64)}  archive-1.2.3.tar.gz"
        yield "commit", f"commit {hexes(40)}"
        yield "uuid", str(uuid.UUID(hexes(32)))
        yield "lock", f'"integrity": "sha512-{base64.b64encode(dice.randbytes(64)).decode()}"'
        yield "sum", f"example.org/module v1.2.3 h1:{base64.b64encode(dice.randbytes(32)).decode()}"
        yield "picture", "data:image/png;base64," + base64.b64encode(dice.randbytes(3000)).decode()
        yield "minified", "".join(dice.choices("abcdefghijklmnopqrstuvwxyz(){}=>,;.0123456789", k=2000))
        yield "protein", "".join(dice.choices("ACDEFGHIKLMNPQRSTVWY", k=60))
        yield "path", "/usr/lib/python3/sk-learn/" + hexes(8) + "/ghp_readme.txt"
        yield "certificate", pem("CERTIFICATE", dice)
        yield "public", pem(dice.choice(("PUBLIC KEY", "RSA PUBLIC KEY", "PGP PUBLIC KEY BLOCK", "SSH2 PUBLIC KEY")), dice)
        yield "signature", "https://host/a?sig=" + hexes(8) + "&id=3"
        yield "word", dice.choice(("eyJhbGciOiJIUzI1NiJ9", "sk-learn-contrib-" + "x" * 30, "AKIAIOSFODNN7EXAMPLE", "hf_hub_download_from_the_model_repository", "npm_config_registry_of_the_organisation_x", "dapi_version_and_others", "sig=sin(x)+cos(y)"))
    for kind in KEYS:
        yield "mention", f'A key begins with "-----BEGIN {kind}-----" and ends with "-----END {kind}-----".'
        yield "mention", f"if not text.startswith('-----BEGIN {kind}-----'): raise ValueError"
        yield "mention", f'	pemPrefix = []byte("-----BEGIN {kind}-----")'
        yield "mention", f"<p>Paste everything between <code>-----BEGIN {kind}-----</code> and the end.</p>"
        yield "mention", f"-----BEGIN {kind}-----\n...\n-----END {kind}-----"
        yield "mention", f"-----BEGIN {kind}-----\n<your key>\n-----END {kind}-----"


def main():
    dice = common.dice("tokens")
    labels = common.Labels("tokens")
    path = common.ROOT / "gitleaks" / "config" / "gitleaks.toml"
    regexes = list(grammars(path))
    seen = 0

    def put(file, content, group, rule):
        nonlocal seen
        seen += 1
        line = {"file": file, "content": content, "group": group, "truth": {r: r == rule for r in ("secret.key", "secret.token")}}
        labels.out.write(json.dumps(line) + "\n")

    for name, regex in regexes:
        for i in range(EACH):
            file, context = CONTEXTS[i % len(CONTEXTS)]
            rule = "secret.key" if name == "age-secret-key" else "secret.token"
            put(file, context.format(text(parser.parse(regex), dice)), name, rule)
    for i in range(EACH * 3):
        file, context = CONTEXTS[i % len(CONTEXTS)]
        put(file, context.format(jwt(dice)), "jwt", "secret.token")
        for secret in azure(dice):
            put(file, context.format(secret), "azure", "secret.token")
    for file, content in keys(dice):
        put(file, content, "key", "secret.key")
    for kind, content in harmless(dice, regexes):
        file, context = ("a.txt", "{}\n") if "\n" in content else dice.choice(CONTEXTS)
        if file.endswith(("json", "ipynb")):
            content = json.dumps(content)[1:-1]
            if file.endswith("ipynb"):
                content = json.dumps(content)[1:-1]
        put(file, context.format(content), kind, None)
    labels.close()

    with open(path, "rb") as f:
        rules = {r["id"]: r["regex"] for r in tomllib.load(f)["rules"] if "regex" in r and (r["id"] not in UNSURE)}
    (common.ROOT / "made" / "gitleaks.json").write_text(json.dumps(rules))


if __name__ == "__main__":
    main()
