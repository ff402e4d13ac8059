"""Original source archives from the Debian mirror that this machine's apt already uses.

Any suite's sources are available, whatever release the machine runs: apt gets a private state folder with its own source list,
and the system's state is neither read nor changed. apt checks the signature of the suite's index; the index has each archive's
SHA-256, which is checked here.

As a program it unpacks libraries of this machine's release for another architecture, unknown to the system's apt; or the sources
of packages, from any release, each in a folder of its name:

    debian_mirror.py ARCHITECTURE DIR PACKAGE...
    debian_mirror.py source DIR PACKAGE...
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Optional

import archives

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
# Aliases first, as they outlive code names. A mirror may have only code names.
SUITES = {"unstable": ["unstable", "sid"], "testing": ["testing", "forky"], "stable": ["stable", "trixie"],
          "oldstable": ["oldstable", "bookworm"]}
SOURCE_SUITES = ["oldstable", "stable", "testing", "unstable"]  # the most stable one first


def configured() -> list[tuple[str, Optional[str]]]:
    """The (URI, keyring) pairs of the machine's apt sources that look like a Debian archive."""
    etc = Path("/etc/apt")
    parts = etc / "sources.list.d"
    found: list[tuple[str, Optional[str]]] = []

    def add(uri: str, suites: list[str], keyring: Optional[str]) -> None:
        uri = uri.rstrip("/")
        ours = os_release().get("VERSION_CODENAME", "")
        named = [s for s in suites if s in (ours, "stable", "oldstable", "testing", "unstable", "sid")]
        if named and not re.search("security|backports", uri) and uri not in (u for u, _ in found):
            found.append((uri, keyring))

    for path in [etc / "sources.list", *sorted(parts.glob("*.list"))]:
        for line in read(path).splitlines():
            match = re.match(r"deb(?:-src)?\s+(?:\[(?P<options>[^]]*)\]\s*)?(?P<uri>\S+)\s+(?P<suite>\S+)\s+\S", line)
            if match:
                options = dict(o.split("=", 1) for o in (match["options"] or "").split() if "=" in o)
                add(match["uri"], [match["suite"]], options.get("signed-by"))
    for path in sorted(parts.glob("*.sources")):
        for stanza in re.split(r"\n\s*\n", read(path)):
            text = "".join(line for line in stanza.splitlines(True) if not line.startswith("#"))
            text = re.sub(r"\n[ \t]+", " ", text)
            fields = {key.strip().lower(): value.strip()
                      for key, _, value in (line.partition(":") for line in text.splitlines())}
            if fields.get("enabled", "yes").lower() not in ("no", "false", "0"):
                for uri in fields.get("uris", "").split():
                    add(uri, fields.get("suites", "").split(), fields.get("signed-by"))
    return found


def read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


def os_release() -> dict[str, str]:
    return dict(line.replace('"', "").split("=", 1)
                for line in read(Path("/etc/os-release")).splitlines() if "=" in line)


class Mirror:
    """One run's view of the mirror. `say` gets a line when something slow begins.

    With `pinned` the caller knows the archives' hashes, and the index only says where they are. Then an index past its date is
    accepted: the mirror may be an old copy, or the machine's clock wrong.

    With `architecture` it has that architecture's packages instead of sources."""

    def __init__(self, say: Callable[[str], None], pinned: bool, architecture: str = "") -> None:
        self.say, self.pinned, self.architecture = say, pinned, architecture
        self.suites: dict[str, Optional[list[str]]] = {}  # suite -> apt options, or None if the mirror lacks the suite
        self.root: Optional[Path] = None

    def close(self) -> None:
        if self.root:
            shutil.rmtree(self.root, ignore_errors=True)

    def versions(self, package: str, suites: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Yields (suite, full version) in the order of the suites, each index fetched when first needed."""
        for suite in suites:
            options = self._suite(suite)
            if options is None:
                continue
            text = run(["apt-cache", *options, "showsrc", "--only-source", package]).stdout
            for version in re.findall(r"^Version: (\S+)$", text, re.M):
                yield suite, version

    def download(self, package: str, suite: str, version: str, target: Path) -> tuple[str, str]:
        """Downloads the original archive to `target`; returns its name, and its SHA-256 according to the index."""
        options = self._suite(suite)
        if options is None or self.root is None:
            raise OSError(f"Debian {suite} is not available")
        listing = run(["apt-get", *options, "source", "--print-uris", "--tar-only", f"{package}={version}"])
        match = re.search(r"^'(\S+)' (\S+\.orig\.tar\.\w+) \d+ SHA256:(\w{64})", listing.stdout, re.M)
        if not match:
            raise OSError(f"{package} {version} in {suite}: no archive named\n{listing.stderr}")
        uri, name, digest = match.groups()
        part = self.root / name
        # apt's own downloader: it knows the machine's proxy settings.
        got = run(["/usr/lib/apt/apt-helper", *options, "download-file", uri, str(part), f"SHA256:{digest}"])
        if got.returncode != 0 or not part.exists():
            raise OSError(f"{uri}: {got.stderr.strip() or got.stdout.strip()}")
        archives.check(part, digest)
        shutil.move(part, target)
        return name, digest

    def unpack(self, packages: list[str], target: Path) -> None:
        """Unpacks packages of this machine's release for the mirror's architecture; apt checks their hashes."""
        release = os_release().get("VERSION_CODENAME", "")
        suite = next((name for name, aliases in SUITES.items() if release in aliases), "stable")
        options = self._suite(suite)
        if options is None or self.root is None:
            raise OSError(f"Debian {suite} is not available")
        folder = Path(tempfile.mkdtemp(dir=self.root))
        got = subprocess.run(["apt-get", *options, "download", *packages], cwd=folder, text=True, capture_output=True)
        if got.returncode != 0:
            raise OSError(got.stderr.strip())
        target.mkdir(parents=True, exist_ok=True)
        for package in sorted(folder.iterdir()):
            subprocess.run(["dpkg-deb", "-x", package, target], check=True)

    def unpack_source(self, package: str, suites: Iterable[str], target: Path) -> None:
        """Unpacks the original source from the first suite that has it. The folder appears only when it is complete."""
        if target.exists():
            return
        suite, version = next(self.versions(package, suites), ("", ""))
        if not suite:
            raise OSError(f"no source package {package}")
        target.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=target.parent))
        try:
            archive = part / "archive"
            self.download(package, suite, version, archive)
            tree = part / "tree"
            tree.mkdir()
            subprocess.run(["tar", "-xf", archive, "-C", tree, "--strip-components=1"], check=True)
            tree.rename(target)
        finally:
            shutil.rmtree(part, ignore_errors=True)

    def _suite(self, suite: str) -> Optional[list[str]]:
        if suite not in self.suites:
            self.suites[suite] = self._fetch(suite)
        return self.suites[suite]

    def _fetch(self, suite: str) -> Optional[list[str]]:
        if not shutil.which("apt-get"):
            return None
        if not self.root:
            self.root = Path(tempfile.mkdtemp(prefix="ussl-apt-"))
            self.root.chmod(0o755)  # apt downloads as its own user
        why = "no Debian mirror in /etc/apt"
        for uri, keyring in configured():
            for name in SUITES[suite]:
                self.say(f"reading the signed index of {self.architecture or 'sources'} of Debian {name}")
                options = self._state(self.root, uri, keyring, name)
                update = run(["apt-get", *options, "update", "--error-on=any"])
                if update.returncode == 0:
                    return options
                why = next(iter(re.findall(r"^[EW]: .*", update.stderr, re.M)), "apt-get update failed")
        self.say(f"Debian {suite} is not available: {why}")
        return None

    def _state(self, root: Path, uri: str, keyring: Optional[str], suite: str) -> list[str]:
        folder = root / suite
        for sub in ("lists/partial", "cache/archives/partial"):
            (folder / sub).mkdir(parents=True, exist_ok=True)
        (folder / "status").touch()
        if not keyring or not keyring.startswith("/"):
            keyring = KEYRING if os.path.exists(KEYRING) else None
        signed = f"[signed-by={keyring}] " if keyring else ""
        kind = "deb" if self.architecture else "deb-src"
        (folder / "sources.list").write_text(f"{kind} {signed}{uri} {suite} main\n")
        settings: dict[str, object] = {
            "Dir::State": folder, "Dir::State::status": folder / "status", "Dir::State::lists": folder / "lists",
            "Dir::Cache": folder / "cache", "Dir::Etc::sourcelist": folder / "sources.list",
            "Dir::Etc::sourceparts": "/dev/null", "Dir::Etc::preferencesparts": "/dev/null",
            "Acquire::Languages": "none", "Acquire::Retries": 2, "Acquire::http::Timeout": 20,
            "Acquire::AllowInsecureRepositories": "false"}
        if self.architecture:
            settings["APT::Architecture"] = settings["APT::Architectures"] = self.architecture
        for check in ("Acquire::Check-Valid-Until", "Acquire::Check-Date"):
            settings[check] = "false" if self.pinned else "true"
        if os.getuid() == 0:
            settings["APT::Sandbox::User"] = "root"  # the target folders are ours, not apt's
        return [word for key, value in settings.items() for word in ("-o", f"{key}={value}")]


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, text=True, capture_output=True, stdin=subprocess.DEVNULL,
                          env={**os.environ, "LC_ALL": "C"})


def main(architecture: str, target: str, *packages: str) -> None:
    source = architecture == "source"
    mirror = Mirror(lambda text: print(f"debian_mirror: {text}", file=sys.stderr), pinned=source,
                    architecture="" if source else architecture)
    try:
        if source:
            for package in packages:
                mirror.unpack_source(package, SOURCE_SUITES, Path(target) / package)
        else:
            mirror.unpack(list(packages), Path(target))
    except OSError as error:
        raise SystemExit(f"debian_mirror: {error}") from None
    finally:
        mirror.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
