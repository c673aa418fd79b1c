# needs matplotlib (from PyPI): pip install matplotlib; then: python docs/plot.py docs/soak.csv docs/soak.png
"""Draws what the example `soak` of crates/shard printed: what is written, the space, the memory."""

import csv
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

GREY, BLUE, ORANGE = "#888888", "#1f5fa8", "#d9722b"
STALL_MS = 1000  # What the design calls a stall.
MIB = 1 << 20


def read(path):
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: [float(row[name]) for row in rows] for name in rows[0]}


def mark(axes, data, busy):
    """Grey where nothing was handed in; a red band where a commit took longer than a second."""
    seconds, longest = data["seconds"], data["longest_ms"]
    axes.axvspan(busy, seconds[-1], color="#f1f1f1", zorder=0)
    for before, now, worst in zip(seconds, seconds[1:], longest[1:]):
        if worst >= STALL_MS:
            axes.axvspan(before, now, color="#f3b5b0", zorder=0)


def finish(axes, title, bottom=0):
    axes.set_title(title, loc="left", fontsize=10)
    axes.set_ylim(bottom=bottom)
    axes.grid(axis="y", color="#dddddd", linewidth=0.6)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=8, frameon=False, loc="upper right", ncols=3)


def writes(axes, data):
    pairs = [
        (second, written / handed_in, log / handed_in)
        for second, written, log, handed_in in zip(
            data["seconds"], data["written"], data["log_written"], data["handed_in"]
        )
        if handed_in
    ]
    seconds, written, log = zip(*pairs)
    axes.plot(seconds, written, color=BLUE, label="log and sorted files")
    axes.plot(seconds, log, color=ORANGE, label="log alone")
    axes.set_ylim(top=max(written) * 1.35)
    finish(axes, f"bytes written for each byte handed in, so far: {written[-1]:.1f} at the end")


def space(axes, data):
    store = [size / 1e6 for size in data["store"]]
    live = [size / 1e6 for size in data["live"]]
    axes.plot(data["seconds"], store, color=BLUE, label="store on disk")
    axes.plot(data["seconds"], live, color=ORANGE, label="pages in it")
    axes.set_ylabel("MB", fontsize=9)
    axes.set_ylim(top=max(store) * 1.25)
    finish(axes, f"space: at most {max(store) / max(live):.0f} times the pages, {store[-1] / live[-1]:.1f} at the end")


def memory(axes, data):
    resident = [size / MIB for size in data["rss"]]
    axes.plot(data["seconds"], resident, color=BLUE)
    axes.set_ylabel("MiB", fontsize=9)
    axes.set_xlabel("seconds; grey: nothing is handed in; red: a commit took more than a second", fontsize=9)
    finish(axes, f"resident memory of the process: at most {max(resident):.0f} MiB")


def main(source, target):
    data = read(source)
    total = data["handed_in"][-1]
    busy = next(s for s, bytes_ in zip(data["seconds"], data["handed_in"]) if bytes_ == total)
    figure, panels = plt.subplots(3, 1, figsize=(8, 8), sharex=True, layout="constrained")
    for axes, draw in zip(panels, (writes, space, memory)):
        mark(axes, data, busy)
        draw(axes, data)
    panels[0].set_xlim(0, data["seconds"][-1])
    figure.suptitle(
        f"{total / 1e9:.1f} GB in {data['commits'][-1] / 1e6:.2f} million commits of 1 KB and 4 KiB, in {busy:.0f} s; "
        f"the longest took {max(data['longest_ms']) / 1e3:.2f} s",
        fontsize=10,
    )
    figure.savefig(target, dpi=100)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python docs/plot.py SOAK.csv SOAK.png")
    main(sys.argv[1], sys.argv[2])
