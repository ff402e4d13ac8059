"""Archives: hashes, unpacking all or nothing, and Meson's overlays."""

import hashlib
import json
import os
import shutil
import tarfile
import tempfile
from pathlib import Path
from typing import Any

STATE = ".ussl-source.json"  # in an unpacked tree: names its archive


class HashMismatch(Exception):
    pass


def sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def check(path: Path, expected: str) -> None:
    found = sha256(path)
    if found != expected:
        raise HashMismatch(f"{path}: SHA-256 is {found}, expected {expected}")


def unpack(archive: Path, target: Path, state: dict[str, str]) -> None:
    """Unpacks an archive that has one top folder, as `target`, which appears only when it is complete."""
    work = Path(tempfile.mkdtemp(prefix=".unpack-", dir=target.parent))
    try:
        with tarfile.open(archive) as tar:
            members = tar.getmembers()
            for member in members:
                parts = Path(member.name).parts
                if member.name.startswith("/") or ".." in parts or not (
                        member.isfile() or member.isdir() or member.issym() or member.islnk()):
                    raise ValueError(f"{archive}: will not unpack '{member.name}'")
                # Files belong to the user who unpacks, even if that is root.
                member.uid, member.gid = os.getuid(), os.getgid()
                member.uname = member.gname = ""
            # Newer Pythons also refuse links that lead outside.
            safe: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
            tar.extractall(work, members, **safe)
        tops = list(work.iterdir())
        if len(tops) != 1 or not tops[0].is_dir():
            raise ValueError(f"{archive}: expected one folder at the top")
        (tops[0] / STATE).write_text(json.dumps(state, indent=1) + "\n")
        if target.exists():
            target.rename(work / "replaced")  # goes with the work folder
        tops[0].rename(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def state_of(tree: Path) -> dict[str, str]:
    try:
        return json.loads((tree / STATE).read_text())
    except (OSError, ValueError):
        return {}


def overlay(folder: Path, tree: Path) -> None:
    """Links the files of an overlay folder into an unpacked tree, so that edits take effect at once."""
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        link = tree / file.relative_to(folder)
        link.parent.mkdir(parents=True, exist_ok=True)
        where = os.path.relpath(file, link.parent)
        if link.is_symlink() and os.readlink(link) == where:
            continue
        link.unlink(missing_ok=True)
        link.symlink_to(where)
    # Links to overlay files that no longer exist.
    for link in tree.iterdir():
        if link.is_symlink() and "packagefiles/" in os.readlink(link) and not link.exists():
            link.unlink()
