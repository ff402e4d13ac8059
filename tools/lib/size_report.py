"""Builds, links and runs the client of examples/firmware/ and measures its costs: see tools/size-report.

Sizes come from the linker's map: each input section belongs to the layer of its object. Bytes of no object (padding, tables of the
linker) are 'rest', so that the layers add up to the image."""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from arguments import names
from backends import all_backends, facts, with_sources
from marked import rewrite

ROOT = Path(__file__).resolve().parent.parent.parent
BACKENDS = with_sources(all_backends())
FACTS = {name: facts(name) for name in BACKENDS}
# "unverified": `smallest` without the rules on certificates. "16K-records": `smallest` with records of 16 KiB.
# "short": `client` with short buffers, for several connections.
PROFILES = ["psk", "unverified", "smallest", "16K-records", "client", "short", "client13", "both", "full"]
VARIANTS = {"unverified": ["-Dprofile=smallest", "-Dverification=false"], "16K-records": ["-Dprofile=smallest"],
            "short": ["-Dprofile=client", "-Dshort_buffers=true"]}
TARGETS = ["cortex-m0plus", "cortex-m3", "cortex-m4", "cortex-m33", "rv32imac"]
# Code for a Cortex-M0+ runs on the M3's board: QEMU has no M0+ with as much memory.
MACHINES = {"cortex-m0plus": "mps2-an385", "cortex-m3": "mps2-an385", "cortex-m4": "mps2-an386",
            "cortex-m33": "mps2-an505", "rv32imac": "virt"}
# Each target's best known boards and their usual clocks in MHz. The first one represents the target.
BOARDS = {"cortex-m0plus": [("Raspberry Pi Pico", 133)], "cortex-m3": [("STM32F103", 72)],
          "cortex-m4": [("STM32F401", 84), ("nRF52840", 64)], "cortex-m33": [("Raspberry Pi Pico 2", 150)],
          "rv32imac": [("ESP32-C3", 160)]}
LAYERS = ["core", "adapter", "TLS", "X.509", "public key", "symmetric", "hash", "libc", "rest", "program"]
OURS = ["core", "adapter"]
Row = dict[str, Any]  # of one image: target, profile, backend, its figures; "flash" has those by layer
RUN = {"handshake": "handshake", "resumed handshake": "resumed", "sending": "sending", "receiving": "receiving",
       "heap at the peak": "heap_peak", "heap when idle": "heap_idle", "context": "context", "session": "session",
       "stack": "stack", "longest step": "step", "longest step follows": "step_follows", "longest flight": "flight"}
# The record that a step processes: its type and its first byte. For encrypted ones only the type is known.
FOLLOWS = {0: "nothing yet: ClientHello", 0x1602: "ServerHello", 0x160b: "the server's Certificate", 0x160c: "ServerKeyExchange",
           0x160e: "ServerHelloDone: the client's own key exchange", 0x1401: "ChangeCipherSpec"}


def layer_of(path: str, backend: str) -> str:
    # A member of an archive; the linker names a thin archive's member by its own path.
    in_archive = re.search(r"([^/]+\.a)(?:\(|\.p/)([^)]+)", path)
    name, member = in_archive.groups() if in_archive else (os.path.basename(path), "")
    if name == "libussl-core.a":
        return "core"
    if name == f"lib{backend}-adapter.a":
        return "adapter"
    if "library" in name:
        # The object's layer follows from its name; the first pattern that matches decides.
        stem = re.sub(FACTS[backend]["object_prefix"], "", member)
        return next((layer for layer, pattern in FACTS[backend]["object_layers"] if re.match(pattern, stem)), "rest")
    if re.match(r"lib(c|c_nano|g|gcc|nosys|stdc\+\+\S*|supc\+\+\S*|m)\.a$|crt", name):
        return "libc"
    return "program"


def sections(map_file: Path) -> Iterator[tuple[str, int, str]]:
    """Yields (output section, size, object) for each input section in the image."""
    text = map_file.read_text(errors="replace").split("Linker script and memory map")[1]
    # Long names have a line of their own.
    text = re.sub(r"\n (\.?[^\s*]+)\n\s+(0x)", r"\n \1 \2", text)
    output = None
    for line in text.splitlines():
        head = re.match(r"(\.\S+)", line)
        if head:
            output = head.group(1)
        part = re.match(r" (\S+)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)\s+(\S.*)$", line)
        if part and output and int(part.group(3), 16):
            yield output, int(part.group(3), 16), part.group(4)


def source_of(path: str) -> str:
    """The source of one of our objects: 'x509/path.cpp' of '…/libussl-core.a.p/src_x509_path.cpp.o'."""
    name = re.sub(r"\.o\)?$", "", re.split(r"[/(]", path)[-1])
    return name.replace("src_", "", 1).replace("x509_", "x509/", 1)


def sizes_of_files(image: Path, backend: str) -> dict[tuple[str, str], int]:
    """The bytes of flash of each of our source files, by layer and name."""
    found: dict[tuple[str, str], int] = {}
    for output, size, path in sections(image.with_name(image.name + ".map")):
        layer = layer_of(path, backend)
        if layer in OURS and output in (".text", ".data", ".ARM.exidx"):
            key = (layer, source_of(path))
            found[key] = found.get(key, 0) + size
    return found


def files(target: str, profile: str, backends: list[str], changes: Sequence[str]) -> str:
    """A table of our source files, the largest first, and what each takes in the image of each backend."""
    programs = build(target, profile, backends, changes)
    columns = {name: sizes_of_files(programs / f"serial-client-{name}", name) for name in backends}
    keys = sorted({key for sizes in columns.values() for key in sizes},
                  key=lambda key: (key[0] != "core", -max(sizes.get(key, 0) for sizes in columns.values()), key[1]))
    rows: list[Row] = [{"layer": layer, "file": file, **{name: sizes[layer, file] for name, sizes in columns.items()
                                                         if (layer, file) in sizes}} for layer, file in keys]
    rows += [{"layer": layer, "file": "all", **{name: sum(size for key, size in sizes.items() if key[0] == layer)
                                                for name, sizes in columns.items()}} for layer in OURS]
    return f"{target}, {profile}: bytes of flash of each source file\n\n" + \
        table([("layer", "layer"), ("file", "file")] + [(name, name) for name in backends], rows)


def measure_image(image: Path, backend: str, size_tool: str) -> Row:
    flash = dict.fromkeys(LAYERS, 0)
    for output, size, path in sections(image.with_name(image.name + ".map")):
        if output in (".text", ".data", ".ARM.exidx"):
            flash[layer_of(path, backend)] += size
    text, data, bss = (int(part) for part in run([size_tool, str(image)]).splitlines()[1].split()[:3])
    flash["rest"] += text + data - sum(flash.values())
    return {"flash": flash, "image": text + data, "static_ram": data + bss}


def run(command: list[str], **options: Any) -> str:
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, **options)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


def records_of(profile: str) -> int:
    return 16384 if profile == "16K-records" else 2048


def with_cache(directory: Path, target: str) -> list[str]:
    """Options for Meson: the cross compilers through ccache, if there is one. Many builds share most of their objects.
    Each build has a file of its own, as several are configured at once."""
    if not shutil.which("ccache"):
        return []
    text = (ROOT / "cross" / f"{target}.ini").read_text()
    file = directory.with_name(directory.name + "-ccache.ini")
    file.parent.mkdir(exist_ok=True)
    file.write_text("[binaries]\n" + re.sub("= ('.*')", r"= ['ccache', \1]", "".join(re.findall(r"^c(?:pp)? = .*\n", text, re.M))))
    return ["--cross-file", str(file)]


def configure(directory: Path, target: str, backends: list[str], records: int, switches: list[str]) -> None:
    run(["meson", "setup", str(directory), "--cross-file", f"cross/{target}.ini", *with_cache(directory, target),
         "--buildtype=minsize", "-Ddebug=false", "--wrap-mode=forcefallback", f"-Dtls_backend={backends[0]}",
         f"-Dextra_backends={','.join(backends[1:])}", *switches, "-Dtests=false", "-Dfirmware=true", "-Dmalloc=false",
         f"-Drecord_input={records}", f"-Drecord_output={records}"])


def link(directory: Path, backends: list[str], *options: str) -> Path:
    """Links the two programs of each backend; returns their folder."""
    programs = [f"examples/firmware/{kind}-client-{name}" for name in backends for kind in ("serial", "measured")]
    run(["ninja", "-C", str(directory), *options, *programs])
    return directory / "examples" / "firmware"


def build(target: str, profile: str, backends: list[str], changes: Sequence[str]) -> Path:
    directory = ROOT / "build" / "-".join(["size", target, profile, *changes, *backends])
    if not (directory / "build.ninja").exists():
        switches = VARIANTS.get(profile, [f"-Dprofile={profile}"]) + [f"-D{change}" for change in changes]
        configure(directory, target, backends, records_of(profile), switches)
    return link(directory, backends)


def execute(programs: Path, target: str, profile: str, backend: str, has_certificates: bool) -> dict[str, int]:
    """Runs the program; returns the figures that it prints."""
    arguments = ["--records", str(records_of(profile))] + (["--tls1_3"] if profile == "client13" else [])
    credential = "server.pem" if has_certificates else "server.psk"
    out = run([sys.executable, "examples/firmware/run_serial.py", "--machine", MACHINES[target], *arguments,
               str(programs / credential), str(programs / f"measured-client-{backend}")])
    found = dict(re.findall(r"^([a-z ]+) (\d+)$", out, re.M))
    return {key: int(found[label]) for label, key in RUN.items() if label in found}


def steps(results: list[Row]) -> str:
    """The longest calls within a handshake, as a table in Markdown."""
    table = ("| target | profile | backend | handshake, M instr. | longest step | it processes | a whole flight at once |\n"
             "|---|---|---|--:|--:|---|--:|\n")
    for row in results:
        kind = row["step_follows"]
        after = FOLLOWS.get(kind, "an encrypted record" if kind >> 8 == 0x17 else f"record {kind:#06x}")
        table += (f"| {row['target']} | {row['profile']} | {row['backend']} | {row['handshake'] / 1e6:.1f} | "
                  f"{row['step'] / 1e6:.1f} | {after} | {row['flight'] / 1e6:.1f} |\n")
    return table


def measure(options: argparse.Namespace) -> list[Row]:
    results = []
    for target in options.target:
        for profile in options.profile:
            backends = [name for name in options.backend if profile not in FACTS[name].get("lacks_profiles", [])]
            if not backends:
                continue
            programs = build(target, profile, backends, options.changes)
            has_certificates = profile != "psk" and "certificates=false" not in options.changes
            results += [figures(programs, target, profile, backend, has_certificates) for backend in backends]
    return results


def figures(programs: Path, target: str, profile: str, backend: str, has_certificates: bool) -> Row:
    tool = "riscv64-unknown-elf-size" if target == "rv32imac" else "arm-none-eabi-size"
    row: Row = {"target": target, "profile": profile, "backend": backend}
    row.update(measure_image(programs / f"serial-client-{backend}", backend, tool))
    row.update(execute(programs, target, profile, backend, has_certificates))
    row["ours"] = sum(row["flash"][layer] for layer in OURS)
    if "session" in row:
        # A connection's memory at the peak: the caller's, and the library's heap.
        row["connection"] = row["session"] + row["heap_peak"]
    return row


COLUMNS = [("profile", "profile"), ("backend", "backend"), ("image", "flash, image"), ("ours", "of it core + adapter"),
           ("static_ram", "static RAM"), ("session", "session"), ("heap_peak", "heap, peak"),
           ("heap_idle", "heap, idle"), ("connection", "connection, peak"), ("stack", "stack"),
           ("handshake", "handshake, M instr."), ("resumed", "resumed"), ("sending", "16 KiB out"), ("receiving", "16 KiB in")]

MILLIONS = ["handshake", "resumed", "sending", "receiving"]


def cell(row: Row, key: str) -> str:
    value = row.get(key)
    if value is None:
        return "–"
    if key in MILLIONS and not isinstance(value, str):
        return f"{value / 1e6:.{2 if value < 1e7 else 1}f}"
    return str(value)


def table(columns: Sequence[tuple[str, str]], rows: list[Row]) -> str:
    """A table in Markdown that is readable as plain text, too."""
    lines = [[title for _, title in columns]] + [[cell(row, key) for key, _ in columns] for row in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    text = ["| " + " | ".join(part.ljust(width) if i < 2 else part.rjust(width)
                              for i, (part, width) in enumerate(zip(line, widths))) + " |" for line in lines]
    text.insert(1, "|" + "|".join("-" * (w + 1) + ("-" if i < 2 else ":") for i, w in enumerate(widths)) + "|")
    return "\n".join(text) + "\n"


def report(results: list[Row]) -> str:
    text = ""
    for target in dict.fromkeys(row["target"] for row in results):
        rows = [row for row in results if row["target"] == target]
        layers = [("profile", "profile"), ("backend", "backend")] + [(layer, layer) for layer in LAYERS]
        text += f"### {target}\n\n" + table(COLUMNS, rows) + "\n" + times(rows) + "Flash by layer:\n\n"
        text += table(layers, [{**row, **row["flash"]} for row in rows]) + "\n"
    return text


def times(rows: list[Row]) -> str:
    """Seconds on each board of the rows' target, at its usual clock, with one instruction in each cycle."""
    text = ""
    for board, mhz in BOARDS[rows[0]["target"]]:
        columns = COLUMNS[:2] + [(key, title.split(",")[0]) for key, title in COLUMNS if key in MILLIONS]
        in_seconds = [{**row, **{key: f"{row[key] / (mhz * 1e6):.2g}" for key in MILLIONS if row.get(key) is not None}}
                      for row in rows]
        text += f"Seconds, {board} at {mhz} MHz:\n\n" + table(columns, in_seconds) + "\n"
    return text


def key_of(row: Row) -> str:
    return f"{row['target']} {row['profile']} {row['backend']}"


def read_json(path: Path) -> dict[str, Any]:
    """Reads docs/sizes.json or a file from --json: "images", and the parts that tools/size-report --switches adds."""
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def write_json(path: Path, parts: dict[str, Any]) -> None:
    """Writes one line for each row, so that diffs are readable."""
    def lines(part: Any) -> str:
        if isinstance(part, list):
            return "[\n" + ",\n".join(" " + json.dumps(row) for row in part) + "\n]"
        return json.dumps(part)
    path.write_text("{\n" + ",\n".join(f"{json.dumps(name)}: {lines(part)}" for name, part in parts.items()) + "\n}\n")


def difference(results: list[Row], baseline: str) -> str:
    before = {key_of(row): row for row in read_json(Path(baseline))["images"]}
    lines = []
    for row in results:
        old = before.get(key_of(row))
        if old is None:
            lines.append(f"{key_of(row)}: new")
            continue
        pairs = [(layer, old["flash"].get(layer, 0), row["flash"][layer]) for layer in LAYERS]
        pairs += [(title, old[key], row[key]) for key, title in COLUMNS[2:] if key in old and key in row]
        lines += [f"{key_of(row)}: {what} {a} -> {b} ({b - a:+})" for what, a, b in pairs if a != b]
    return "\n".join(lines or ["nothing has changed"]) + "\n"


def check(results: list[Row]) -> bool:
    """Checks every measured figure that has a budget."""
    budgets = json.loads((ROOT / "tools" / "size-budgets.json").read_text())
    passed = failed = 0
    for row in results:
        for what, limit in budgets.get(key_of(row), {}).items():
            value = row["flash"].get(what, row.get(what))
            good = value is not None and value <= limit
            passed, failed = passed + good, failed + (not good)
            if not good:
                print(f"FAIL {key_of(row)}: {what} is {value}, its budget {limit}")
    print(f"{passed} passed, {failed + (passed + failed == 0)} failed")
    return failed == 0 and passed != 0


def charts(results: list[Row], directory: Path) -> list[str]:
    """A stacked bar chart for each target, and a treemap for each backend on the Cortex-M4, as SVG."""
    import matplotlib
    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "ussl"  # the same figures give the same file
    matplotlib.rcParams["svg.fonttype"] = "none"  # text as text: half the size
    from matplotlib import pyplot
    directory.mkdir(parents=True, exist_ok=True)
    colours = dict(zip(LAYERS, ["#1b6ca8", "#5aa9e6", "#d1495b", "#edae49", "#00798c", "#66a182", "#8d6a9f", "#9a9a9a",
                                "#c9c9c9", "#e3e3e3"]))
    written = []

    def save(figure: Any, name: str) -> None:
        figure.savefig(directory / name, format="svg", bbox_inches="tight", metadata={"Date": None})
        pyplot.close(figure)
        written.append(name)

    for target in dict.fromkeys(row["target"] for row in results):
        rows = [row for row in results if row["target"] == target][::-1]
        profiles = [row["profile"] for row in rows]
        figure, axes = pyplot.subplots(figsize=(7.5, 0.8 + 0.34 * len(rows)))
        left = [0] * len(rows)
        names = [f"{row['profile']}, {FACTS[row['backend']]['title']}" for row in rows]
        for layer in LAYERS:
            values = [row["flash"][layer] / 1024 for row in rows]
            axes.barh(names, values, left=left, color=colours[layer], label=layer, height=0.75)
            left = [a + b for a, b in zip(left, values)]
        axes.set_xlabel(f"KB of flash ({target}, -Os)")
        axes.margins(y=0.02)
        axes.legend(ncol=5, loc="lower center", bbox_to_anchor=(0.4, 1), frameon=False, fontsize=9.5)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        save(figure, f"flash-{target}.svg")
        for row in rows:
            if target != "cortex-m4" or row["profile"] != ("both" if "both" in profiles else profiles[0]):
                continue
            figure, axes = pyplot.subplots(figsize=(6, 3.4))
            parts = sorted(((size, layer) for layer, size in row["flash"].items() if size > 0), reverse=True)
            for (x, y, w, h), (size, layer) in zip(tiles([size for size, _ in parts], 0, 0, 6, 3.4), parts):
                axes.add_patch(pyplot.Rectangle((x, y), w, h, facecolor=colours[layer], edgecolor="white"))
                text = f"{size:,}"
                if w > 0.06 + 0.08 * max(len(layer), len(text)) and h > 0.3:  # inches, in which the text has room
                    dark = layer in ("core", "TLS", "public key", "hash")
                    axes.text(x + w / 2, y + h / 2, f"{layer}\n{text}", ha="center", va="center", fontsize=9,
                              color="white" if dark else "black")
            axes.set_xlim(0, 6), axes.set_ylim(0, 3.4), axes.axis("off")
            axes.set_title(f"{FACTS[row['backend']]['title']}, {row['profile']}, {target}: {row['image']:,} bytes of flash",
                           fontsize=10)
            save(figure, f"treemap-{target}-{row['backend']}.svg")
    return written


def tiles(sizes: list[int], x: float, y: float, w: float, h: float) -> list[tuple[float, float, float, float]]:
    """Rectangles with these areas, largest first: halves the rectangle along its longer side, again and again."""
    if len(sizes) == 1:
        return [(x, y, w, h)]
    total, first, at = sum(sizes), sizes[0], 1
    while at < len(sizes) - 1 and first + sizes[at] <= total / 2:
        first += sizes[at]
        at += 1
    share = first / total
    if w >= h:
        return tiles(sizes[:at], x, y, w * share, h) + tiles(sizes[at:], x + w * share, y, w * (1 - share), h)
    return tiles(sizes[:at], x, y, w, h * share) + tiles(sizes[at:], x, y + h * share, w, h * (1 - share))


def aims(results: list[Row]) -> str:
    """A table: `smallest` on the Cortex-M4 against what was aimed at. A missed figure is bold."""
    def found(profile: str, backend: str) -> Row:
        return next(row for row in results if (row["target"], row["profile"], row["backend"]) == ("cortex-m4", profile, backend))

    def line(title: str, aim: str, values: list[float], limits: Sequence[float], form: str) -> str:
        cells = [f"**{value:{form}}**" if value > limit else f"{value:{form}}" for value, limit in zip(values, limits)]
        return f"| {title} | {aim} | " + " | ".join(cells) + " |\n"

    alone = [FACTS[name]["alone"] for name in BACKENDS]
    smallest = [found("smallest", name) for name in BACKENDS]
    unverified = [found("unverified", name)["ours"] for name in BACKENDS]
    million = [each["handshake"] for each in alone]
    return ("| | aim | " + " | ".join(FACTS[name]["title"] for name in BACKENDS) + " |\n|---|--:|" + "--:|" * len(BACKENDS) + "\n"
            + line("flash, ours", "6,144", [row["ours"] for row in smallest], [6144] * len(BACKENDS), ",")
            + line("flash, ours without the rules (`unverified`)", "3,072", unverified, [3072] * len(BACKENDS), ",")
            + line("image without ours", "1.02 of alone", [row["image"] - row["ours"] for row in smallest],
                   [1.02 * each["image"] for each in alone], ",")
            + line("image, the library alone", "–", [each["image"] for each in alone], [each["image"] for each in alone], ",")
            + line("handshake, million instructions, alone", "–", million, million, "")
            + line("handshake, ours", "1.02 of alone", [row["handshake"] / 1e6 for row in smallest],
                   [1.02 * each for each in million], ".3g")
            + line("RAM of a connection", "10,240", [row["connection"] for row in smallest], [10240] * len(BACKENDS), ","))


def document(results: list[Row]) -> None:
    """Writes the documents. Rows that were not measured now stay as they are in docs/sizes.json."""
    docs = ROOT / "docs"
    parts = read_json(docs / "sizes.json")
    known = {key_of(row): row for row in parts["images"]}
    known.update((key_of(row), row) for row in results)
    results = [known[key] for key in (f"{target} {profile} {backend}" for target in TARGETS for profile in PROFILES
                                      for backend in BACKENDS) if key in known]
    pictures = charts(results, docs / "sizes")
    rewrite(docs / "sizes.md", "figures",
            report(results) + "\n".join(f"![{name[:-4]}](sizes/{name})" for name in pictures) + "\n")
    rewrite(docs / "sizes.md", "aims", aims(results))
    short = [column for column in COLUMNS if column[0] in
             ("profile", "backend", "image", "connection", "handshake")]
    rows = [row for row in results if row["target"] == "cortex-m4" and row["profile"] in ("smallest", "client")]
    rewrite(ROOT / "README.md", "figures", table(short, rows))
    write_json(docs / "sizes.json", {**parts, "images": results})


def main() -> int:
    parser = argparse.ArgumentParser(prog="tools/size-report")
    parser.add_argument("--target", type=names(TARGETS), default=["cortex-m4"])
    parser.add_argument("--profile", type=names(PROFILES), default=["unverified", "smallest", "client", "both"])
    parser.add_argument("--backend", type=names(BACKENDS), default=BACKENDS)
    parser.add_argument("--with", dest="changes", type=lambda text: text.split(","), default=[])
    for option in ("--json", "--markdown", "--charts", "--diff"):
        parser.add_argument(option)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--document", action="store_true")
    parser.add_argument("--steps", action="store_true")
    parser.add_argument("--files", action="store_true")
    options = parser.parse_args()
    if options.changes and (options.document or options.check):
        parser.error("--with: budgets and documents are for the profiles as they are")
    results = measure(options)
    print(report(results))
    if options.json:
        write_json(Path(options.json), {"images": results})
    if options.markdown:
        Path(options.markdown).write_text(report(results))
    if options.steps:
        print(steps(results), end="")
    if options.files:
        print("\n".join(files(target, profile, options.backend, options.changes)
                        for target in options.target for profile in options.profile))
    if options.charts:
        charts(results, Path(options.charts))
    if options.document:
        document(results)
    if options.diff:
        print(difference(results, options.diff))
    return 0 if not options.check or check(results) else 1


if __name__ == "__main__":
    sys.exit(main())
